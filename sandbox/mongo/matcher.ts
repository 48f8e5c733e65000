import { arrayIndex, field, isArray, isDoc } from "./values.js";
import type { Doc } from "./values.js";

/** One test of the values found at a path. */
export interface Leaf {
  readonly type: "leaf";
  readonly path: string;
  readonly operator: string;
  readonly operand: unknown;
  /** True: an array's elements are tested too, not only the array itself. */
  readonly each: boolean;
  /** `value` is undefined where the path leads to nothing. */
  test(value: unknown): boolean;
}

/** A filter as a tree that both the matcher and the planner read. */
export type Filter =
  | { readonly type: "and" | "or"; readonly of: readonly Filter[] }
  | { readonly type: "not"; readonly of: Filter }
  | {
      readonly type: "expr";
      test(doc: Doc): boolean;
      /** What an index can bound a scan by: a comparison of a field with what no document says. */
      readonly bound?: Leaf | undefined;
    }
  | (Leaf & { readonly parts: readonly string[] });

function testEnd(value: unknown, leaf: Leaf): boolean {
  return (leaf.each && isArray(value) && value.some((one) => leaf.test(one))) || leaf.test(value);
}

function testPath(value: unknown, parts: readonly string[], at: number, leaf: Leaf): boolean {
  const part = parts[at];
  if (part === undefined) return testEnd(value, leaf);
  if (!isArray(value))
    return isDoc(value) ? testPath(field(value, part), parts, at + 1, leaf) : leaf.test(undefined);
  if (value.some((one) => isDoc(one) && testPath(one, parts, at, leaf))) return true;
  const index = arrayIndex(part);
  if (index === undefined || index >= value.length) return false;
  const element = value[index];
  // What stands at a place in an array is tested whole, even where it is an array itself.
  if (at + 1 === parts.length) return leaf.test(element);
  return (isDoc(element) || isArray(element)) && testPath(element, parts, at + 1, leaf);
}

/**
 * Does the document satisfy the filter? Arrays on the way are searched element by element
 * (https://www.mongodb.com/docs/manual/tutorial/query-arrays/).
 */
export function matches(filter: Filter, doc: Doc): boolean {
  switch (filter.type) {
    case "and":
      return filter.of.every((one) => matches(one, doc));
    case "or":
      return filter.of.some((one) => matches(one, doc));
    case "not":
      return !matches(filter.of, doc);
    case "expr":
      return filter.test(doc);
    case "leaf":
      return testPath(doc, filter.parts, 0, filter);
  }
}
