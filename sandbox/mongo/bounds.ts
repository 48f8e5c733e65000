import type { Filter, Leaf } from "./matcher.js";
import type { Index } from "./indexes.js";
import { compareKeys, invert, keyOf, successor } from "./keys.js";
import { toNumber } from "./numbers.js";
import { isArray, isNumber, kindOf, RANK } from "./values.js";

/** Keys from `low` up to but not including `high`; `point`: those of one value, whose key is `low`. */
interface Interval {
  readonly low: string;
  readonly high: string;
  readonly point?: boolean;
}

/** A stretch of an index. */
export interface Range {
  readonly from: string;
  readonly to: string;
  /** For each leading field with one value in it: where that ends in every key of the stretch. */
  readonly ends: readonly number[];
}

/** What an index can do for one alternative of a filter. */
export interface Bounds {
  readonly ranges: readonly Range[];
  /** The key of each leading field that is held to one value. */
  readonly fixed: readonly string[];
  /** How many leading fields are held to single values, one or several. */
  readonly points: number;
  /** How many leading fields are held to anything at all. */
  readonly bounded: number;
}

const MOST_RANGES = 1000;

function pointAt(value: unknown): Interval {
  const key = keyOf(value);
  return { low: key, high: successor(key), point: true };
}

/** Where the values of a type begin. */
const startOf = (rank: number): string => String.fromCharCode(rank);

/** Missing counts as null in an index, and an empty array sorts just before it. */
const nulls = (multikey: boolean): Interval =>
  multikey ? { low: startOf(RANK.missing), high: successor(keyOf(null)) } : pointAt(null);

