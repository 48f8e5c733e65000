import { alternatives, boundsOf, joinRanges } from "./bounds.js";
import type { Bounds, Range } from "./bounds.js";
import type { Collection } from "./collection.js";
import type { Filter, Leaf } from "./matcher.js";
import type { Index } from "./indexes.js";
import type { Pattern } from "./indexkeys.js";
import { equals } from "./keys.js";
import { isArray, isNullish } from "./values.js";

/** A scan of one index. */
export interface IndexScan {
  readonly stage: "IXSCAN";
  readonly index: Index;
  readonly ranges: readonly Range[];
  readonly backwards: boolean;
  /** Do the documents come out in the order asked for? */
  readonly sorted: boolean;
  /** Where it says a number, each range is in order by itself, and they are merged by what follows so many fields. */
  readonly mergedBehind: number | undefined;
}

/** How documents are found; the filter is tested on each one all the same. */
export type Plan =
  | { readonly stage: "COLLSCAN"; readonly sorted: boolean }
  | { readonly stage: "OR"; readonly scans: readonly IndexScan[]; readonly sorted: false }
  | IndexScan;

export interface Wanted {
  readonly filter: Filter;
  readonly sort?: Pattern | undefined;
  /** How many documents are needed at most, those skipped included; 0: all. */
  readonly limit: number;
}

/** As in MongoDB: internalQueryMaxScansToExplode. */
const MOST_MERGED = 200;
/** Those that match may all stand at the end of what is read in order, where a trial of MongoDB's would find none. */
const MISFORTUNE = 0.05;

/** Is every document that satisfies the alternative also in the partial index? */
function implied(partial: Filter, leaves: readonly Leaf[]): boolean {
  if (partial.type === "and") return partial.of.every((one) => implied(one, leaves));
  if (partial.type !== "leaf") return false;
  const admits = (operand: unknown): boolean =>
    !isArray(operand) && !isNullish(operand) && partial.test(operand);
  return leaves.some(({ path, operator, operand }) => {
    if (path !== partial.path) return false;
    if (operator === partial.operator && equals(operand, partial.operand)) return true;
    if (operator === "$eq") return admits(operand);
    if (operator === "$in") return (operand as readonly unknown[]).every(admits);
    return (
      partial.operator === "$exists" && ["$gt", "$gte", "$lt", "$lte"].includes(operator) && admits(operand)
    );
  });
}

/**
 * Does the index give the order, within one combination of values for its first `held` fields?
 * @param fixed how many of those have one value only, so that sorting by them means nothing
 */
function order(
  index: Index,
  sort: Pattern | undefined,
  held: number,
  fixed: number,
): "forwards" | "backwards" | undefined {
  if (!sort) return "forwards";
  const { names, descending } = index.pattern;
  // An array's document stands in several places, and which of them is meant differs with the bounds.
  if (sort.names.some((name) => index.arrays.has(names.indexOf(name)))) return undefined;
  let at = held;
  let reversed: boolean | undefined;
  for (const [i, name] of sort.names.entries()) {
    const place = names.indexOf(name);
    if (place >= 0 && place < fixed) continue;
    if (names[at] !== name) return undefined;
    const turned = descending[at] !== sort.descending[i];
    if (reversed !== undefined && reversed !== turned) return undefined;
    reversed = turned;
    at++;
  }
  return reversed === true ? "backwards" : "forwards";
}

function sharedPrefix(all: readonly Bounds[]): number {
  let length = 0;
  while (all.every(({ fixed }) => length < fixed.length && fixed[length] === all[0]!.fixed[length])) length++;
  return length;
}

