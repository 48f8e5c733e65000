import { badValue, MongoError } from "../errors.js";
import { encode } from "../values.js";
import { checkCursor, collectionName, collectionToWrite, commandTable, docsOf, textOf } from "./command.js";
import type { Command } from "./command.js";
import { isAmong, specOf } from "./indexspec.js";

const createIndexes: Command = {
  options: ["indexes"],
  writes: true,
  run(request) {
    const { store } = request.shared;
    const specs = docsOf(request, "indexes").map(specOf);
    if (specs.length === 0) throw badValue("Must specify at least one index to create");
    const collection = collectionToWrite(request);
    const wanted = collection.indexes.map((index) => index.spec);
    for (const spec of specs) if (!isAmong(wanted, spec)) wanted.push(spec);
    const added = wanted.slice(collection.indexes.length);
    if (added.length === 0) return {};
    collection.addIndexes(added);
    store.define(collection);
    return {};
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
    if (left.length === collection.indexes.length)
      throw new MongoError(27, `index not found with name [${name}]`);
    if (name === "_id_") throw new MongoError(72, "cannot drop _id index");
    collection.indexes = left;
    store.define(collection);
    return {};
  },
};

export const DEFINITIONS = commandTable(import.meta.filename, {
  createIndexes,
  listIndexes,
  dropIndexes,
});
