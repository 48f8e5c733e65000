import { ObjectId } from "bson";
import { withId } from "./collection.js";
import type { Collection } from "./collection.js";
import { MongoError } from "./errors.js";
import type { Filter } from "./matcher.js";
import type { Match } from "./query.js";
import type { Update } from "./update.js";
import { setAt } from "./updatepath.js";
import { copy, field, isNullish } from "./values.js";
import type { Doc } from "./values.js";

/** Applies an update to a document found. @returns the new document, and whether it differs from the old one */
export function change(
  collection: Collection,
  match: Match,
  update: Update,
): { doc: Doc; modified: boolean } {
  const doc = update.apply(match.doc, { position: match.hit.position, inserting: false });
  return { doc, modified: collection.replace(match, doc) };
}

/** The fields that a filter holds to one value are in the document that an upsert makes. */
function equalities(filter: Filter, into: Doc): void {
  if (filter.type === "and" || (filter.type === "or" && filter.of.length === 1)) {
    for (const one of filter.of) equalities(one, into);
  }
  if (filter.type !== "leaf") return;
  const single = filter.operator === "$in" && Array.isArray(filter.operand) && filter.operand.length === 1;
  if (filter.operator === "$eq") setAt(into, filter.parts, copy(filter.operand));
  else if (single) setAt(into, filter.parts, copy((filter.operand as unknown[])[0]));
}

/** Makes the document that nothing matched (https://www.mongodb.com/docs/manual/reference/method/db.collection.update/). */
export function upsert(collection: Collection, filter: Filter, update: Update): Doc {
  const base: Doc = {};
  equalities(filter, base);
  const id = field(base, "_id");
  const start = update.isReplacement ? (id === undefined ? {} : { _id: id }) : base;
  const made = update.apply(start, { inserting: true });
  if (id !== undefined && isNullish(field(made, "_id"))) {
    throw new MongoError(
      66,
      "After applying the update, the (immutable) field '_id' was found to have been altered",
    );
  }
  return collection.insert(
    withId(field(made, "_id") === undefined ? { _id: new ObjectId(), ...made } : made),
  );
}
