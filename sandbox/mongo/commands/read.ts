import { Int32 } from "bson";
import { countByIndex } from "../counting.js";
import { keysOf } from "../indexkeys.js";
import { parseFilter } from "../filter.js";
import { compileProjection } from "../projection.js";
import { find } from "../query.js";
import type { Query } from "../query.js";
import { encode, field, isNumber, kindOf } from "../values.js";
import type { Doc } from "../values.js";
import { collectionName, countOf, deadlineOf, docOf, flagOf, sortOf } from "./command.js";
import type { Command, Commands, Request } from "./command.js";
import { badValue, MongoError, typeMismatch } from "../errors.js";
import { toNumber } from "../numbers.js";
import { encodeKey } from "../keys.js";

/** The query of a `find` command. */
export function findQuery(request: Request): Query {
  const limit = countOf(request, "limit", 0);
  const skip = countOf(request, "skip", 0);
  return {
    filter: parseFilter(docOf(request, "filter") ?? {}),
    sort: sortOf(request),
    skip,
    limit: limit === 0 ? 0 : limit + skip,
    hint: hintOf(request),
    deadline: deadlineOf(request),
  };
}

export function hintOf(request: Request): unknown {
  const hint = field(request.body, "hint");
  return kindOf(hint) === "object" && Object.keys(hint as Doc).length === 0 ? undefined : hint;
}

function* projected(request: Request, query: Query): Generator<Uint8Array> {
  const { store } = request.shared;
  const collection = store.find(request.database, collectionName(request));
  const projection = docOf(request, "projection");
  const project =
    projection && Object.keys(projection).length > 0 ? compileProjection(projection, "find") : undefined;
  if (!collection) return;
  for (const { bytes, doc } of find(collection, query)) yield project ? encode(project(doc)) : bytes;
}

const findCommand: Command = {
  fields: [
    "filter",
    "sort",
    "projection",
    "skip",
    "limit",
    "batchSize",
    "singleBatch",
    "hint",
    "allowDiskUse",
    "noCursorTimeout",
  ],
  run(request) {
    if (flagOf(request, "noCursorTimeout")) throw badValue("noCursorTimeout is not available");
    const documents = projected(request, findQuery(request));
    const size = countOf(request, "batchSize", 101);
    const namespace = `${request.database}.${collectionName(request)}`;
    return {
      batch: request.shared.cursors.start(namespace, documents, size, flagOf(request, "singleBatch")),
      first: true,
    };
  },
};

function cursorId(value: unknown): bigint {
  if (!isNumber(value))
    throw typeMismatch("BSON field 'getMore.getMore' is the wrong type, expected type 'long'");
  return BigInt(String(value));
}

function namespaceOf(request: Request, name: string): string {
  const collection = field(request.body, name);
  if (typeof collection !== "string")
    throw typeMismatch(`BSON field '${request.name}.${name}' is the wrong type, expected type 'string'`);
  return `${request.database}.${collection}`;
}

const getMore: Command = {
  fields: ["collection", "batchSize"],
  run(request) {
    const size = countOf(request, "batchSize", 0);
    const id = cursorId(request.body.getMore);
    return {
      batch: request.shared.cursors.next(id, namespaceOf(request, "collection"), size || Infinity),
      first: false,
    };
  },
};

const killCursors: Command = {
  fields: ["cursors"],
  run(request) {
    const ids = field(request.body, "cursors");
    if (!Array.isArray(ids))
      throw typeMismatch("BSON field 'killCursors.cursors' is the wrong type, expected type 'array'");
    const namespace = namespaceOf(request, "killCursors");
    const killed = ids.filter((id) => request.shared.cursors.kill(cursorId(id), namespace));
    const missing = ids.filter((id) => !killed.includes(id));
    return { cursorsKilled: killed, cursorsNotFound: missing, cursorsAlive: [], cursorsUnknown: [] };
  },
};

/** The query of `count` and `distinct`. */
export function plainQuery(request: Request): Query {
  const limit = request.body.limit;
  // A negative limit means the same number, as in MongoDB.
  const most = isNumber(limit) ? Math.abs(toNumber(limit)) : 0;
  const skip = countOf(request, "skip", 0);
  return {
    filter: parseFilter(docOf(request, "query") ?? {}),
    skip,
    limit: most === 0 ? 0 : most + skip,
    hint: hintOf(request),
    deadline: deadlineOf(request),
  };
}

const count: Command = {
  fields: ["query", "limit", "skip", "hint"],
  run(request) {
    const collection = request.shared.store.find(request.database, collectionName(request));
    const query = plainQuery(request);
    if (!collection) return { n: 0 };
    const everything =
      query.filter.type === "and" && query.filter.of.length === 0 && query.limit === 0 && query.skip === 0;
    if (everything) return { n: new Int32(collection.records.size) };
    const byIndex = countByIndex(collection, query);
    if (byIndex !== undefined) return { n: new Int32(byIndex) };
    let n = 0;
    for (const each of find(collection, query)) n += each.id > 0 ? 1 : 0;
    return { n: new Int32(n) };
  },
};

const distinct: Command = {
  fields: ["key", "query", "hint"],
  run(request) {
    const key = field(request.body, "key");
    if (typeof key !== "string")
      throw typeMismatch(
        `BSON field 'distinct.key' is the wrong type '${kindOf(key)}', expected type 'string'`,
      );
    if (key === "") throw new MongoError(2, "FieldPath cannot be constructed with empty string");
    const collection = request.shared.store.find(request.database, collectionName(request));
    const query = plainQuery(request);
    const values = new Map<string, unknown>();
    const pattern = { names: [key], paths: [key.split(".")], descending: [false] };
    if (!collection) return { values: [] };
    for (const { doc } of find(collection, query)) {
      for (const value of keysOf(doc, pattern).all) {
        if (value !== undefined) values.set(encodeKey([value], [false]), value);
      }
    }
    return { values: [...values.values()] };
  },
};

export const READS: Commands = { find: findCommand, getMore, killCursors, count, distinct };
