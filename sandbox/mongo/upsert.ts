import type { Collection } from "./collection.js";
import type { Filter } from "./matcher.js";
import type { Update } from "./update.js";
import { setAt } from "./updatepath.js";
import { copy } from "./values.js";
import type { Doc } from "./values.js";

/** The fields that a filter holds to one value are in the document that an upsert makes. */
function equalities(filter: Filter, into: Doc): void {
  if (filter.type === "and") for (const one of filter.of) equalities(one, into);
  if (filter.type === "leaf" && filter.operator === "$eq") setAt(into, filter.parts, copy(filter.operand));
}

/**
 * Makes the document that nothing matched
 * (https://www.mongodb.com/docs/manual/reference/method/db.collection.update/#upsert-behavior).
 */
export function upsert(collection: Collection, filter: Filter, update: Update): Doc {
  const base: Doc = {};
  equalities(filter, base);
  return collection.insert(update(base, true));
}
