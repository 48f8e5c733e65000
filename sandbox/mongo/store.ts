import { Collection } from "./collection.js";
import { MongoError } from "./errors.js";
import type { Journal } from "./journal.js";
import type { Doc } from "./values.js";

/** All databases: name → collections by name. A database is there as long as it has a collection. */
export class Store {
  private readonly databases = new Map<string, Map<string, Collection>>();
  private next = 1;

  constructor(private readonly journal: () => Journal) {}

  databaseNames(): string[] {
    return [...this.databases.keys()].sort();
  }

  collections(database: string): Collection[] {
    return [...(this.databases.get(database)?.values() ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  *all(): Generator<Collection> {
    for (const database of this.databases.values()) yield* database.values();
  }

  find(database: string, name: string): Collection | undefined {
    return this.databases.get(database)?.get(name);
  }

  /** @throws MongoError 26 when it is not there */
  get(database: string, name: string): Collection {
    const found = this.find(database, name);
    if (!found) throw new MongoError(26, `ns does not exist: ${database}.${name}`);
    return found;
  }

  /** The collection, made now if it is not there. @throws MongoError 73 for a name MongoDB refuses */
  getOrCreate(database: string, name: string): Collection {
    return this.find(database, name) ?? this.create(database, name);
  }

  private create(database: string, name: string): Collection {
    if (/[/\\. "$\0]/.test(database) || database === "" || database.length > 63) {
      throw new MongoError(73, `Invalid database name: '${database}'`);
    }
    if (name === "" || name.includes("\0") || name.includes("$") || /^\.|\.$|^system\./.test(name)) {
      throw new MongoError(73, `Invalid collection name: ${name}`);
    }
    const collection = this.attach(this.next, database, name);
    this.define(collection);
    return collection;
  }

  /** Puts a collection in its place without writing it down: for reading the journal back. */
  attach(id: number, database: string, name: string): Collection {
    const collection = new Collection(id, database, name, this.journal);
    const there = this.databases.get(database) ?? new Map<string, Collection>();
    this.databases.set(database, there.set(name, collection));
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

  drop(collection: Collection): void {
    this.detach(collection);
    this.journal().define(collection.id, { dropped: true });
  }

  detach({ database, name }: Collection): void {
    const there = this.databases.get(database);
    there?.delete(name);
    if (there?.size === 0) this.databases.delete(database);
  }
}
