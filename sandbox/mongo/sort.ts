import { badValue, MongoError } from "./errors.js";
import { keysOf, patternOf } from "./indexkeys.js";
import type { Pattern } from "./indexkeys.js";
import { compareKeys } from "./keys.js";
import { toNumber } from "./numbers.js";
import { isNumber, show } from "./values.js";
import type { Doc } from "./values.js";

/** Reads `{ a: 1, b: -1 }`. @throws MongoError 2, 15974 or 15975 for what is no order */
export function parseSort(sort: Doc): Pattern {
  for (const [name, direction] of Object.entries(sort)) {
    if (name === "" || name.startsWith("$"))
      throw badValue("FieldPath field names may not be empty or start with '$'.");
    if (!isNumber(direction))
      throw new MongoError(15974, `Illegal key in $sort specification: ${name}: ${show(direction)}`);
    if (Math.abs(toNumber(direction)) !== 1)
      throw new MongoError(15975, "$sort key ordering must be 1 (for ascending) or -1 (for descending)");
  }
  return patternOf(sort);
}

/** Arrays sort by their least element ascending and their greatest descending, as in an index. */
function sortKey(doc: Doc, pattern: Pattern): string {
  return keysOf(doc, pattern).keys.reduce((least, key) => (key < least ? key : least));
}

/** What has a document, in the order of the documents. */
export function sorted<T>(all: Iterable<T>, pattern: Pattern, docOf: (one: T) => Doc): T[] {
  // Each key is made once, not at each comparison.
  const keyed = Array.from(all, (one) => ({ key: sortKey(docOf(one), pattern), one }));
  return keyed.sort((a, b) => compareKeys(a.key, b.key)).map(({ one }) => one);
}
