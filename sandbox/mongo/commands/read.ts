import { typeMismatch } from "../errors.js";
import { parseFilter } from "../filter.js";
import { EMPTY, keysOf, patternOf } from "../indexkeys.js";
import { keyOf } from "../keys.js";
import type { Wanted } from "../planner.js";
import { compileProjection } from "../projection.js";
import { find } from "../query.js";
import { encode, field, isArray, isNumber } from "../values.js";
import { Names, Vocabulary } from "../vocabulary.js";
import { collectionName, countOf, docOf, flagOf, sortOf, textOf } from "./command.js";
import type { Command, Request } from "./command.js";

const options = (command: string, names: readonly string[]): Names =>
  new Names(import.meta.filename, `option of ${command}`, names);

const findQuery = (request: Request): Wanted => ({
  filter: parseFilter(docOf(request, "filter") ?? {}),
  sort: sortOf(request),
  limit: countOf(request, "limit", 0),
});

function* projected(request: Request, query: Wanted): Generator<Uint8Array> {
  const collection = request.shared.store.find(request.database, collectionName(request));
  const projection = docOf(request, "projection") ?? {};
  const project = Object.keys(projection).length > 0 ? compileProjection(projection) : undefined;
  if (!collection) return;
  for (const { bytes, doc } of find(collection, query)) yield project ? encode(project(doc)) : bytes;
}

const findCommand: Command = {
  options: options("find", ["filter", "sort", "projection", "limit", "batchSize", "singleBatch"]),
  run(request) {
    const documents = projected(request, findQuery(request));
    const size = countOf(request, "batchSize", 101);
    const namespace = `${request.database}.${collectionName(request)}`;
    return request.shared.cursors.start(namespace, documents, size, flagOf(request, "singleBatch"));
  },
  explain(request) {
    const query = findQuery(request);
    const collection = request.shared.store.find(request.database, collectionName(request));
    return { query, run: (work, plan) => (collection ? find(collection, query, work, plan) : []) };
  },
};

function cursorId(value: unknown): bigint {
  if (!isNumber(value)) throw typeMismatch("A cursor's id is the wrong type, expected type 'long'");
  return BigInt(String(value));
}

const getMore: Command = {
  options: options("getMore", ["collection", "batchSize"]),
  run(request) {
    const namespace = `${request.database}.${textOf(request, "collection")}`;
    const size = countOf(request, "batchSize", 0) || Infinity;
    return request.shared.cursors.next(cursorId(request.body.getMore), namespace, size);
  },
};

const killCursors: Command = {
  options: options("killCursors", ["cursors"]),
  run(request) {
    const namespace = `${request.database}.${collectionName(request)}`;
    const ids = field(request.body, "cursors");
    if (!isArray(ids)) throw typeMismatch("BSON field 'killCursors.cursors' must be an array");
    const cursorsKilled = ids.filter((id) => request.shared.cursors.kill(cursorId(id), namespace));
    const cursorsNotFound = ids.filter((id) => !cursorsKilled.includes(id));
    return { cursorsKilled, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [] };
  },
};

const distinct: Command = {
  options: options("distinct", ["key", "query"]),
  run(request) {
    const pattern = patternOf({ [textOf(request, "key")]: 1 });
    const collection = request.shared.store.find(request.database, collectionName(request));
    const filter = parseFilter(docOf(request, "query") ?? {});
    const distinct = new Map<string, unknown>();
    for (const { doc } of collection ? find(collection, { filter, limit: 0 }) : []) {
      for (const [value] of keysOf(doc, pattern).values) {
        if (value !== undefined && value !== EMPTY) distinct.set(keyOf(value), value);
      }
    }
    return { values: [...distinct.values()] };
  },
};

export const READS = new Vocabulary<Command>(import.meta.filename, "command", {
  find: findCommand,
  getMore,
  killCursors,
  distinct,
});