/** What an anchored pattern asks every text to begin with: escaped signs and those that mean nothing else. */
const BEGINNING = /^\^((?:\\[^\p{L}\p{N}]|[^\\.*+?^${}()|[\]])+)(?![*?{])/u;

/** Does a pattern ask for a beginning and for nothing else? */
export function isBeginning(pattern: string): boolean {
  return !pattern.includes("|") && BEGINNING.exec(pattern)?.[0] === pattern;
}

/** The texts that begin as an anchored pattern does. */
function beginnings(pattern: string): Interval[] | undefined {
  const begun = pattern.includes("|") ? undefined : BEGINNING.exec(pattern)?.[1];
  if (begun === undefined) return undefined;
  // Two zero bytes end a text's key: without them it is the beginning of the keys of all that go on.
  const low = keyOf(begun.replace(/\\(.)/gsu, "$1")).slice(0, -2);
  return [{ low, high: successor(low) }];
}

/** What a comparison lets through. */
function compared(operator: string, operand: unknown, multikey: boolean): Interval | undefined {
  if (operand === null) return operator === "$gte" || operator === "$lte" ? nulls(multikey) : undefined;
  if (isNumber(operand) && Number.isNaN(toNumber(operand))) return undefined;
  const key = keyOf(operand);
  const type = startOf(RANK[kindOf(operand)]);
  switch (operator) {
    case "$gt":
      return { low: successor(key), high: successor(type) };
    case "$gte":
      return { low: key, high: successor(type) };
    case "$lt":
      return { low: type, high: key };
    case "$lte":
      return { low: type, high: successor(key) };
    default:
      return undefined;
  }
}

function intervalsOf({ operator, operand }: Leaf, multikey: boolean): Interval[] | undefined {
  const values = operator === "$in" ? (operand as readonly unknown[]) : [operand];
  // An index has an array's elements, not the whole.
  if (values.some(isArray)) return undefined;
  switch (operator) {
    case "$eq":
    case "$in": {
      const all = values.map((value) => (value === null ? nulls(multikey) : pointAt(value)));
      return [...new Map(all.map((one) => [one.low, one])).values()];
    }
    case "$regex":
      return beginnings(operand as string);
    case "$exprLte":
      return multikey ? undefined : [{ low: startOf(RANK.missing), high: successor(keyOf(operand)) }];
    default: {
      const interval = compared(operator, operand, multikey);
      return interval && [interval];
    }
  }
}

function intersect(a: readonly Interval[], b: readonly Interval[]): Interval[] {
  return a.flatMap((x) =>
    b.flatMap((y): Interval[] => {
      const low = x.low > y.low ? x.low : y.low;
      const high = x.high < y.high ? x.high : y.high;
      if (low >= high) return [];
      return [{ low, high, point: x.point === true || y.point === true }];
    }),
  );
}

/** With an array each condition may be met by another element: only one of them bounds the scan then. */
function constraint(leaves: readonly Leaf[], multikey: boolean): Interval[] | undefined {
  const all = leaves.map((leaf) => intervalsOf(leaf, multikey)).filter((one) => one !== undefined);
  if (multikey) return all.find((one) => one.every((interval) => interval.point)) ?? all[0];
  return all.length === 0 ? undefined : all.reduce(intersect);
}

function directed({ low, high }: Interval, descending: boolean): readonly [string, string] {
  return descending ? [successor(invert(high)), successor(invert(low))] : [low, high];
}

/** Behind every key. */
const END = "\xff";

/** Turns the conditions of one alternative into stretches of the index: equal values first, then one range. */
export function boundsOf(index: Index, leaves: readonly Leaf[]): Bounds {
  const { names, descending, paths } = index.pattern;
  let prefixes: readonly { key: string; ends: readonly number[] }[] = [{ key: "", ends: [] }];
  const fixed: string[] = [];
  const roots = new Set<string>();
  let points = 0;
  for (const [i, name] of names.entries()) {
    const isMultikey = index.arrays.has(i);
    const root = paths[i]![0]!;
    // Two fields inside one array: their conditions may be met by different elements.
    if (isMultikey && roots.has(root)) break;
    roots.add(root);
    const named = leaves.filter((leaf) => leaf.path === name);
    const intervals = constraint(named, isMultikey);
    if (intervals === undefined) break;
    const down = descending[i] === true;
    if (!intervals.every((one) => one.point) || prefixes.length * intervals.length > MOST_RANGES) {
      const ranges = prefixes.flatMap(({ key, ends }) =>
        intervals.map((interval): Range => {
          const [from, to] = directed(interval, down);
          return { from: key + from, to: key + to, ends };
        }),
      );
      return { ranges, fixed, points, bounded: points + 1 };
    }
    const keys = intervals.map(({ low }) => (down ? invert(low) : low));
    if (keys.length === 1 && fixed.length === i) fixed.push(keys[0]!);
    prefixes = prefixes.flatMap(({ key: begun, ends }) =>
      keys.map((key) => ({ key: begun + key, ends: [...ends, begun.length + key.length] })),
    );
    points++;
  }
  const ranges = prefixes.map(({ key, ends }) => ({ from: key, to: key ? successor(key) : END, ends }));
  return { ranges, fixed, points, bounded: points };
}

/** Puts stretches in order and joins those that touch. */
export function joinRanges(ranges: readonly Range[]): Range[] {
  const joined: Range[] = [];
  for (const range of [...ranges].sort((a, b) => compareKeys(a.from, b.from))) {
    const last = joined.at(-1);
    if (last && range.from <= last.to) {
      joined[joined.length - 1] = { ...last, to: range.to > last.to ? range.to : last.to };
    } else joined.push(range);
  }
  return joined;
}

const MOST_ALTERNATIVES = 64;

/**
 * A filter as alternatives, each a list of conditions that all hold; conditions that no index serves are left out,
 * so each alternative may let through more than the filter.
 */
export function alternatives(filter: Filter): readonly (readonly Leaf[])[] {
  switch (filter.type) {
    case "leaf":
      return [[filter]];
    case "or": {
      const all = filter.of.flatMap(alternatives);
      return all.length > MOST_ALTERNATIVES ? [[]] : all;
    }
    case "and":
      return filter.of.reduce<readonly (readonly Leaf[])[]>(
        (sofar, one) => {
          const more = alternatives(one);
          if (sofar.length * more.length > MOST_ALTERNATIVES) return sofar;
          return sofar.flatMap((left) => more.map((right) => [...left, ...right]));
        },
        [[]],
      );
    case "expr":
      return [filter.bound ? [filter.bound] : []];
    case "not":
      return [[]];
  }
}
