import { Binary, BSONRegExp, deserialize, Int32, Long, ObjectId, serialize } from "bson";
import type { Timestamp } from "bson";
import { MongoError, notImplemented } from "./errors.js";
import { compareNumbers } from "./numbers.js";

/** A document as bson reads it with `promoteValues: false`, so that int, long and double keep their kinds. */
export type Doc = Record<string, unknown>;

export type Kind =
  | "minKey"
  | "undefined"
  | "null"
  | "int"
  | "long"
  | "double"
  | "decimal"
  | "string"
  | "object"
  | "array"
  | "binData"
  | "objectId"
  | "bool"
  | "date"
  | "timestamp"
  | "regex"
  | "javascript"
  | "symbol"
  | "dbPointer"
  | "maxKey";

/** Kind → place in MongoDB's order of types (https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/). */
export const RANK: Readonly<Record<Kind, number>> = {
  minKey: 1,
  undefined: 4,
  null: 5,
  int: 10,
  long: 10,
  double: 10,
  decimal: 10,
  string: 15,
  symbol: 15,
  object: 20,
  array: 25,
  binData: 30,
  objectId: 35,
  bool: 40,
  date: 45,
  timestamp: 47,
  regex: 50,
  dbPointer: 55,
  javascript: 60,
  maxKey: 127,
};

const BSON_KINDS: Readonly<Record<string, Kind>> = {
  MinKey: "minKey",
  Int32: "int",
  Long: "long",
  Double: "double",
  Decimal128: "decimal",
  BSONSymbol: "symbol",
  Binary: "binData",
  ObjectId: "objectId",
  Timestamp: "timestamp",
  BSONRegExp: "regex",
  DBRef: "dbPointer",
  Code: "javascript",
  MaxKey: "maxKey",
};

/** The kind of a value; `undefined` stands for a missing field. Plain numbers are ints where they fit. */
export function kindOf(value: unknown): Kind {
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return "bool";
    case "number":
      return Number.isInteger(value) && (value | 0) === value && !Object.is(value, -0) ? "int" : "double";
    case "bigint":
      return "long";
    case "undefined":
      return "undefined";
    default:
      break;
  }
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (value instanceof Date) return "date";
  const tag = (value as { _bsontype?: unknown })._bsontype;
  // A stored document may itself have a field of that name: only bson's own classes count.
  if (typeof tag === "string" && Object.getPrototypeOf(value) !== Object.prototype)
    return BSON_KINDS[tag] ?? "object";
  return "object";
}

/** `Array.isArray` that does not make elements `any`. */
export const isArray = (value: unknown): value is unknown[] => Array.isArray(value);

export const isDoc = (value: unknown): value is Doc => kindOf(value) === "object";

export const isNumber = (value: unknown): boolean => {
  const kind = kindOf(value);
  return kind === "int" || kind === "double" || kind === "long" || kind === "decimal";
};

export const isNullish = (value: unknown): value is null | undefined => value === null || value === undefined;

/** Reads own fields only, so that a path such as `constructor` is a missing field. */
export const field = (doc: Doc, name: string): unknown => (Object.hasOwn(doc, name) ? doc[name] : undefined);

/** Sets an own field, also one named `__proto__`. */
export function put(doc: Doc, name: string, value: unknown): void {
  if (name === "__proto__") {
    Object.defineProperty(doc, name, { value, writable: true, enumerable: true, configurable: true });
  } else doc[name] = value;
}

const LIMIT = 16 * 1024 * 1024;

/** BSON bytes → a document with typed values. */
export const decode = (bytes: Uint8Array): Doc =>
  deserialize(bytes, { promoteValues: false, bsonRegExp: true, validation: { utf8: false } });

/** A document → BSON bytes. @throws MongoError 10334 above 16 MB */
export function encode(doc: Doc): Uint8Array {
  const bytes = serialize(doc, { ignoreUndefined: true });
  if (bytes.length > LIMIT) {
    throw new MongoError(
      10334,
      `BSONObj size: ${bytes.length} (0x${bytes.length.toString(16).toUpperCase()}) is invalid. ` +
        `Size must be between 0 and ${LIMIT}(16MB)`,
    );
  }
  return bytes;
}

