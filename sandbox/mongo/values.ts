import { deserialize, ObjectId, serialize } from "bson";
import { MongoError, notImplemented } from "./errors.js";

/** A document as bson reads it with `promoteValues: false`, so that int, long and double keep their kinds. */
export type Doc = Record<string, unknown>;

/**
 * The kinds of values that this server knows, and their places in MongoDB's order of types
 * (https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/).
 */
export const RANK = {
  missing: 4,
  null: 5,
  int: 10,
  long: 10,
  double: 10,
  string: 15,
  object: 20,
  array: 25,
  binData: 30,
  objectId: 35,
  bool: 40,
  date: 45,
} as const;

export type Kind = keyof typeof RANK;

const CLASSES: Readonly<Record<string, Kind>> = {
  Int32: "int",
  Long: "long",
  Double: "double",
  Binary: "binData",
  ObjectId: "objectId",
};

/**
 * The kind of a value; `undefined` stands for a missing field. Plain numbers are ints where they fit.
 * @throws MongoError 238 for a kind of BSON that this server does not have
 */
export function kindOf(value: unknown): Kind {
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return "bool";
    case "number":
      return (value | 0) === value && !Object.is(value, -0) ? "int" : "double";
    case "undefined":
      return "missing";
    default:
      break;
  }
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (value instanceof Date) return "date";
  // A stored document may itself have a field named `_bsontype`: only bson's own classes count.
  if (Object.getPrototypeOf(value) === Object.prototype) return "object";
  const tag = String((value as { _bsontype?: unknown })._bsontype);
  const kind = CLASSES[tag];
  if (kind === undefined) throw notImplemented(`A value of type ${tag}`);
  return kind;
}

/** `Array.isArray` that does not make elements `any`. */
export const isArray = (value: unknown): value is unknown[] => Array.isArray(value);

export const isDoc = (value: unknown): value is Doc => kindOf(value) === "object";

export const isNumber = (value: unknown): boolean => RANK[kindOf(value)] === RANK.int;

export const isNullish = (value: unknown): value is null | undefined => value === null || value === undefined;

/** Is it a document of operators, as `{ $gt: 5 }` is? */
export const isOperators = (value: unknown): value is Doc =>
  isDoc(value) && Object.keys(value)[0]?.startsWith("$") === true;

/** Reads own fields only, so that a path such as `constructor` is a missing field. */
export const field = (doc: Doc, name: string): unknown => (Object.hasOwn(doc, name) ? doc[name] : undefined);

/** Sets an own field, also one named `__proto__`. */
export function put(doc: Doc, name: string, value: unknown): void {
  if (name === "__proto__") {
    Object.defineProperty(doc, name, { value, writable: true, enumerable: true, configurable: true });
  } else doc[name] = value;
}

/** The document with this `_id`, in front, where MongoDB keeps it. */
export function idFirst(id: unknown, doc: Doc): Doc {
  if (Object.keys(doc)[0] === "_id" && doc._id === id) return doc;
  const made: Doc = { _id: id };
  for (const [name, value] of Object.entries(doc)) if (name !== "_id") put(made, name, value);
  return made;
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
      `BSONObj size: ${bytes.length} is invalid. Size must be between 0 and ${LIMIT}(16MB)`,
    );
  }
  return bytes;
}

/** @throws MongoError 238 where a value of a kind that this server does not have is in it */
export function refuseStrange(value: unknown): void {
  if (isArray(value)) value.forEach(refuseStrange);
  else if (isDoc(value)) Object.values(value).forEach(refuseStrange);
}

/** A copy that shares no container with the original. @throws MongoError 238 for a kind of value that no document may have */
export function copy<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copy) as T;
  if (!isDoc(value)) return value;
  const to: Doc = {};
  for (const [name, inner] of Object.entries(value)) put(to, name, copy(inner));
  return to as T;
}

/** A value as MongoDB prints it in messages such as `dup key: { email: "a@b" }`. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "[]" : `[ ${value.map(show).join(", ")} ]`;
  if (isDoc(value)) {
    const inner = Object.entries(value).map(([name, one]) => `${name}: ${show(one)}`);
    return inner.length === 0 ? "{}" : `{ ${inner.join(", ")} }`;
  }
  if (typeof value === "string") return JSON.stringify(value).replaceAll("\\\\", "\\");
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`;
  return String(value);
}

/** A path part as an array index, if it is one. */
export const arrayIndex = (part: string): number | undefined =>
  /^(0|[1-9]\d{0,8})$/.test(part) ? Number(part) : undefined;
