import { MongoError, notImplemented } from "./errors.js";
import { arrayIndex, field, isArray, isDoc, put, show } from "./values.js";
import type { Doc } from "./values.js";

type Path = readonly string[];

/**
 * The document that holds the last part of a path.
 * @param make whether documents missing on the way are made
 * @returns undefined where there is none
 * @throws MongoError 28 where one cannot be made, 238 for a place in an array
 */
function holderOf(doc: Doc, path: Path, make: boolean): Doc | undefined {
  let holder = doc;
  for (const [at, part] of path.slice(0, -1).entries()) {
    const there = field(holder, part);
    const inner = there === undefined && make ? {} : there;
    const next = path[at + 1]!;
    if (isArray(inner) && arrayIndex(next) !== undefined) throw notImplemented("A place in an array");
    if (!isDoc(inner)) {
      if (!make) return undefined;
      throw new MongoError(28, `Cannot create field '${next}' in element {${part}: ${show(inner)}}`);
    }
    put(holder, part, inner);
    holder = inner;
  }
  return holder;
}

/** The value at a path; undefined where there is none. @throws MongoError 238 for a place in an array */
export function valueAt(doc: Doc, path: Path): unknown {
  const holder = holderOf(doc, path, false);
  return holder && field(holder, path.at(-1)!);
}

/** Sets the value at a path, making the documents on the way. @throws MongoError 28 where something else stands there */
export function setAt(doc: Doc, path: Path, value: unknown): void {
  put(holderOf(doc, path, true)!, path.at(-1)!, value);
}

/** Removes the field at a path. */
export function unsetAt(doc: Doc, path: Path): void {
  const holder = holderOf(doc, path, false);
  if (holder) delete holder[path.at(-1)!];
}
