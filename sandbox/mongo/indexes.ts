import { MongoError } from "./errors.js";
import { parseFilter } from "./filter.js";
import { EMPTY, keysOf, meetsArray, patternOf } from "./indexkeys.js";
import type { Pattern } from "./indexkeys.js";
import { matches } from "./matcher.js";
import type { Filter } from "./matcher.js";
import { toNumber } from "./numbers.js";
import { SortedKeys } from "./sortedkeys.js";
import { show } from "./values.js";
import type { Doc } from "./values.js";

const ID_BYTES = 6;

function idSuffix(id: number): string {
  let suffix = "";
  for (let shift = 2 ** 40; shift >= 1; shift /= 256)
    suffix += String.fromCharCode(Math.floor(id / shift) % 256);
  return suffix;
}

/** The record an entry of an index points to: entries end with the record's number. */
export function recordOf(entry: string): number {
  let id = 0;
  for (let i = entry.length - ID_BYTES; i < entry.length; i++) id = id * 256 + entry.charCodeAt(i);
  return id;
}

/** One index of a collection, kept up to date by the collection. */
export class Index {
  readonly entries = new SortedKeys();
  readonly name: string;
  readonly pattern: Pattern;
  readonly unique: boolean;
  readonly partial: Filter | undefined;
  readonly expireAfterSeconds: number | undefined;
  /** Which of its fields arrays were met on the way to. */
  readonly arrays = new Set<number>();

  /** @param spec the index as `listIndexes` shows it */
  constructor(readonly spec: Doc) {
    const { name, key, unique, partialFilterExpression: partial, expireAfterSeconds } = spec;
    this.name = name as string;
    this.pattern = patternOf(key as Doc);
    this.unique = unique === true || this.name === "_id_";
    this.partial = partial === undefined ? undefined : parseFilter(partial as Doc);
    this.expireAfterSeconds = expireAfterSeconds === undefined ? undefined : toNumber(expireAfterSeconds);
  }

  /** The document's keys in this index; none for one it leaves out. */
  keys(doc: Doc): string[] {
    if (this.partial && !matches(this.partial, doc)) return [];
    const { keys, multikey } = keysOf(doc, this.pattern);
    if (multikey && this.arrays.size < this.pattern.paths.length) {
      for (const [i, path] of this.pattern.paths.entries()) if (meetsArray(doc, path)) this.arrays.add(i);
    }
    return keys;
  }

  /** @throws MongoError 11000 when another record than `id` has one of the keys of a unique index */
  refuseDuplicates(keys: readonly string[], doc: Doc, id: number, namespace: string): void {
    if (!this.unique) return;
    for (const key of keys) {
      const there = this.entries.first(key);
      if (there?.startsWith(key) === true && recordOf(there) !== id) throw this.duplicate(doc, namespace);
    }
  }

  private duplicate(doc: Doc, namespace: string): MongoError {
    const [values] = keysOf(doc, this.pattern).values;
    const shown = values!.map((value) => (value === EMPTY ? undefined : (value ?? null)));
    const keyValue = Object.fromEntries(this.pattern.names.map((name, i) => [name, shown[i]]));
    return new MongoError(
      11000,
      `E11000 duplicate key error collection: ${namespace} index: ${this.name} dup key: ${show(keyValue)}`,
      { keyPattern: this.spec.key, keyValue },
    );
  }

  add(keys: readonly string[], id: number): void {
    const suffix = idSuffix(id);
    for (const key of keys) this.entries.add(key + suffix);
  }

  delete(keys: readonly string[], id: number): void {
    const suffix = idSuffix(id);
    for (const key of keys) this.entries.delete(key + suffix);
  }

  /** The document's entries, to be kept until `fill`. */
  collect(id: number, doc: Doc, into: string[]): void {
    const suffix = idSuffix(id);
    for (const key of this.keys(doc)) into.push(key + suffix);
  }

  /**
   * Takes the entries of all documents at once.
   * @param read gives the document of a record, for the message
   * @throws MongoError 11000 where a unique index would hold a key twice
   */
  fill(entries: string[], read: (id: number) => Doc, namespace: string): void {
    this.entries.fill(entries);
    if (!this.unique) return;
    const keyOf = (entry: string): string => entry.slice(0, -ID_BYTES);
    const twice = entries.find((entry, i) => i > 0 && keyOf(entry) === keyOf(entries[i - 1]!));
    if (twice !== undefined) throw this.duplicate(read(recordOf(twice)), namespace);
  }
}
