import { Int32, Long } from "bson";
import type { Collection } from "../collection.js";
import { MongoError, notImplemented, typeMismatch } from "../errors.js";
import { parseFilter } from "../filter.js";
import type { Filter } from "../filter.js";
import { toNumber } from "../numbers.js";
import { matches } from "../matcher.js";
import { encode, equals, field, isDoc, isNumber, kindOf, show } from "../values.js";
import type { Doc } from "../values.js";
import { collectionName, countOf, docOf, docsOf, flagOf, refuseUnknown } from "./command.js";
import type { Command, Commands, Reply, Request } from "./command.js";

const INDEX_FIELDS = [
  "v",
  "key",
  "name",
  "unique",
  "sparse",
  "partialFilterExpression",
  "expireAfterSeconds",
  "background",
];

function keyPattern(key: unknown): Doc {
  if (!isDoc(key) || Object.keys(key).length === 0)
    throw new MongoError(67, "Index keys cannot be an empty object.");
  for (const [name, direction] of Object.entries(key)) {
    if (typeof direction === "string") throw notImplemented(`An index of type '${direction}'`);
    if (!isNumber(direction) || toNumber(direction) === 0 || !Number.isFinite(toNumber(direction))) {
      throw new MongoError(
        67,
        `Values in v:2 index key pattern must be numbers other than 0: ${name}: ${show(direction)}`,
      );
    }
    if (name === "" || name.split(".").some((part) => part === "" || part.startsWith("$"))) {
      throw new MongoError(67, `Index key contains an illegal field name: '${name}'.`);
    }
  }
  return key;
}

const PARTIAL_OPERATORS = ["$eq", "$exists", "$gt", "$gte", "$lt", "$lte", "$type", "$in"];

/** Partial indexes take a few operators only (https://www.mongodb.com/docs/manual/core/index-partial/). */
function checkPartial(filter: Filter, exists: Doc): void {
  if (filter.type === "and" || filter.type === "or")
    return filter.of.forEach((one) => checkPartial(one, exists));
  const allowed = filter.type === "leaf" && PARTIAL_OPERATORS.includes(filter.operator);
  if (!allowed || (filter.operator === "$exists" && filter.test(undefined))) {
    throw new MongoError(67, `unsupported expression in partial index: ${show(exists)}`);
  }
}

function checkExpiry(seconds: unknown, key: Doc): void {
  const number = isNumber(seconds) ? toNumber(seconds) : NaN;
  if (!(number >= 0 && number <= 0x7fff_ffff)) {
    throw new MongoError(
      67,
      `TTL index 'expireAfterSeconds' option must be within an acceptable range: ${show(seconds)}`,
    );
  }
  if (Object.keys(key).length > 1)
    throw new MongoError(67, "TTL indexes are single-field indexes, compound indexes do not support TTL.");
  if ("_id" in key)
    throw new MongoError(67, "The field 'expireAfterSeconds' is not valid for an _id index specification.");
}

/** An index specification as it is kept and listed. @throws MongoError 67, 14 or 197 for one MongoDB refuses */
function specOf(given: Doc): Doc {
  const stranger = Object.keys(given).find((name) => !INDEX_FIELDS.includes(name));
  if (stranger !== undefined)
    throw new MongoError(
      197,
      `The field '${stranger}' is not valid for an index specification. Specification: ${show(given)}`,
    );
  const key = keyPattern(field(given, "key"));
  const { name, unique, sparse, partialFilterExpression, expireAfterSeconds } = given;
  if (typeof name !== "string" || name === "")
    throw typeMismatch(`The field 'name' must be a non-empty string, but got ${kindOf(name)}`);
  if (partialFilterExpression !== undefined) {
    if (!isDoc(partialFilterExpression)) throw typeMismatch("'partialFilterExpression' must be an object");
    if (sparse === true)
      throw new MongoError(67, 'cannot mix "partialFilterExpression" and "sparse" options');
    checkPartial(parseFilter(partialFilterExpression), partialFilterExpression);
  }
  if (expireAfterSeconds !== undefined) checkExpiry(expireAfterSeconds, key);
  const options = Object.entries({ unique, sparse }).filter(
    ([, value]) => value === true || (isNumber(value) && toNumber(value) !== 0),
  );
  return {
    v: new Int32(2),
    key,
    name,
    ...Object.fromEntries(options.map(([option]) => [option, true])),
    ...(partialFilterExpression === undefined ? {} : { partialFilterExpression }),
    ...(expireAfterSeconds === undefined ? {} : { expireAfterSeconds }),
  };
}

