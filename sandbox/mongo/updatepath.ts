import { badValue, MongoError } from "./errors.js";
import { matches } from "./matcher.js";
import type { Filter } from "./matcher.js";
import { arrayIndex, field, isDoc, put, show } from "./values.js";
import type { Doc } from "./values.js";

/** What `$` and `$[name]` in a path stand for. */
export interface Positions {
  /** The index at which the query matched, for `$`. */
  readonly position?: number | undefined;
  readonly arrayFilters: ReadonlyMap<string, Filter>;
}

/** The value at a path without positional parts; undefined where there is none. */
export function valueAt(doc: unknown, parts: readonly string[]): unknown {
  let value = doc;
  for (const part of parts) {
    if (Array.isArray(value)) value = value[arrayIndex(part) ?? -1] as unknown;
    else value = isDoc(value) ? field(value, part) : undefined;
  }
  return value;
}

function chosen(part: string, array: unknown, path: string, positions: Positions): number[] {
  if (part === "$") {
    if (positions.position === undefined) {
      throw badValue("The positional operator did not find the match needed from the query.");
    }
    return [positions.position];
  }
  if (array === undefined)
    throw badValue(`The path '${path}' must exist in the document in order to apply array updates.`);
  if (!Array.isArray(array))
    throw badValue(`Cannot apply array updates to non-array element ${path}: ${show(array)}`);
  const all = [...array.keys()];
  if (part === "$[]") return all;
  const name = part.slice(2, -1);
  const filter = positions.arrayFilters.get(name);
  if (!filter) throw badValue(`No array filter found for identifier '${name}' in path '${path}.${part}'`);
  return all.filter((i) => matches(filter, { [name]: array[i] as unknown }));
}

export const isPositional = (part: string): boolean => part === "$" || /^\$\[.*\]$/.test(part);

/** The paths that a path with `$`, `$[]` or `$[name]` in it means in this document. */
export function resolvePath(doc: Doc, parts: readonly string[], positions: Positions): (readonly string[])[] {
  const at = parts.findIndex(isPositional);
  if (at < 0) return [parts];
  const before = parts.slice(0, at);
  return chosen(parts[at]!, valueAt(doc, before), before.join("."), positions).flatMap((i) =>
    resolvePath(doc, [...before, String(i), ...parts.slice(at + 1)], positions),
  );
}

function notViable(parts: readonly string[], at: number, container: unknown): MongoError {
  const element = `{${parts[at - 1] ?? ""}: ${show(container)}}`;
  return new MongoError(28, `Cannot create field '${parts[at]!}' in element ${element}`);
}

const LONGEST_PADDING = 1_500_000;

function setIn(container: unknown, parts: readonly string[], at: number, value: unknown): void {
  const part = parts[at]!;
  if (Array.isArray(container)) {
    const index = arrayIndex(part);
    if (index === undefined) throw notViable(parts, at, container);
    if (index - container.length > LONGEST_PADDING)
      throw badValue(`can't backfill more than ${LONGEST_PADDING} elements`);
    while (container.length < index) container.push(null);
    container[index] = value;
  } else if (isDoc(container)) put(container, part, value);
  else throw notViable(parts, at, container);
}

/** Sets the value at a path, making the documents on the way. @throws MongoError 28 where something else stands there */
export function setAt(doc: Doc, parts: readonly string[], value: unknown): void {
  let container: unknown = doc;
  for (let at = 0; at < parts.length - 1; at++) {
    let inner = valueAt(container, [parts[at]!]);
    if (inner === undefined) {
      inner = {};
      setIn(container, parts, at, inner);
    }
    container = inner;
  }
  setIn(container, parts, parts.length - 1, value);
}

/** Removes the field at a path; in an array its place becomes null. */
export function unsetAt(doc: Doc, parts: readonly string[]): void {
  const container = valueAt(doc, parts.slice(0, -1));
  const last = parts.at(-1)!;
  if (isDoc(container)) delete container[last];
  else if (Array.isArray(container)) {
    const index = arrayIndex(last);
    if (index !== undefined && index < container.length) container[index] = null;
  }
}
