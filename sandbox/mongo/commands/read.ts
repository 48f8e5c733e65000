import { typeMismatch } from "../errors.js";
import { parseFilter } from "../filter.js";
import { EMPTY, keysOf, patternOf } from "../indexkeys.js";
import { keyOf } from "../keys.js";
import type { Wanted } from "../planner.js";
import { compileProjection } from "../projection.js";
import { find } from "../query.js";
import { encode, field, isArray, isNumber } from "../values.js";
import {
  collectionOf,
  commandTable,
  countOf,
  docOf,
  flagOf,
  namespaceOf,
  sortOf,
  textOf,
} from "./command.js";
import type { Command, Request } from "./command.js";

const findQuery = (request: Request): Wanted => ({
  filter: parseFilter(docOf(request, "filter") ?? {}),
  sort: sortOf(request),
  limit: countOf(request, "limit", 0),
});

function* projected(request: Request, query: Wanted): Generator<Uint8Array> {
  const projection = docOf(request, "projection") ?? {};
  const project = Object.keys(projection).length > 0 ? compileProjection(projection) : undefined;
  for (const { bytes, doc } of find(collectionOf(request), query))
    yield project ? encode(project(doc)) : bytes;
}

const findCommand: Command = {
  options: ["filter", "sort", "projection", "limit", "batchSize", "singleBatch"],
  run(request) {
    const documents = projected(request, findQuery(request));
    const size = countOf(request, "batchSize", 101);
    const single = flagOf(request, "singleBatch");
    return request.shared.cursors.start(namespaceOf(request), documents, size, single);
  },
  explain(request) {
    const query = findQuery(request);
    return { query, run: (work, plan) => find(collectionOf(request), query, work, plan) };
  },
};

function cursorId(value: unknown): bigint {
  if (!isNumber(value)) throw typeMismatch("A cursor's id is the wrong type, expected type 'long'");
  return BigInt(String(value));
}

const getMore: Command = {
  options: ["collection", "batchSize"],
  run(request) {
    const namespace = `${request.database}.${textOf(request, "collection")}`;
    const size = countOf(request, "batchSize", 0) || Infinity;
    return request.shared.cursors.next(cursorId(request.body.getMore), namespace, size);
  },
};

const killCursors: Command = {
  options: ["cursors"],
  run(request) {
    const namespace = namespaceOf(request);
    const ids = field(request.body, "cursors");
    if (!isArray(ids)) throw typeMismatch("BSON field 'killCursors.cursors' must be an array");
    const cursorsKilled = ids.filter((id) => request.shared.cursors.kill(cursorId(id), namespace));
    const cursorsNotFound = ids.filter((id) => !cursorsKilled.includes(id));
    return { cursorsKilled, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [] };
  },
};

const distinct: Command = {
  options: ["key", "query"],
  run(request) {
    const pattern = patternOf({ [textOf(request, "key")]: 1 });
    const filter = parseFilter(docOf(request, "query") ?? {});
    const distinct = new Map<string, unknown>();
    for (const { doc } of find(collectionOf(request), { filter, limit: 0 })) {
      for (const [value] of keysOf(doc, pattern).values) {
        if (value !== undefined && value !== EMPTY) distinct.set(keyOf(value), value);
      }
    }
    return { values: [...distinct.values()] };
  },
};

export const READS = commandTable(import.meta.filename, {
  find: findCommand,
  getMore,
  killCursors,
  distinct,
});
