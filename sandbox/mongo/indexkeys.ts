import { MongoError } from "./errors.js";
import { encodeKey } from "./keys.js";
import { arrayIndex, field, isDoc } from "./values.js";
import type { Doc } from "./values.js";

/** A sort order or an index's fields: paths with their directions. */
export interface Pattern {
  readonly paths: readonly (readonly string[])[];
  readonly names: readonly string[];
  readonly descending: readonly boolean[];
}

/** A document's keys in an index. */
export interface Keys {
  readonly keys: string[];
  /** The values of the first key, for messages. */
  readonly values: readonly unknown[];
  /** The first field's value in each key; undefined where there is none. */
  readonly all: readonly unknown[];
  /** Did an array give the index several keys for one document? */
  readonly multikey: boolean;
  /** True when not one of the fields is there, which is what a sparse index leaves out. */
  readonly missing: boolean;
}

/** Where the walk along one field's path has come to. */
interface Step {
  readonly value: unknown;
  readonly at: number;
}

/** Goes on until the path ends, nothing is there, or an array has to be taken apart. */
function advance(step: Step, path: readonly string[]): Step {
  let { value, at } = step;
  while (at < path.length) {
    if (isDoc(value)) value = field(value, path[at]!);
    else if (Array.isArray(value)) {
      const index = arrayIndex(path[at]!);
      if (index === undefined || index >= value.length) return { value, at };
      value = value[index] as unknown;
    } else return { value: undefined, at: path.length };
    at++;
  }
  return { value, at };
}

function expand(steps: readonly Step[], paths: readonly (readonly string[])[], into: unknown[][]): boolean {
  const reached = steps.map((step, i) => (step.at > paths[i]!.length ? step : advance(step, paths[i]!)));
  const open = reached.filter((step, i) => step.at <= paths[i]!.length && Array.isArray(step.value));
  const array = open[0]?.value as unknown[] | undefined;
  if (array === undefined) {
    into.push(reached.map((step) => step.value));
    return false;
  }
  if (open.some((step) => step.value !== array)) throw new MongoError(171, "cannot index parallel arrays");
  // An element at the end of a path is a key as it is, even when it is an array itself: `at` past the end says so.
  const enter = (step: Step, i: number, element: unknown): Step => {
    if (step.value !== array || step.at > paths[i]!.length) return step;
    if (step.at === paths[i]!.length) return { value: element, at: step.at + 1 };
    return isDoc(element) ? { value: element, at: step.at } : { value: undefined, at: paths[i]!.length };
  };
  if (array.length === 0) {
    into.push(
      reached.map((step, i) =>
        step.value === array && step.at < paths[i]!.length ? null : step.value === array ? EMPTY : step.value,
      ),
    );
  } else
    for (const element of array)
      expand(
        reached.map((step, i) => enter(step, i, element)),
        paths,
        into,
      );
  return true;
}

/** Is there an array on a field's path, or at its end? */
export function meetsArray(doc: Doc, path: readonly string[]): boolean {
  return Array.isArray(advance({ value: doc, at: 0 }, path).value);
}

/** Stands for an empty array, which sorts before null. */
const EMPTY = Symbol("empty array");

/**
 * The keys that an index, or a sort, over these fields has for a document
 * (https://www.mongodb.com/docs/manual/core/indexes/index-types/index-multikey/). A missing field counts as null.
 * @throws MongoError 171 for two arrays side by side
 */
export function keysOf(doc: Doc, pattern: Pattern): Keys {
  const found: unknown[][] = [];
  const multikey = expand(
    pattern.paths.map(() => ({ value: doc, at: 0 })),
    pattern.paths,
    found,
  );
  const encode = (values: readonly unknown[]): string =>
    encodeKey(
      values.map((value) => (value === EMPTY ? undefined : (value ?? null))),
      pattern.descending,
    );
  const keys = found.map(encode);
  return {
    keys: keys.length > 1 ? [...new Set(keys)] : keys,
    values: found[0]!.map((value) => (value === EMPTY ? undefined : (value ?? null))),
    all: found.map(([first]) => (first === EMPTY ? undefined : first)),
    multikey,
    missing: found.every((values) => values.every((value) => value === undefined)),
  };
}
