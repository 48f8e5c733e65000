import { boundsOf } from "./bounds.js";
import { parseFilter } from "./filter.js";
import { recordOf } from "./indexes.js";
import type { Store } from "./store.js";

/** So that a sweep holds up the commands for milliseconds only; the next one goes on. */
const MOST_AT_ONCE = 2000;

/**
 * Deletes the documents whose date in a TTL index has passed (https://www.mongodb.com/docs/manual/core/index-ttl/).
 * @returns how many were deleted
 */
export function deleteExpired(store: Store, now: number): number {
  let deleted = 0;
  for (const collection of store.all()) {
    for (const index of collection.indexes) {
      if (index.expireAfterSeconds === undefined) continue;
      const path = index.pattern.names[0]!;
      const filter = parseFilter({ [path]: { $lte: new Date(now - index.expireAfterSeconds * 1000) } });
      if (filter.type !== "leaf") continue;
      for (const { from, to } of boundsOf(index, [filter]).ranges) {
        for (const entry of index.entries.scan(from, to)) {
          const found = collection.read(recordOf(entry));
          if (found) collection.remove(found);
          if (found && ++deleted >= MOST_AT_ONCE) return deleted;
        }
      }
    }
  }
  return deleted;
}
