import { Int32, Long } from "bson";
import type { Collection } from "../collection.js";
import { MongoError } from "../errors.js";
import { parseFilter } from "../filter.js";
import { exists, sameKeys, specOf } from "../indexspec.js";
import { toNumber } from "../numbers.js";
import { matches } from "../matcher.js";
import { encode, field, isDoc, isNumber, show } from "../values.js";
import type { Doc } from "../values.js";
import { collectionName, countOf, docOf, docsOf, flagOf, refuseUnknown } from "./command.js";
import type { Command, Commands, Reply, Request } from "./command.js";

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
