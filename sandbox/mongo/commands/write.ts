import { Int32 } from "bson";
import { badValue, MongoError, typeMismatch } from "../errors.js";
import { parseFilter } from "../filter.js";
import { change, upsert } from "../modify.js";
import { toNumber } from "../numbers.js";
import { compileProjection } from "../projection.js";
import { find } from "../query.js";
import type { Query } from "../query.js";
import { parseUpdate } from "../update.js";
import type { Update } from "../update.js";
import { copy, field, isDoc, isNumber, kindOf } from "../values.js";
import type { Doc } from "../values.js";
import { collectionName, deadlineOf, docOf, docsOf, flagOf, refuseUnknown, sortOf } from "./command.js";
import type { Command, Commands, Request } from "./command.js";

const MOST_WRITES = 100_000;

/** The fields of one statement; a document to insert may have any. */
const STATEMENT_FIELDS: Readonly<Record<string, readonly string[]>> = {
  updates: ["q", "u", "multi", "upsert", "arrayFilters", "hint"],
  deletes: ["q", "limit", "hint"],
};

/** Runs the writes of one command; the first that fails ends an ordered one. */
function batch(request: Request, name: string, write: (statement: Doc, index: number) => void): Doc {
  const statements = docsOf(request, name);
  if (statements.length === 0 || statements.length > MOST_WRITES) {
    throw new MongoError(
      21,
      `Write batch sizes must be between 1 and ${MOST_WRITES}. Got ${statements.length} operations.`,
    );
  }
  const known = STATEMENT_FIELDS[name];
  if (known) for (const statement of statements) refuseUnknown(statement, known, `${request.name}.${name}`);
  const ordered = flagOf(request, "ordered", true);
  const writeErrors: Doc[] = [];
  for (const [index, statement] of statements.entries()) {
    try {
      write(statement, index);
    } catch (error) {
      if (!(error instanceof MongoError)) throw error;
      writeErrors.push({
        index: new Int32(index),
        code: new Int32(error.code),
        ...error.details,
        errmsg: error.message,
      });
      if (ordered) break;
    }
  }
  return writeErrors.length === 0 ? {} : { writeErrors };
}

const insert: Command = {
  fields: ["documents", "ordered", "bypassDocumentValidation"],
  writes: true,
  run(request) {
    const collection = request.shared.store.getOrCreate(request.database, collectionName(request));
    let n = 0;
    const errors = batch(request, "documents", (doc) => {
      collection.insert(doc);
      n++;
    });
    return { n: new Int32(n), ...errors };
  },
};

/** The parts of one statement of `update` or `delete` that say which documents are meant. */
export function statementQuery(request: Request, statement: Doc, multi: boolean): Query {
  const filter = field(statement, "q");
  if (!isDoc(filter))
    throw typeMismatch(
      `BSON field '${request.name}.q' is the wrong type '${kindOf(filter)}', expected type 'object'`,
    );
  return {
    filter: parseFilter(filter),
    skip: 0,
    limit: multi ? 0 : 1,
    hint: field(statement, "hint"),
    deadline: deadlineOf(request),
  };
}

function isSet(statement: Doc, name: string): boolean {
  const value = field(statement, name);
  if (value !== undefined && typeof value !== "boolean" && !isNumber(value)) {
    throw typeMismatch(
      `BSON field 'update.updates.${name}' is the wrong type '${kindOf(value)}', expected types '[bool]'`,
    );
  }
  return value === true || (isNumber(value) && toNumber(value) !== 0);
}

const update: Command = {
  fields: ["updates", "ordered", "bypassDocumentValidation"],
  writes: true,
  run(request) {
    const upserted: Doc[] = [];
    let [n, nModified] = [0, 0];
    const errors = batch(request, "updates", (statement, index) => {
      const multi = isSet(statement, "multi");
      const query = statementQuery(request, statement, multi);
      const parsed = parseUpdate(field(statement, "u"), field(statement, "arrayFilters"));
      if (multi && parsed.isReplacement)
        throw new MongoError(9, "multi update is not supported for replacement-style update");
      const inserting = isSet(statement, "upsert");
      const collection = request.shared.store.find(request.database, collectionName(request));
      // All are found before the first is changed, so that none is met twice.
      const matches = collection ? [...find(collection, query)] : [];
      if (matches.length === 0 && inserting) {
        const made = upsert(
          request.shared.store.getOrCreate(request.database, collectionName(request)),
          query.filter,
          parsed,
        );
        upserted.push({ index: new Int32(index), _id: made._id });
        n++;
      }
      for (const match of matches) {
        nModified += change(collection!, match, parsed).modified ? 1 : 0;
        n++;
      }
    });
    return {
      n: new Int32(n),
      nModified: new Int32(nModified),
      ...(upserted.length > 0 ? { upserted } : {}),
      ...errors,
    };
  },
};

