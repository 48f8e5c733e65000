import { badValue, MongoError, typeMismatch } from "./errors.js";
import { keysOf } from "./indexkeys.js";
import type { Pattern } from "./indexkeys.js";
import { toNumber } from "./numbers.js";
import { isNumber } from "./values.js";
import type { Doc } from "./values.js";

/** Reads `{ a: 1, b: -1 }`. @throws MongoError 2 or 15974-15976 for other directions, 14 for `$meta` */
export function parseSort(sort: Doc): Pattern {
  const names = Object.keys(sort);
  const descending = names.map((name) => {
    const direction = sort[name];
    if (!isNumber(direction))
      throw new MongoError(
        15974,
        `Illegal key in $sort specification: ${name}: ${JSON.stringify(direction)}`,
      );
    const sign = toNumber(direction);
    if (sign !== 1 && sign !== -1)
      throw new MongoError(15975, "$sort key ordering must be 1 (for ascending) or -1 (for descending)");
    return sign < 0;
  });
  if (names.some((name) => name === "" || name.startsWith("$")))
    throw badValue("FieldPath field names may not be empty or start with '$'.");
  if (names.length > 32) throw typeMismatch("too many fields in a sort pattern");
  return { names, descending, paths: names.map((name) => name.split(".")) };
}

/** Arrays sort by their least element ascending and their greatest descending, as in an index. */
export function sortKey(doc: Doc, pattern: Pattern): string {
  const { keys } = keysOf(doc, pattern);
  return keys.reduce((least, key) => (key < least ? key : least));
}

/** A comparison of documents for `Array.prototype.sort`. */
export const byPattern =
  (pattern: Pattern) =>
  (a: Doc, b: Doc): number => {
    const keyA = sortKey(a, pattern);
    const keyB = sortKey(b, pattern);
    return keyA < keyB ? -1 : keyA > keyB ? 1 : 0;
  };
