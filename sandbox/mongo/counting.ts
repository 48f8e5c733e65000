import { boundsOf, isBeginning } from "./bounds.js";
import type { Range } from "./bounds.js";
import type { Collection } from "./collection.js";
import { recordOf } from "./indexes.js";
import type { Index } from "./indexes.js";
import type { Filter, Leaf } from "./matcher.js";
import { choosePlan } from "./planner.js";
import type { Wanted } from "./planner.js";
import { kindOf } from "./values.js";
import type { Kind } from "./values.js";

/** The conditions of a filter that is nothing but conditions which all hold. */
function conditionsOf(filter: Filter): readonly Leaf[] | undefined {
  if (filter.type === "leaf") return [filter];
  if (filter.type !== "and") return undefined;
  const all = filter.of.map(conditionsOf);
  return all.every((one) => one !== undefined) ? all.flat() : undefined;
}

const TELLING: readonly Kind[] = ["string", "int", "long", "double", "bool", "date", "objectId"];

/** Does the condition hold a field to values, or to a beginning, that an index tells apart exactly? */
function isExact({ operator, operand }: Leaf): boolean {
  if (operator === "$regex") return isBeginning(operand as string);
  const values = operator === "$in" ? (operand as readonly unknown[]) : [operand];
  return (operator === "$eq" || operator === "$in") && values.every((one) => TELLING.includes(kindOf(one)));
}

/**
 * How many documents a query finds, from an index alone, as MongoDB counts where the bounds say all that the filter
 * says (https://www.mongodb.com/docs/manual/core/query-optimization/#covered-query).
 * @returns undefined where documents have to be looked at
 */
export function countByIndex(collection: Collection, query: Wanted): number | undefined {
  const leaves = conditionsOf(query.filter);
  if (!leaves?.every(isExact)) return undefined;
  const plan = choosePlan(collection, query);
  if (plan.stage !== "IXSCAN" || boundsOf(plan.index, leaves).bounded !== leaves.length) return undefined;
  const { index, ranges } = plan;
  const all = mayRepeat(index, leaves)
    ? distinct(index, ranges)
    : ranges.reduce((sum, { from, to }) => sum + index.entries.count(from, to), 0);
  return query.limit === 0 ? all : Math.min(all, query.limit);
}

/** Can a document have several entries among those that the conditions let through? */
function mayRepeat(index: Index, leaves: readonly Leaf[]): boolean {
  // An array behind the fields that are held has given its document several entries.
  if ([...index.arrays].some((at) => at >= leaves.length)) return true;
  return leaves.some(
    ({ path, operator }) => operator !== "$eq" && index.arrays.has(index.pattern.names.indexOf(path)),
  );
}

function distinct({ entries }: Index, ranges: readonly Range[]): number {
  const found = new Set<number>();
  for (const { from, to } of ranges) for (const entry of entries.scan(from, to)) found.add(recordOf(entry));
  return found.size;
}