const sameKeys = (a: unknown, b: unknown): boolean =>
  equals(a, b) && Object.keys(a as Doc).join() === Object.keys(b as Doc).join();
const sameOptions = (a: Doc, b: Doc): boolean =>
  equals({ ...a, name: 0, v: 0, key: 0 }, { ...b, name: 0, v: 0, key: 0 });

/** True when the very index is there already. @throws MongoError 85 or 86 for one that is nearly the same */
function exists(collection: Collection, spec: Doc): boolean {
  for (const { spec: there } of collection.indexes) {
    const keys = sameKeys(there.key, spec.key);
    const sameFilter = equals(there.partialFilterExpression ?? null, spec.partialFilterExpression ?? null);
    if (there.name === "_id_" && keys) return true;
    if (there.name === spec.name) {
      if (keys && sameOptions(there, spec)) return true;
      throw new MongoError(
        86,
        `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. Requested index: ${show(spec)}, existing index: ${show(there)}`,
      );
    }
    if (keys && sameFilter) {
      if (sameOptions(there, spec))
        throw new MongoError(85, `Index already exists with a different name: ${String(there.name)}`);
      throw new MongoError(
        85,
        `An equivalent index already exists with a different name and options. Requested index: ${show(spec)}, existing index: ${show(there)}`,
      );
    }
  }
  return false;
}

const createIndexes: Command = {
  fields: ["indexes", "commitQuorum"],
  writes: true,
  run(request) {
    const { store } = request.shared;
    const specs = docsOf(request, "indexes").map(specOf);
    if (field(request.body, "commitQuorum") !== undefined)
      throw new MongoError(2, "Standalones can't specify commitQuorum");
    if (specs.length === 0) throw new MongoError(2, "Must specify at least one index to create");
    const createdCollectionAutomatically = !store.find(request.database, collectionName(request));
    const collection = store.getOrCreate(request.database, collectionName(request));
    const numIndexesBefore = new Int32(collection.indexes.length);
    const there = [...collection.indexes];
    try {
      for (const spec of specs) if (!exists(collection, spec)) collection.addIndex(spec);
    } catch (error) {
      collection.indexes = there;
      throw error;
    }
    const numIndexesAfter = new Int32(collection.indexes.length);
    if (collection.indexes.length > there.length) store.define(collection);
    return { numIndexesBefore, numIndexesAfter, createdCollectionAutomatically };
  },
};

function listing(request: Request, collection: string, docs: readonly Doc[]): Reply {
  const cursor = docOf(request, "cursor") ?? {};
  refuseUnknown(cursor, ["batchSize"], `${request.name}.cursor`);
  const size = isNumber(cursor.batchSize) ? toNumber(cursor.batchSize) : Infinity;
  const namespace = `${request.database}.${collection}`;
  return {
    batch: request.shared.cursors.start(
      namespace,
      docs.map((doc) => encode(doc))[Symbol.iterator](),
      size,
      false,
    ),
    first: true,
  };
}

const listIndexes: Command = {
  fields: ["cursor"],
  run(request) {
    const name = collectionName(request);
    const { indexes } = request.shared.store.get(request.database, name);
    return listing(
      request,
      name,
      indexes.map((index) => index.spec),
    );
  },
};

