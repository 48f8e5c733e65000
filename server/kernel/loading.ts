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

/** A slow query holds up those that come after it no longer than this. */
const PATIENCE_MS = 50;

/**
 * Loads things by id, all that are asked for while one query is under way in the next one. A query begins after each
 * call that it answers, so nobody sees anything older than the moment of asking.
 * @param load finds what exists of these ids, in any order
 */
export function together<T extends { id: string }>(
  load: (ids: readonly string[]) => Promise<T[]>,
): (id: string) => Promise<T | undefined> {
  let gathering: { ids: Set<string>; found: Promise<Map<string, T>> } | undefined;
  let before: Promise<unknown> = Promise.resolve();
  const gather = () => {
    const ids = new Set<string>();
    // Requests that arrived together are read one after another: by the next turn all of them have asked.
    const found = before.then(nextTurn).then(async () => {
      gathering = undefined;
      return new Map((await load([...ids])).map((thing) => [thing.id, thing]));
    });
    before = before.then(() => settledOrLate(found));
    return { ids, found };
  };
  return async (id) => {
    gathering ??= gather();
    gathering.ids.add(id);
    return (await gathering.found).get(id);
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function settledOrLate(work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PATIENCE_MS);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    work.then(done, done);
  });
}
