import { MongoError, notImplemented } from "./errors.js";
import { encodeKey } from "./keys.js";
import { toNumber } from "./numbers.js";
import { arrayIndex, field, isArray, isDoc } from "./values.js";
import type { Doc } from "./values.js";

type Path = readonly string[];

/** A sort order or an index's fields: paths with their directions. */
export interface Pattern {
  readonly names: readonly string[];
  readonly paths: readonly Path[];
  readonly descending: readonly boolean[];
}

/** Reads fields with their directions, which are numbers. @throws MongoError 238 for a place in an array */
export function patternOf(fields: Doc): Pattern {
  const names = Object.keys(fields);
  const paths = names.map((name) => name.split("."));
  if (paths.flat().some((part) => arrayIndex(part) !== undefined))
    throw notImplemented("Indexing and sorting by a place in an array");
  return { names, paths, descending: names.map((name) => toNumber(fields[name]) < 0) };
}

/** A document's keys in an index. */
export interface Keys {
  readonly keys: string[];
  /** The values in each key; undefined where there is none. */
  readonly values: readonly (readonly unknown[])[];
  /** Did an array give the index several keys for one document? */
  readonly multikey: boolean;
}

/** Stands for an empty array, which sorts before null. */
export const EMPTY = Symbol("empty array");

/** Where the walk along one field's path has come to; `at` past the end: at an element of an array there. */
interface Step {
  readonly value: unknown;
  readonly at: number;
}

/** Goes on until the path ends, nothing is there, or an array has to be taken apart. */
function advance({ value, at }: Step, path: Path): Step {
  while (at < path.length && !isArray(value)) {
    if (!isDoc(value)) return { value: undefined, at: path.length };
    value = field(value, path[at++]!);
  }
  return { value, at };
}

/** Goes from an array on the way, or at the end of it, to one of its elements. */
function enter({ at }: Step, path: Path, element: unknown): Step {
  if (at === path.length) return { value: element, at: at + 1 };
  return isDoc(element) ? { value: element, at } : { value: undefined, at: path.length };
}

function expand(steps: readonly Step[], paths: readonly Path[], into: unknown[][]): boolean {
  const reached = steps.map((step, i) => advance(step, paths[i]!));
  const isOpen = (step: Step, i: number): boolean => step.at <= paths[i]!.length && isArray(step.value);
  const open = reached.filter(isOpen);
  const array = open[0]?.value;
  if (!isArray(array)) {
    into.push(reached.map((step) => step.value));
    return false;
  }
  if (open.some((step) => step.value !== array)) throw new MongoError(171, "cannot index parallel arrays");
  if (array.length === 0) {
    const ended = (step: Step, i: number): unknown => (step.at === paths[i]!.length ? EMPTY : undefined);
    into.push(reached.map((step, i) => (isOpen(step, i) ? ended(step, i) : step.value)));
  }
  for (const element of array) {
    const entered = reached.map((step, i) => (isOpen(step, i) ? enter(step, paths[i]!, element) : step));
    expand(entered, paths, into);
  }
  return true;
}

/** Is there an array on a field's path, or at its end? */
export const meetsArray = (doc: Doc, path: Path): boolean =>
  isArray(advance({ value: doc, at: 0 }, path).value);

/**
 * The keys that an index, or a sort, over these fields has for a document
 * (https://www.mongodb.com/docs/manual/core/indexes/index-types/index-multikey/). A missing field counts as null.
 * @throws MongoError 171 for two arrays side by side
 */
export function keysOf(doc: Doc, { paths, descending }: Pattern): Keys {
  const values: unknown[][] = [];
  const start = paths.map(() => ({ value: doc, at: 0 }));
  const multikey = expand(start, paths, values);
  const keys = values.map((all) =>
    encodeKey(
      all.map((value) => (value === EMPTY ? undefined : (value ?? null))),
      descending,
    ),
  );
  return { keys: keys.length > 1 ? [...new Set(keys)] : keys, values, multikey };
}
