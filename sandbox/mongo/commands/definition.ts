import { Int32 } from "bson";
import { badValue, MongoError } from "../errors.js";
import { exists, specOf } from "../indexspec.js";
import { encode } from "../values.js";
import { Names, Vocabulary } from "../vocabulary.js";
import { collectionName, collectionOf, docOf, docsOf, refuseStrangers, textOf } from "./command.js";
import type { Command } from "./command.js";

const options = (command: string, names: readonly string[]): Names =>
  new Names(import.meta.filename, `option of ${command}`, names);

const createIndexes: Command = {
  options: options("createIndexes", ["indexes"]),
  writes: true,
  run(request) {
    const { store } = request.shared;
    const specs = docsOf(request, "indexes").map(specOf);
    if (specs.length === 0) throw badValue("Must specify at least one index to create");
    const createdCollectionAutomatically = !collectionOf(request);
    const collection = store.getOrCreate(request.database, collectionName(request));
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

const NO_OPTIONS = options("the cursor of listIndexes", []);

const listIndexes: Command = {
  options: options("listIndexes", ["cursor"]),
  run(request) {
    const { indexes, namespace } = request.shared.store.get(request.database, collectionName(request));
    refuseStrangers(docOf(request, "cursor") ?? {}, NO_OPTIONS, "listIndexes.cursor");
    const specs = indexes.map((index) => encode(index.spec)).values();
    return request.shared.cursors.start(namespace, specs, Infinity);
  },
};

const dropIndexes: Command = {
  options: options("dropIndexes", ["index"]),
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

const create: Command = {
  options: options("create", []),
  writes: true,
  run(request) {
    request.shared.store.getOrCreate(request.database, collectionName(request));
    return {};
  },
};

export const DEFINITIONS = new Vocabulary<Command>(import.meta.filename, "command", {
  createIndexes,
  listIndexes,
  dropIndexes,
  create,
});
