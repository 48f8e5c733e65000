import { nameKey } from "../../files/names.js";
import { termsOf } from "../../files/words.js";

/** Texts that begin like this: an anchored pattern of plain signs is one stretch of an index. */
export function beginning(text: string): { $regex: string } {
  return { $regex: `^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}` };
}

/**
 * What names that are searched for have to be.
 * @param ofWord that a name has a word beginning like this
 */
export function namedLike(search: string, ofWord: (beginningOfWord: string) => object): { $and: object[] } {
  const terms = termsOf(search);
  // Without a word in it, such as !!!, it can only be how a name begins.
  return { $and: terms.length === 0 ? [{ nameKey: beginning(nameKey(search)) }] : terms.map(ofWord) };
}
