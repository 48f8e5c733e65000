import { Collection } from "./collection.js";
import { MongoError } from "./errors.js";
import type { Journal } from "./journal.js";
import type { Doc } from "./values.js";

/** All collections of all databases. A database is there as long as it has a collection. */
export class Store {
  private readonly collections = new Map<string, Collection>();
  private next = 1;

  constructor(private readonly journal: () => Journal) {}

  all(): Iterable<Collection> {
    return this.collections.values();
  }

  find(database: string, name: string): Collection | undefined {
    return this.collections.get(`${database}.${name}`);
  }

  /** @throws MongoError 26 when it is not there */
  get(database: string, name: string): Collection {
    const found = this.find(database, name);
    if (!found) throw new MongoError(26, `ns does not exist: ${database}.${name}`);
    return found;
  }

  /** The collection, made now if it is not there. @throws MongoError 73 for a name MongoDB refuses */
  getOrCreate(database: string, name: string): Collection {
    const found = this.find(database, name);
    if (found) return found;
    if (/[\0$]|^\.|\.$|^system\./.test(name)) throw new MongoError(73, `Invalid collection name: ${name}`);
    const collection = this.attach(this.next, database, name);
    this.define(collection);
    return collection;
  }

  /** Puts a collection in its place without writing it down: for reading the journal back. */
  attach(id: number, database: string, name: string): Collection {
    const collection = new Collection(id, database, name, this.journal);
    this.collections.set(collection.namespace, collection);
    this.next = Math.max(this.next, id + 1);
    return collection;
  }

  /** Writes down what a collection is called and which indexes it has. */
  define(collection: Collection): void {
    this.journal().define(collection.id, this.definitionOf(collection));
  }

  definitionOf(collection: Collection): Doc {
    const { database, name, indexes } = collection;
    return { database, name, indexes: indexes.map((index) => index.spec) };
  }
}
