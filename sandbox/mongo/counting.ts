import { Int32 } from "bson";
import type { Collection } from "./collection.js";
import type { Filter, Leaf } from "./matcher.js";
import { choosePlan } from "./planner.js";
import type { Query } from "./query.js";
import { toNumber } from "./numbers.js";
import { field, isDoc, isNumber, kindOf } from "./values.js";
import type { Doc } from "./values.js";

/** The conditions of a filter that is nothing but conditions which all hold. */
function conditionsOf(filter: Filter): readonly Leaf[] | undefined {
  if (filter.type === "leaf") return [filter];
  if (filter.type !== "and") return undefined;
  const all = filter.of.map(conditionsOf);
  return all.every((one) => one !== undefined) ? all.flat() : undefined;
}

const TELLING = ["string", "int", "long", "double", "bool", "date", "objectId"];

/** Does the condition hold a field to values that an index tells apart exactly? */
function isExact({ operator, operand }: Leaf): boolean {
  const values = operator === "$in" ? (operand as readonly unknown[]) : [operand];
  return (operator === "$eq" || operator === "$in") && values.every((one) => TELLING.includes(kindOf(one)));
}

/**
 * How many documents a query finds, from an index alone, as MongoDB counts where the bounds say all that the filter
 * says (https://www.mongodb.com/docs/manual/core/query-optimization/#covered-query).
 * @returns undefined where documents have to be looked at
 */
export function countByIndex(collection: Collection, query: Query): number | undefined {
  const leaves = conditionsOf(query.filter);
  if (!leaves || leaves.length === 0 || !leaves.every(isExact)) return undefined;
  const plan = choosePlan(collection, query);
  if (plan.stage !== "IXSCAN") return undefined;
  const { names } = plan.index.pattern;
  const held = leaves.map(({ path }) => names.indexOf(path));
  const said = new Set(held).size === leaves.length && held.every((at) => at >= 0 && at < leaves.length);
  // A document with two of the values in one array would be counted twice.
  const twice = leaves.some(
    ({ operator }, i) => operator === "$in" && plan.index.arrays.has(held[i] ?? 0) && plan.ranges.length > 1,
  );
  if (!said || twice) return undefined;
  const all = plan.ranges.reduce((sum, { from, to }) => sum + plan.index.entries.count(from, to), 0);
  const found = Math.max(0, (query.limit === 0 ? all : Math.min(all, query.limit)) - query.skip);
  return found;
}

/** What `[{ $group: { _id: 1, n: { $sum: 1 } } }]`, as drivers count with, gives for so many documents. */
export function asCount(stages: readonly unknown[]): ((found: number) => Doc[]) | undefined {
  const [stage] = stages;
  const group = stages.length === 1 && isDoc(stage) ? field(stage, "$group") : undefined;
  if (!isDoc(group)) return undefined;
  const { _id: id, ...sums } = group;
  const [[name, sum] = ["", undefined], ...more] = Object.entries(sums);
  const one = isDoc(sum) && Object.keys(sum).length === 1 ? field(sum, "$sum") : undefined;
  const isCount = isNumber(id) && more.length === 0 && isNumber(one) && toNumber(one) === 1;
  return isCount ? (found) => (found === 0 ? [] : [{ _id: id, [name]: new Int32(found) }]) : undefined;
}
