import { Int32 } from "bson";
import { MongoError, notImplemented } from "../errors.js";
import { parseFilter } from "../filter.js";
import { patternOf } from "../indexkeys.js";
import { equals } from "../keys.js";
import type { Filter } from "../matcher.js";
import { toNumber } from "../numbers.js";
import { isNumber, show } from "../values.js";
import type { Doc } from "../values.js";
import { Names } from "../vocabulary.js";
import { docOf, flagOf, neededDocOf, textOf } from "./command.js";

const FIELDS = new Names(import.meta.filename, "index option", [
  "key",
  "name",
  "unique",
  "partialFilterExpression",
  "expireAfterSeconds",
]);

const cannotCreate = (message: string): MongoError => new MongoError(67, message);

function checkKey(key: Doc): Doc {
  if (Object.keys(key).length === 0) throw cannotCreate("Index keys cannot be an empty object.");
  for (const [name, direction] of Object.entries(key)) {
    if (typeof direction === "string") throw notImplemented(`An index of type '${direction}'`);
    if (!isNumber(direction) || Math.abs(toNumber(direction)) !== 1)
      throw cannotCreate(`Values in an index key pattern must be 1 or -1: ${name}: ${show(direction)}`);
    if (name.split(".").some((part) => part === "" || part.startsWith("$")))
      throw cannotCreate(`Index key contains an illegal field name: '${name}'.`);
  }
  patternOf(key);
  return key;
}

/** Partial indexes take a few operators only (https://www.mongodb.com/docs/manual/core/index-partial/). */
function isPartialFilter(filter: Filter): boolean {
  if (filter.type === "and") return filter.of.every(isPartialFilter);
  return (
    filter.type === "leaf" &&
    ["$eq", "$exists", "$gt", "$gte", "$lt", "$lte", "$in"].includes(filter.operator)
  );
}

function checkExpiry(seconds: unknown, key: Doc): void {
  const number = isNumber(seconds) ? toNumber(seconds) : NaN;
  if (!(number >= 0 && number <= 0x7fff_ffff))
    throw cannotCreate(`TTL index 'expireAfterSeconds' must be within an acceptable range: ${show(seconds)}`);
  if (Object.keys(key).length > 1 || "_id" in key)
    throw cannotCreate("TTL indexes are single-field indexes, compound and _id indexes do not support TTL.");
}

/** An index specification as it is kept and listed. @throws MongoError 14, 67, 197 or 40414 for one MongoDB refuses */
export function specOf(given: Doc): Doc {
  const stranger = FIELDS.stranger(given);
  if (stranger !== undefined)
    throw new MongoError(
      197,
      `The field '${stranger}' is not valid for an index specification: ${show(given)}`,
    );
  const fields = { name: "createIndexes.indexes", body: given };
  const key = checkKey(neededDocOf(fields, "key"));
  const name = textOf(fields, "name");
  const unique = flagOf(fields, "unique");
  const partial = docOf(fields, "partialFilterExpression");
  if (partial && !isPartialFilter(parseFilter(partial)))
    throw cannotCreate(`unsupported expression in partial index: ${show(partial)}`);
  const { expireAfterSeconds } = given;
  if (expireAfterSeconds !== undefined) checkExpiry(expireAfterSeconds, key);
  return {
    v: new Int32(2),
    key,
    name,
    ...(unique ? { unique } : {}),
    ...(partial ? { partialFilterExpression: partial } : {}),
    ...(expireAfterSeconds === undefined ? {} : { expireAfterSeconds }),
  };
}

/** True when the very index is there already. @throws MongoError 85 or 86 for one that is nearly the same */
export function isAmong(specs: readonly Doc[], spec: Doc): boolean {
  const differ = `Requested index: ${show(spec)}`;
  for (const there of specs) {
    const isSame = equals({ ...there, name: 0 }, { ...spec, name: 0 });
    if (there["name"] === spec["name"]) {
      if (isSame) return true;
      throw new MongoError(86, `An existing index has the same name as the requested index. ${differ}`);
    }
    const hasSameFilter = equals(there["partialFilterExpression"], spec["partialFilterExpression"]);
    if (equals(there["key"], spec["key"]) && hasSameFilter)
      throw new MongoError(85, `Index already exists with a different name or options. ${differ}`);
  }
  return false;
}
