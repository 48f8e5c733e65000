import type { Collection } from "mongoose";
import { literals } from "./literals.js";

const AT_ONCE = 500;

/**
 * Gives the documents of an older version what lists find them by. Safe to repeat, and beside others.
 * @param of `missing` finds them; `from` names the fields that `facts` are made from; `derived` is a last stage
 */
export async function deriveMissing<Document extends { _id: string }>(
  collection: Collection,
  of: {
    missing: object;
    from: readonly (keyof Document & string)[];
    facts(document: Document): object;
    derived?: { $set: object };
  },
): Promise<void> {
  const documents = collection as unknown as Collection<{ _id: string }>;
  const projection = Object.fromEntries(of.from.map((field) => [field, 1]));
  for (;;) {
    const found = await documents
      .find(of.missing, { projection, limit: AT_ONCE })
      .map((document) => document as Document)
      .toArray();
    if (found.length === 0) return;
    await documents.bulkWrite(
      found.map((document) => ({
        updateOne: {
          // As read: what has just got another name was derived with it.
          filter: { ...document },
          update: [{ $set: literals(of.facts(document)) }, ...(of.derived === undefined ? [] : [of.derived])],
        },
      })),
      { ordered: false },
    );
  }
}
