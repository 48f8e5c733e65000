import { arrayIndex, field, isDoc } from "./values.js";
import type { Doc } from "./values.js";

/** One test of the values found at a path. */
export interface Leaf {
  readonly type: "leaf";
  readonly path: string;
  readonly parts: readonly string[];
  readonly operator: string;
  readonly operand: unknown;
  /** Of a `$regex`. */
  readonly options?: string | undefined;
  /** True: an array's elements are tested too, not only the array itself. */
  readonly each: boolean;
  /** `value` is undefined where the path leads to nothing. */
  test(value: unknown): boolean;
}

/** A filter as a tree that both the matcher and the planner read. */
export type Filter =
  | { readonly type: "and" | "or" | "nor"; readonly of: readonly Filter[] }
  | {
      readonly type: "expr";
      test(doc: Doc): boolean;
      /** What an index can bound a scan by: a comparison of a field with what no document says. */
      readonly bound?: Leaf | undefined;
    }
  | Leaf;

/** Where a match was found: the index in the outermost array on the way, which is what `$` stands for in an update. */
export interface Hit {
  position?: number;
}

function testEnd(value: unknown, leaf: Leaf, hit: Hit): boolean {
  if (Array.isArray(value)) {
    const found =
      leaf.each || leaf.operator === "$elemMatch"
        ? value.findIndex((one) => leaf.test(leaf.each ? one : [one]))
        : -1;
    if (found >= 0) {
      hit.position = found;
      return true;
    }
  }
  return leaf.test(value);
}

function testPath(value: unknown, at: number, leaf: Leaf, hit: Hit): boolean {
  const part = leaf.parts[at];
  if (part === undefined) return testEnd(value, leaf, hit);
  if (Array.isArray(value)) {
    const index = arrayIndex(part);
    if (index !== undefined && index < value.length && testPath(value[index], at + 1, leaf, hit)) return true;
    const found = value.findIndex((one) => isDoc(one) && testPath(one, at, leaf, hit));
    if (found >= 0) hit.position = found;
    return found >= 0;
  }
  return isDoc(value) ? testPath(field(value, part), at + 1, leaf, hit) : testEnd(undefined, leaf, hit);
}

/**
 * Does the document satisfy the filter? Arrays on the way are searched element by element
 * (https://www.mongodb.com/docs/manual/tutorial/query-arrays/).
 * @param hit receives the position for the update operator `$`
 */
export function matches(filter: Filter, doc: Doc, hit: Hit = {}): boolean {
  switch (filter.type) {
    case "and":
      return filter.of.every((one) => matches(one, doc, hit));
    case "or":
      return filter.of.some((one) => matches(one, doc, hit));
    case "nor":
      return !filter.of.some((one) => matches(one, doc, {}));
    case "expr":
      return filter.test(doc);
    case "leaf":
      return testPath(doc, 0, filter, hit);
  }
}
