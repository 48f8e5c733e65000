import { Int32 } from "bson";
import { badValue, MongoError } from "../errors.js";
import { encode } from "../values.js";
import { checkCursor, collectionName, collectionOf, collectionToWrite } from "./command.js";
import { commandTable, docsOf, textOf } from "./command.js";
import type { Command } from "./command.js";
import { exists, specOf } from "./indexspec.js";

const createIndexes: Command = {
  options: ["indexes"],
  writes: true,
  run(request) {
    const { store } = request.shared;
    const specs = docsOf(request, "indexes").map(specOf);
    if (specs.length === 0) throw badValue("Must specify at least one index to create");
    const createdCollectionAutomatically = !collectionOf(request);
    const collection = collectionToWrite(request);
    const there = [...collection.indexes];
    try {
      for (const spec of specs) if (!exists(collection, spec)) collection.addIndex(spec);
    } catch (error) {
      collection.indexes = there;
      throw error;
    }
    if (collection.indexes.length > there.length) store.define(collection);
    return {
      numIndexesBefore: new Int32(there.length),
      numIndexesAfter: new Int32(collection.indexes.length),
      createdCollectionAutomatically,
    };
  },
};

const listIndexes: Command = {
  options: ["cursor"],
  run(request) {
    const { indexes, namespace } = request.shared.store.get(request.database, collectionName(request));
    checkCursor(request);
    const specs = indexes.map((index) => encode(index.spec)).values();
    return request.shared.cursors.start(namespace, specs, Infinity);
  },
};

const dropIndexes: Command = {
  options: ["index"],
  writes: true,
  run(request) {
    const { store } = request.shared;
    const collection = store.get(request.database, collectionName(request));
    const name = textOf(request, "index");
    const left = collection.indexes.filter((index) => index.name !== name);
    const nIndexesWas = new Int32(collection.indexes.length);
    if (left.length === collection.indexes.length)
      throw new MongoError(27, `index not found with name [${name}]`);
    if (name === "_id_") throw new MongoError(72, "cannot drop _id index");
    collection.indexes = left;
    store.define(collection);
    return { nIndexesWas };
  },
};

export const DEFINITIONS = commandTable(import.meta.filename, {
  createIndexes,
  listIndexes,
  dropIndexes,
});
