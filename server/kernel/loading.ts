import DataLoader from "dataloader";
import type { RequestContext } from "./context.js";

/**
 * Loads things by id once for each request, all ids of a list in one query.
 * @param load finds what exists of these ids, in any order
 */
export function perRequest<T extends { id: string }>(
  load: (ids: readonly string[]) => Promise<T[]>,
): (context: RequestContext, id: string) => Promise<T | undefined> {
  const loaders = new WeakMap<RequestContext, DataLoader<string, T | undefined>>();
  return (context, id) => {
    const known = loaders.get(context);
    if (known !== undefined) return known.load(id);
    const made = new DataLoader<string, T | undefined>(async (ids) => {
      const found = new Map((await load(ids)).map((thing) => [thing.id, thing]));
      return ids.map((wanted) => found.get(wanted));
    });
    loaders.set(context, made);
    return made.load(id);
  };
}
