/** Texts that begin like this: an anchored pattern of plain signs is one stretch of an index. */
export function beginning(text: string): { $regex: string } {
  return { $regex: `^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}` };
}