const remove: Command = {
  fields: ["deletes", "ordered"],
  writes: true,
  run(request) {
    let n = 0;
    const errors = batch(request, "deletes", (statement) => {
      const limit = field(statement, "limit");
      if (!isNumber(limit) || ![0, 1].includes(toNumber(limit))) {
        throw new MongoError(9, "The limit field in delete objects must be 0 or 1. Got something else");
      }
      const collection = request.shared.store.find(request.database, collectionName(request));
      const query = statementQuery(request, statement, toNumber(limit) === 0);
      if (!collection) return;
      for (const match of [...find(collection, query)]) {
        collection.remove(match);
        n++;
      }
    });
    return { n: new Int32(n), ...errors };
  },
};

/** The query of a `findAndModify` command. */
export function modifyQuery(request: Request): Query {
  return {
    filter: parseFilter(docOf(request, "query") ?? {}),
    sort: sortOf(request),
    skip: 0,
    limit: 1,
    hint: field(request.body, "hint"),
    deadline: deadlineOf(request),
  };
}

function modifyOne(request: Request, parsed: Update, project: (doc: Doc) => Doc): Doc {
  const { store } = request.shared;
  const query = modifyQuery(request);
  const collection = store.find(request.database, collectionName(request));
  const wantsNew = flagOf(request, "new");
  const [match] = collection ? find(collection, query) : [];
  if (match) {
    const before = wantsNew ? undefined : copy(match.doc);
    const { doc } = change(collection!, match, parsed);
    return { lastErrorObject: { n: new Int32(1), updatedExisting: true }, value: project(before ?? doc) };
  }
  if (!flagOf(request, "upsert"))
    return { lastErrorObject: { n: new Int32(0), updatedExisting: false }, value: null };
  const made = upsert(store.getOrCreate(request.database, collectionName(request)), query.filter, parsed);
  const lastErrorObject = { n: new Int32(1), updatedExisting: false, upserted: made._id };
  return { lastErrorObject, value: wantsNew ? project(made) : null };
}

function removeOne(request: Request, project: (doc: Doc) => Doc): Doc {
  if (flagOf(request, "upsert") || flagOf(request, "new"))
    throw new MongoError(9, "Cannot specify both new=true or upsert=true and remove=true");
  const collection = request.shared.store.find(request.database, collectionName(request));
  const [match] = collection ? find(collection, modifyQuery(request)) : [];
  if (!match) return { lastErrorObject: { n: new Int32(0) }, value: null };
  collection!.remove(match);
  return { lastErrorObject: { n: new Int32(1) }, value: project(match.doc) };
}

const findAndModify: Command = {
  fields: [
    "query",
    "sort",
    "remove",
    "update",
    "new",
    "fields",
    "upsert",
    "arrayFilters",
    "hint",
    "bypassDocumentValidation",
  ],
  writes: true,
  run(request) {
    const fields = docOf(request, "fields");
    const project =
      fields && Object.keys(fields).length > 0 ? compileProjection(fields, "find") : (doc: Doc): Doc => doc;
    const spec = field(request.body, "update");
    if (flagOf(request, "remove")) {
      if (spec !== undefined) throw new MongoError(9, "Cannot specify both an update and remove=true");
      return removeOne(request, project);
    }
    if (spec === undefined) throw new MongoError(9, "Either an update or remove=true must be specified");
    if (Array.isArray(spec) && field(request.body, "arrayFilters") !== undefined)
      throw badValue("Cannot specify arrayFilters and a pipeline update");
    return modifyOne(request, parseUpdate(spec, field(request.body, "arrayFilters")), project);
  },
};

export const WRITES: Commands = {
  insert,
  update,
  delete: remove,
  findAndModify,
  findandmodify: findAndModify,
};