/** A copy that shares no container with the original. */
export function copy<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copy) as T;
  if (!isDoc(value)) return value;
  const to: Doc = {};
  for (const [name, inner] of Object.entries(value)) put(to, name, copy(inner));
  return to as T;
}

const bytesOf = (value: unknown): Uint8Array =>
  value instanceof Binary ? value.buffer.subarray(0, value.position) : (value as ObjectId).id;

/** Code points, which is how UTF-8 bytes compare; UTF-16 units put surrogates in the wrong place. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y)
      return x >= 0xd800 && y >= 0xd800 ? ((x + 0x2000) & 0xffff) - ((y + 0x2000) & 0xffff) : x - y;
  }
  return a.length - b.length;
}

function compareDocs(a: Doc, b: Doc): number {
  const left = Object.entries(a);
  const right = Object.entries(b);
  for (let i = 0; i < left.length && i < right.length; i++) {
    const [nameA, valueA] = left[i]!;
    const [nameB, valueB] = right[i]!;
    const order =
      RANK[kindOf(valueA)] - RANK[kindOf(valueB)] || compareStrings(nameA, nameB) || compare(valueA, valueB);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareArrays(a: readonly unknown[], b: readonly unknown[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const order = compare(a[i], b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareBinary(a: Binary, b: Binary): number {
  return a.position - b.position || a.sub_type - b.sub_type || Buffer.compare(bytesOf(a), bytesOf(b));
}

function compareSameKind(kind: Kind, a: unknown, b: unknown): number {
  switch (kind) {
    case "string":
      return compareStrings(a as string, b as string);
    case "object":
      return compareDocs(a as Doc, b as Doc);
    case "array":
      return compareArrays(a as unknown[], b as unknown[]);
    case "binData":
      return compareBinary(a as Binary, b as Binary);
    case "objectId":
      return Buffer.compare(bytesOf(a), bytesOf(b));
    case "bool":
      return Number(a) - Number(b);
    case "date":
      return (a as Date).getTime() - (b as Date).getTime();
    case "timestamp":
      return (a as Timestamp).compare(b as Timestamp);
    case "regex":
      return (
        compareStrings((a as BSONRegExp).pattern, (b as BSONRegExp).pattern) ||
        compareStrings((a as BSONRegExp).options, (b as BSONRegExp).options)
      );
    case "minKey":
    case "maxKey":
    case "null":
    case "undefined":
      return 0;
    default:
      throw notImplemented(`Comparing values of type ${kind}`);
  }
}

/**
 * MongoDB's order of any two values: type first, numbers by value whatever their kind.
 * @returns below, at or above zero
 */
export function compare(a: unknown, b: unknown): number {
  const kindA = kindOf(a);
  const kindB = kindOf(b);
  const rank = RANK[kindA] - RANK[kindB];
  if (rank !== 0) return rank;
  return RANK[kindA] === RANK.int ? compareNumbers(a, b) : compareSameKind(kindA, a, b);
}

export const equals = (a: unknown, b: unknown): boolean => compare(a, b) === 0;

const quote = (text: string): string => JSON.stringify(text).replaceAll("\\\\", "\\");

/** A value as MongoDB prints it in messages such as `dup key: { email: "a@b" }`. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "[]" : `[ ${value.map(show).join(", ")} ]`;
  if (isDoc(value)) {
    const inner = Object.entries(value).map(([name, v]) => `${name}: ${show(v)}`);
    return inner.length === 0 ? "{}" : `{ ${inner.join(", ")} }`;
  }
  if (typeof value === "string") return quote(value);
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`;
  if (value instanceof Binary) return `BinData(${value.sub_type}, ${value.toString("hex").toUpperCase()})`;
  if (value instanceof BSONRegExp) return `/${value.pattern}/${value.options}`;
  if (value instanceof Int32 || value instanceof Long || isNumber(value)) return String(value);
  return isNullish(value) ? String(value) : typeof value === "boolean" ? String(value) : kindOf(value);
}

/** A path part as an array index, if it is one. */
export const arrayIndex = (part: string): number | undefined =>
  /^(0|[1-9]\d{0,8})$/.test(part) ? Number(part) : undefined;
