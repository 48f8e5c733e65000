import type { Collection, Found } from "./collection.js";
import { MongoError } from "./errors.js";
import { recordOf } from "./indexes.js";
import { matches } from "./matcher.js";
import type { Hit } from "./matcher.js";
import { choosePlan } from "./planner.js";
import type { IndexScan, Plan, Wanted } from "./planner.js";
import { sortKey } from "./sort.js";

/** What a search read, for `explain`. */
export interface Work {
  keys: number;
  docs: number;
}

export interface Query extends Wanted {
  readonly skip: number;
  /** When to give up, in ms since the epoch; 0: never. */
  readonly deadline: number;
}

/** A document found, and where in its array for the update operator `$`. */
export interface Match extends Found {
  readonly hit: Hit;
}

function* merged(scan: IndexScan, behind: number): Generator<string> {
  const { index, ranges, backwards } = scan;
  const heads = ranges.map(({ from, to, ends }) => {
    const keys = index.entries.scan(from, to, backwards);
    const prefix = behind === 0 ? 0 : (ends[behind - 1] ?? 0);
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
    scans.length > 1 || scans.some((scan) => scan.index.multikey || scan.mergedBehind !== undefined);
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

function* matchesOf(collection: Collection, plan: Plan, query: Query, work: Work): Generator<Match> {
  for (const id of recordsOf(collection, plan, work)) {
    if (query.deadline !== 0 && work.docs % 64 === 0 && Date.now() > query.deadline) {
      throw new MongoError(50, "operation exceeded time limit");
    }
    const found = collection.read(id);
    if (!found) continue;
    work.docs++;
    const hit: Hit = {};
    if (matches(query.filter, found.doc, hit)) yield { ...found, hit };
  }
}

/**
 * Finds documents in the order asked for. Reading on is possible while the collection changes.
 * @param plan as chosen before, where the caller shows it; chosen here otherwise
 * @throws MongoError 50 when the deadline passes
 */
export function* find(
  collection: Collection,
  query: Query,
  work: Work = { keys: 0, docs: 0 },
  plan: Plan = choosePlan(collection, query),
): Generator<Match> {
  let all: Iterable<Match> = matchesOf(collection, plan, query, work);
  const { sort, skip, limit } = query;
  if (sort && !plan.sorted) {
    // Each key is made once, not at each comparison.
    const keyed = Array.from(all, (match) => ({ key: sortKey(match.doc, sort), match }));
    keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    all = (limit === 0 ? keyed : keyed.slice(0, limit)).map(({ match }) => match);
  }
  let passed = 0;
  for (const match of all) {
    passed++;
    if (passed > skip) yield match;
    if (limit !== 0 && passed >= limit) return;
  }
}
