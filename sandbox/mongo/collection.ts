import { ObjectId } from "bson";
import { MongoError } from "./errors.js";
import { Index } from "./indexes.js";
import type { Journal } from "./journal.js";
import { decode, encode, field, idFirst, isArray, refuseStrange } from "./values.js";
import type { Doc } from "./values.js";

/** One stored document: its number, for life, and what it says. */
export interface Found {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly doc: Doc;
}

/** A new document gets an `_id` where it has none. @throws MongoError 53 for a kind MongoDB refuses */
function withId(doc: Doc): Doc {
  const id = field(doc, "_id");
  if (isArray(id)) throw new MongoError(53, "The '_id' value cannot be of type array");
  return idFirst(id === undefined ? new ObjectId() : id, doc);
}

/** Documents as BSON bytes, with their indexes. Every change is one atomic step, and goes to the journal. */
export class Collection {
  readonly records = new Map<number, Uint8Array>();
  indexes: Index[] = [new Index({ v: 2, key: { _id: 1 }, name: "_id_" })];
  private next = 1;

  /** @param id the collection's number in the journal */
  constructor(
    readonly id: number,
    readonly database: string,
    readonly name: string,
    private readonly journal: () => Journal,
  ) {}

  get namespace(): string {
    return `${this.database}.${this.name}`;
  }

  read(id: number): Found | undefined {
    const bytes = this.records.get(id);
    return bytes && { id, bytes, doc: decode(bytes) };
  }

  /**
   * @returns the document with its `_id`
   * @throws MongoError 11000 when a unique index has its key already, 10334 above 16 MB
   */
  insert(given: Doc): Doc {
    refuseStrange(given);
    const doc = withId(given);
    const bytes = encode(doc);
    const keys = this.indexes.map((index) => index.keys(doc));
    this.indexes.forEach((index, i) => index.refuseDuplicates(keys[i]!, doc, 0, this.namespace));
    const id = this.next++;
    this.indexes.forEach((index, i) => index.add(keys[i]!, id));
    this.records.set(id, bytes);
    this.journal().put(this.id, id, bytes);
    return doc;
  }

  /**
   * Replaces what a record says.
   * @returns false when that is what it said before: nothing is written then
   */
  replace(old: Found, doc: Doc): boolean {
    const bytes = encode(doc);
    if (Buffer.compare(bytes, old.bytes) === 0) return false;
    const before = decode(old.bytes);
    const changes = this.indexes.map((index) => ({ index, from: index.keys(before), to: index.keys(doc) }));
    for (const { index, to } of changes) index.refuseDuplicates(to, doc, old.id, this.namespace);
    for (const { index, from, to } of changes) {
      if (from.length === 1 && to.length === 1 && from[0] === to[0]) continue;
      index.delete(from, old.id);
      index.add(to, old.id);
    }
    this.records.set(old.id, bytes);
    this.journal().put(this.id, old.id, bytes);
    return true;
  }

  remove(found: Found): void {
    for (const index of this.indexes) index.delete(index.keys(found.doc), found.id);
    this.records.delete(found.id);
    this.journal().remove(this.id, found.id);
  }

  /** @throws MongoError 11000 when a unique index cannot be built over what is stored; none is added then */
  addIndexes(specs: readonly Doc[]): void {
    const added = specs.map((spec) => new Index(spec));
    this.build(added);
    this.indexes.push(...added);
  }

  /** Takes a record back from the journal; indexes are built when all are there. */
  restore(id: number, bytes: Uint8Array): void {
    this.records.set(id, bytes);
    this.next = Math.max(this.next, id + 1);
  }

  /** Takes a removal back from the journal. */
  forget(id: number): void {
    this.records.delete(id);
    this.next = Math.max(this.next, id + 1);
  }

  /** Fills indexes with what is stored, reading each document once for all of them. */
  build(indexes: readonly Index[]): void {
    const entries = indexes.map((): string[] => []);
    for (const [id, bytes] of this.records) {
      const doc = decode(bytes);
      indexes.forEach((index, i) => index.collect(id, doc, entries[i]!));
    }
    indexes.forEach((index, i) => index.fill(entries[i]!, (id) => this.read(id)!.doc, this.namespace));
  }
}
