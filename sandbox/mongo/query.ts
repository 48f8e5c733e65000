import type { Collection, Found } from "./collection.js";
import { recordOf } from "./indexes.js";
import { matches } from "./matcher.js";
import type { Filter } from "./matcher.js";
import { choosePlan } from "./planner.js";
import type { IndexScan, Plan, Wanted } from "./planner.js";
import { sorted } from "./sort.js";

/** What a search read, for `explain`. */
export interface Work {
  keys: number;
  docs: number;
}

function* merged(scan: IndexScan, behind: number): Generator<string> {
  const { index, ranges, backwards } = scan;
  const heads = ranges.map(({ from, to, ends }) => {
    const keys = index.entries.scan(from, to, backwards);
    const prefix = ends[behind - 1]!;
    const head = {
      key: undefined as string | undefined,
      rest: "",
      next(): void {
        head.key = keys.next().value as string | undefined;
        head.rest = head.key?.slice(prefix) ?? "";
      },
    };
    head.next();
    return head;
  });
  for (;;) {
    let best: (typeof heads)[number] | undefined;
    for (const head of heads) {
      if (head.key !== undefined && (!best || head.rest < best.rest !== backwards)) best = head;
    }
    if (best?.key === undefined) return;
    yield best.key;
    best.next();
  }
}

function* entriesOf(scan: IndexScan): Generator<string> {
  if (scan.mergedBehind !== undefined) {
    yield* merged(scan, scan.mergedBehind);
    return;
  }
  const ranges = scan.backwards ? [...scan.ranges].reverse() : scan.ranges;
  for (const { from, to } of ranges) yield* scan.index.entries.scan(from, to, scan.backwards);
}

function* recordsOf(collection: Collection, plan: Plan, work: Work): Generator<number> {
  if (plan.stage === "COLLSCAN") {
    yield* collection.records.keys();
    return;
  }
  const scans = plan.stage === "OR" ? plan.scans : [plan];
  // Ranges that are merged may overlap.
  const several =
    scans.length > 1 || scans.some((scan) => scan.index.arrays.size > 0 || scan.mergedBehind !== undefined);
  const given = several ? new Set<number>() : undefined;
  for (const scan of scans) {
    for (const entry of entriesOf(scan)) {
      work.keys++;
      const id = recordOf(entry);
      if (given?.has(id) === true) continue;
      given?.add(id);
      yield id;
    }
  }
}

function* matchesOf(collection: Collection, plan: Plan, filter: Filter, work: Work): Generator<Found> {
  for (const id of recordsOf(collection, plan, work)) {
    const found = collection.read(id);
    if (!found) continue;
    work.docs++;
    if (matches(filter, found.doc)) yield found;
  }
}

/**
 * Finds documents in the order asked for; none in a collection that is not there. Reading on is possible while the
 * collection changes.
 * @param plan as chosen before, where the caller shows it; chosen here otherwise
 */
export function* find(
  collection: Collection | undefined,
  { filter, sort, limit }: Wanted,
  work: Work = { keys: 0, docs: 0 },
  plan: Plan | undefined = collection && choosePlan(collection, { filter, sort, limit }),
): Generator<Found> {
  if (!collection || !plan) return;
  const all = matchesOf(collection, plan, filter, work);
  let given = 0;
  for (const found of sort && !plan.sorted ? sorted(all, sort, ({ doc }) => doc) : all) {
    yield found;
    if (++given === limit) return;
  }
}
