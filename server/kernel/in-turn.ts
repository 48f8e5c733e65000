import pLimit from "p-limit";
import { unavailable } from "./errors.js";

/**
 * Lets so many do something at once, and so many more wait for it; first come, first served.
 * @param busy what those are told who come when as many wait already: AppError UNAVAILABLE
 */
export function inTurn(
  { atOnce, waiting }: { atOnce: number; waiting: number },
  busy: string,
): <T>(work: () => Promise<T>) => Promise<T> {
  const limit = pLimit(atOnce);
  return async (work) => {
    if (limit.pendingCount >= waiting) throw unavailable(busy);
    return limit(work);
  };
}
