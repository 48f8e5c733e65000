import { Int32 } from "bson";
import { failedToParse, MongoError } from "../errors.js";
import { parseFilter } from "../filter.js";
import { find } from "../query.js";
import { parseUpdate } from "../update.js";
import { upsert } from "../upsert.js";
import { copy, field } from "../values.js";
import type { Doc } from "../values.js";
import { Names } from "../vocabulary.js";
import {
  collectionOf,
  collectionToWrite,
  commandTable,
  countOf,
  docOf,
  docsOf,
  flagOf,
  neededDocOf,
  refuseStrangers,
  sortOf,
} from "./command.js";
import type { Command, Fields, Request } from "./command.js";

const MOST_WRITES = 100_000;

/**
 * Runs the writes of one command; the first that fails ends an ordered one.
 * @param known the fields of a statement; a document to insert may have any
 */
function batch(
  request: Request,
  list: string,
  known: Names | undefined,
  write: (statement: Fields, index: number) => void,
): Doc {
  const statements = docsOf(request, list);
  const { length } = statements;
  if (length === 0 || length > MOST_WRITES)
    throw new MongoError(
      21,
      `Write batch sizes must be between 1 and ${MOST_WRITES}. Got ${length} operations.`,
    );
  const name = `${request.name}.${list}`;
  if (known) for (const statement of statements) refuseStrangers(statement, known, name);
  const ordered = flagOf(request, "ordered", true);
  const writeErrors: Doc[] = [];
  for (const [index, body] of statements.entries()) {
    try {
      write({ name, body }, index);
    } catch (error) {
      if (!(error instanceof MongoError)) throw error;
      const { code, details, message: errmsg } = error;
      writeErrors.push({ index: new Int32(index), code: new Int32(code), ...details, errmsg });
      if (ordered) break;
    }
  }
  return writeErrors.length === 0 ? {} : { writeErrors };
}

const insert: Command = {
  options: ["documents", "ordered"],
  writes: true,
  run(request) {
    const collection = collectionToWrite(request);
    let n = 0;
    const errors = batch(request, "documents", undefined, ({ body }) => {
      collection.insert(body);
      n++;
    });
    return { n: new Int32(n), ...errors };
  },
};

const UPDATE_FIELDS = new Names(import.meta.filename, "field of updates", ["q", "u", "multi", "upsert"]);

const update: Command = {
  options: ["updates", "ordered"],
  writes: true,
  run(request) {
    const upserted: Doc[] = [];
    let [n, nModified] = [0, 0];
    const errors = batch(request, "updates", UPDATE_FIELDS, (statement, index) => {
      const [multi, inserting] = [flagOf(statement, "multi"), flagOf(statement, "upsert")];
      const filter = parseFilter(neededDocOf(statement, "q"));
      const parsed = parseUpdate(field(statement.body, "u"));
      const collection = collectionOf(request);
      // All are found before the first is changed, so that none is met twice.
      const found = [...find(collection, { filter, limit: multi ? 0 : 1 })];
      if (found.length === 0 && inserting) {
        const made = upsert(collectionToWrite(request), filter, parsed);
        upserted.push({ index: new Int32(index), _id: made._id });
        n++;
      }
      for (const match of found) {
        if (collection!.replace(match, parsed(match.doc, false))) nModified++;
        n++;
      }
    });
    const made = upserted.length > 0 ? { upserted } : {};
    return { n: new Int32(n), nModified: new Int32(nModified), ...made, ...errors };
  },
};

const DELETE_FIELDS = new Names(import.meta.filename, "field of deletes", ["q", "limit"]);

const remove: Command = {
  options: ["deletes", "ordered"],
  writes: true,
  run(request) {
    let n = 0;
    const errors = batch(request, "deletes", DELETE_FIELDS, (statement) => {
      const limit = countOf(statement, "limit", NaN);
      if (limit !== 0 && limit !== 1)
        throw failedToParse("The limit field in delete objects must be 0 or 1. Got something else");
      const filter = parseFilter(neededDocOf(statement, "q"));
      const collection = collectionOf(request);
      for (const match of [...find(collection, { filter, limit })]) {
        collection!.remove(match);
        n++;
      }
    });
    return { n: new Int32(n), ...errors };
  },
};

/** The answer of `findAndModify`: what was done, and the document before or after it. */
const modified = (value: unknown, n: number, more: Doc = {}): Doc => ({
  lastErrorObject: { n: new Int32(n), ...more },
  value,
});

const findAndModify: Command = {
  options: ["query", "sort", "remove", "update", "new", "upsert"],
  writes: true,
  run(request) {
    const spec = field(request.body, "update");
    const removing = flagOf(request, "remove");
    if (removing === (spec !== undefined))
      throw failedToParse("Either an update or remove=true must be specified, and not both");
    const [wantsNew, inserting] = [flagOf(request, "new"), flagOf(request, "upsert")];
    if (removing && (wantsNew || inserting))
      throw failedToParse("Cannot specify both new=true or upsert=true and remove=true");
    const filter = parseFilter(docOf(request, "query") ?? {});
    const parsed = removing ? undefined : parseUpdate(spec);
    const collection = collectionOf(request);
    const [match] = find(collection, { filter, sort: sortOf(request), limit: 1 });
    if (!parsed) {
      if (!match) return modified(null, 0);
      collection!.remove(match);
      return modified(match.doc, 1);
    }
    if (match) {
      const before = wantsNew ? undefined : copy(match.doc);
      const doc = parsed(match.doc, false);
      collection!.replace(match, doc);
      return modified(before ?? doc, 1, { updatedExisting: true });
    }
    if (!inserting) return modified(null, 0, { updatedExisting: false });
    const made = upsert(collectionToWrite(request), filter, parsed);
    return modified(wantsNew ? made : null, 1, { updatedExisting: false, upserted: made._id });
  },
};

export const WRITES = commandTable(import.meta.filename, {
  insert,
  update,
  delete: remove,
  findAndModify,
});