const dropIndexes: Command = {
  fields: ["index"],
  writes: true,
  run(request) {
    const { store } = request.shared;
    const collection = store.get(request.database, collectionName(request));
    const wanted = field(request.body, "index");
    const nIndexesWas = new Int32(collection.indexes.length);
    const chosen = (Array.isArray(wanted) ? wanted : [wanted]).flatMap((one: unknown) => {
      if (one === "*") return collection.indexes.filter((index) => index.name !== "_id_");
      const found = collection.indexes.find(
        (index) => index.name === one || (isDoc(one) && sameKeys(index.spec.key, one)),
      );
      if (!found)
        throw new MongoError(27, `index not found with name [${typeof one === "string" ? one : show(one)}]`);
      if (found.name === "_id_") throw new MongoError(72, "cannot drop _id index");
      return [found];
    });
    collection.indexes = collection.indexes.filter((index) => !chosen.includes(index));
    store.define(collection);
    return { nIndexesWas };
  },
};

const listCollections: Command = {
  fields: ["filter", "nameOnly", "authorizedCollections", "cursor"],
  run(request) {
    const filter = parseFilter(docOf(request, "filter") ?? {});
    const nameOnly = flagOf(request, "nameOnly");
    const docs = request.shared.store.collections(request.database).map(({ name, indexes }): Doc => {
      const rest = { options: {}, info: { readOnly: false }, idIndex: indexes[0]!.spec };
      return { name, type: "collection", ...(nameOnly ? {} : rest) };
    });
    return listing(
      request,
      "$cmd.listCollections",
      docs.filter((doc) => matches(filter, doc)),
    );
  },
};

const listDatabases: Command = {
  fields: ["filter", "nameOnly", "authorizedDatabases"],
  run(request) {
    const { store } = request.shared;
    const nameOnly = flagOf(request, "nameOnly");
    const filter = parseFilter(docOf(request, "filter") ?? {});
    const sizeOf = (collection: Collection): number =>
      [...collection.records.values()].reduce((sum, bytes) => sum + bytes.length, 0);
    const all = store.databaseNames().map((name): Doc => {
      if (nameOnly) return { name };
      const size = store.collections(name).reduce((sum, collection) => sum + sizeOf(collection), 0);
      return { name, sizeOnDisk: Long.fromNumber(size), empty: false };
    });
    const databases = all.filter((doc) => matches(filter, doc));
    const totalSize = databases.reduce(
      (sum, doc) => sum + (isNumber(doc.sizeOnDisk) ? toNumber(doc.sizeOnDisk) : 0),
      0,
    );
    return { databases, ...(nameOnly ? {} : { totalSize: Long.fromNumber(totalSize) }) };
  },
};

const create: Command = {
  fields: [],
  writes: true,
  run(request) {
    const name = collectionName(request);
    if (request.shared.store.find(request.database, name)) return {};
    request.shared.store.getOrCreate(request.database, name);
    return {};
  },
};

const drop: Command = {
  fields: [],
  writes: true,
  run(request) {
    const { store, cursors } = request.shared;
    const collection = store.find(request.database, collectionName(request));
    // Since MongoDB 7.0 dropping what is not there succeeds.
    if (!collection) return {};
    store.drop(collection);
    cursors.forget(collection.namespace);
    return { nIndexesWas: new Int32(collection.indexes.length), ns: collection.namespace };
  },
};

const dropDatabase: Command = {
  fields: [],
  writes: true,
  run(request) {
    if (countOf(request, "dropDatabase", 0) !== 1) throw new MongoError(2, "dropDatabase has to be 1");
    const all = request.shared.store.collections(request.database);
    for (const collection of all) {
      request.shared.store.drop(collection);
      request.shared.cursors.forget(collection.namespace);
    }
    return all.length > 0 ? { dropped: request.database } : {};
  },
};

export const DEFINITIONS: Commands = {
  createIndexes,
  listIndexes,
  dropIndexes,
  listCollections,
  listDatabases,
  create,
  drop,
  dropDatabase,
};