function scanOf(
  index: Index,
  all: readonly (readonly Leaf[])[],
  sort: Pattern | undefined,
): IndexScan | undefined {
  const { partial } = index;
  if (partial && !all.every((leaves) => implied(partial, leaves))) return undefined;
  const bounds = all.map((leaves) => boundsOf(index, leaves));
  const bounded = bounds.every((one) => one.bounded > 0);
  const ranges = joinRanges(bounds.flatMap((one) => one.ranges));
  const shared = sharedPrefix(bounds);
  const direct = order(index, sort, shared, shared);
  const scan = { stage: "IXSCAN" as const, index };
  if (direct && (bounded || sort))
    return { ...scan, ranges, backwards: direct === "backwards", sorted: true, mergedBehind: undefined };
  const apart = bounds.flatMap((one) => one.ranges);
  const most = bounded && apart.length <= MOST_MERGED ? Math.min(...bounds.map((one) => one.points)) : 0;
  for (let held = most; held > 0; held--) {
    const merged = order(index, sort, held, shared);
    if (merged)
      return { ...scan, ranges: apart, backwards: merged === "backwards", sorted: true, mergedBehind: held };
  }
  return bounded ? { ...scan, ranges, backwards: false, sorted: false, mergedBehind: undefined } : undefined;
}

const keysIn = ({ ranges, index }: IndexScan): number =>
  ranges.reduce((sum, { from, to }) => sum + index.entries.count(from, to), 0);

/** The cheapest scan of one alternative by itself. */
function bestFor(indexes: readonly Index[], leaves: readonly Leaf[]): IndexScan | undefined {
  const scans = indexes.map((index) => scanOf(index, [leaves], undefined)).filter((one) => one !== undefined);
  return scans.sort((a, b) => keysIn(a) - keysIn(b))[0];
}

/** Of two equally cheap plans the one whose ranges say more. */
const width = (plan: Plan): number =>
  plan.stage === "IXSCAN" ? plan.ranges.reduce((sum, range) => sum + range.from.length, 0) : 0;

/** With an array only one of several conditions bounds a scan: each of them is a way of its own. */
function turnsOf(index: Index, all: readonly (readonly Leaf[])[]): readonly (readonly (readonly Leaf[])[])[] {
  const [leaves, ...more] = all;
  if (leaves === undefined || more.length > 0 || !index.arrays.has(0)) return [all];
  const bounding = leaves.filter(({ path }) => path === index.pattern.names[0]);
  if (bounding.length < 2) return [all];
  return bounding.map((first) => [[first, ...leaves.filter((leaf) => leaf !== first)]]);
}

/** The ways there are, with how many keys each reads. */
function candidatesFor(collection: Collection, { filter, sort }: Wanted): { plan: Plan; keys: number }[] {
  const { indexes } = collection;
  const all = alternatives(filter);
  const ways = indexes.flatMap((index) => turnsOf(index, all).map((one) => scanOf(index, one, sort)));
  const whole = ways.filter((plan) => plan !== undefined);
  const candidates: { plan: Plan; keys: number }[] = whole.map((plan) => ({ plan, keys: keysIn(plan) }));
  const scans = all.length > 1 ? all.map((leaves) => bestFor(indexes, leaves)) : [];
  if (scans.length > 0 && scans.every((scan) => scan !== undefined)) {
    const keys = scans.reduce((sum, scan) => sum + keysIn(scan), 0);
    candidates.push({ plan: { stage: "OR", scans, sorted: false }, keys });
  }
  return candidates;
}

/**
 * Chooses how to find the documents: what reads the fewest keys, a sort that an index gives being worth
 * more the fewer documents are wanted.
 */
export function choosePlan(collection: Collection, wanted: Wanted): Plan {
  const candidates = candidatesFor(collection, wanted);
  const matching = Math.min(collection.records.size, ...candidates.map((one) => one.keys));
  const needed = wanted.limit === 0 ? Infinity : wanted.limit;
  const cost = ({ plan, keys }: { plan: Plan; keys: number }): number => {
    const expected = (needed * keys) / Math.max(1, matching) + keys * MISFORTUNE;
    if (plan.sorted) return Math.min(keys, expected) * 1.1;
    return keys * 1.1 + matching * 0.5;
  };
  const [best] = candidates.sort((a, b) => cost(a) - cost(b) || width(b.plan) - width(a.plan));
  // An index with bounds is taken even where everything lies within them, as MongoDB does.
  return best?.plan ?? { stage: "COLLSCAN", sorted: !wanted.sort };
}
