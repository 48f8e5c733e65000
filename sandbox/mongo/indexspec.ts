import { Int32 } from "bson";
import type { Collection } from "./collection.js";
import { MongoError, notImplemented, typeMismatch } from "./errors.js";
import { parseFilter } from "./filter.js";
import type { Filter } from "./matcher.js";
import { toNumber } from "./numbers.js";
import { equals, field, isDoc, isNumber, kindOf, show } from "./values.js";
import type { Doc } from "./values.js";

const INDEX_FIELDS = [
  "v",
  "key",
  "name",
  "unique",
  "sparse",
  "partialFilterExpression",
  "expireAfterSeconds",
  "background",
];

function keyPattern(key: unknown): Doc {
  if (!isDoc(key) || Object.keys(key).length === 0)
    throw new MongoError(67, "Index keys cannot be an empty object.");
  for (const [name, direction] of Object.entries(key)) {
    if (typeof direction === "string") throw notImplemented(`An index of type '${direction}'`);
    if (!isNumber(direction) || toNumber(direction) === 0 || !Number.isFinite(toNumber(direction))) {
      throw new MongoError(
        67,
        `Values in v:2 index key pattern must be numbers other than 0: ${name}: ${show(direction)}`,
      );
    }
    if (name === "" || name.split(".").some((part) => part === "" || part.startsWith("$"))) {
      throw new MongoError(67, `Index key contains an illegal field name: '${name}'.`);
    }
  }
  return key;
}

const PARTIAL_OPERATORS = ["$eq", "$exists", "$gt", "$gte", "$lt", "$lte", "$type", "$in"];

/** Partial indexes take a few operators only (https://www.mongodb.com/docs/manual/core/index-partial/). */
function checkPartial(filter: Filter, exists: Doc): void {
  if (filter.type === "and" || filter.type === "or")
    return filter.of.forEach((one) => checkPartial(one, exists));
  const allowed = filter.type === "leaf" && PARTIAL_OPERATORS.includes(filter.operator);
  if (!allowed || (filter.operator === "$exists" && filter.test(undefined))) {
    throw new MongoError(67, `unsupported expression in partial index: ${show(exists)}`);
  }
}

function checkExpiry(seconds: unknown, key: Doc): void {
  const number = isNumber(seconds) ? toNumber(seconds) : NaN;
  if (!(number >= 0 && number <= 0x7fff_ffff)) {
    throw new MongoError(
      67,
      `TTL index 'expireAfterSeconds' option must be within an acceptable range: ${show(seconds)}`,
    );
  }
  if (Object.keys(key).length > 1)
    throw new MongoError(67, "TTL indexes are single-field indexes, compound indexes do not support TTL.");
  if ("_id" in key)
    throw new MongoError(67, "The field 'expireAfterSeconds' is not valid for an _id index specification.");
}

/** An index specification as it is kept and listed. @throws MongoError 67, 14 or 197 for one MongoDB refuses */
export function specOf(given: Doc): Doc {
  const stranger = Object.keys(given).find((name) => !INDEX_FIELDS.includes(name));
  if (stranger !== undefined)
    throw new MongoError(
      197,
      `The field '${stranger}' is not valid for an index specification. Specification: ${show(given)}`,
    );
  const key = keyPattern(field(given, "key"));
  const { name, unique, sparse, partialFilterExpression, expireAfterSeconds } = given;
  if (typeof name !== "string" || name === "")
    throw typeMismatch(`The field 'name' must be a non-empty string, but got ${kindOf(name)}`);
  if (partialFilterExpression !== undefined) {
    if (!isDoc(partialFilterExpression)) throw typeMismatch("'partialFilterExpression' must be an object");
    if (sparse === true)
      throw new MongoError(67, 'cannot mix "partialFilterExpression" and "sparse" options');
    checkPartial(parseFilter(partialFilterExpression), partialFilterExpression);
  }
  if (expireAfterSeconds !== undefined) checkExpiry(expireAfterSeconds, key);
  const options = Object.entries({ unique, sparse }).filter(
    ([, value]) => value === true || (isNumber(value) && toNumber(value) !== 0),
  );
  return {
    v: new Int32(2),
    key,
    name,
    ...Object.fromEntries(options.map(([option]) => [option, true])),
    ...(partialFilterExpression === undefined ? {} : { partialFilterExpression }),
    ...(expireAfterSeconds === undefined ? {} : { expireAfterSeconds }),
  };
}

/** Are the fields, their order and their directions the same? */
export const sameKeys = (a: unknown, b: unknown): boolean =>
  equals(a, b) && Object.keys(a as Doc).join() === Object.keys(b as Doc).join();
const sameOptions = (a: Doc, b: Doc): boolean =>
  equals({ ...a, name: 0, v: 0, key: 0 }, { ...b, name: 0, v: 0, key: 0 });

/** True when the very index is there already. @throws MongoError 85 or 86 for one that is nearly the same */
export function exists(collection: Collection, spec: Doc): boolean {
  for (const { spec: there } of collection.indexes) {
    const keys = sameKeys(there.key, spec.key);
    const sameFilter = equals(there.partialFilterExpression ?? null, spec.partialFilterExpression ?? null);
    if (there.name === "_id_" && keys) return true;
    if (there.name === spec.name) {
      if (keys && sameOptions(there, spec)) return true;
      throw new MongoError(
        86,
        `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. Requested index: ${show(spec)}, existing index: ${show(there)}`,
      );
    }
    if (keys && sameFilter) {
      if (sameOptions(there, spec))
        throw new MongoError(85, `Index already exists with a different name: ${String(there.name)}`);
      throw new MongoError(
        85,
        `An equivalent index already exists with a different name and options. Requested index: ${show(spec)}, existing index: ${show(there)}`,
      );
    }
  }
  return false;
}
