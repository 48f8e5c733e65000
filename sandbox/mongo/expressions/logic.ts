import { compare, equals } from "../keys.js";
import { toNumber } from "../numbers.js";
import { isNullish, isNumber } from "../values.js";
import { Vocabulary } from "../vocabulary.js";
import { lazy, strict } from "./operator.js";
import type { Operator } from "./operator.js";

/** False are: false, null, missing, and any zero. */
export const isTrue = (value: unknown): boolean =>
  !isNullish(value) && value !== false && !(isNumber(value) && toNumber(value) === 0);

const comparison = (accept: (order: number) => boolean): Operator =>
  strict(2, 2, ([a, b]) => accept(compare(a, b)));

export const LOGIC = new Vocabulary<Operator>(import.meta.filename, "expression", {
  $eq: strict(2, 2, ([a, b]) => equals(a, b)),
  $ne: strict(2, 2, ([a, b]) => !equals(a, b)),
  $gt: comparison((order) => order > 0),
  $gte: comparison((order) => order >= 0),
  $lt: comparison((order) => order < 0),
  $lte: comparison((order) => order <= 0),
  $and: lazy(0, Infinity, (runs, scope) => runs.every((run) => isTrue(run(scope)))),
  $or: lazy(0, Infinity, (runs, scope) => runs.some((run) => isTrue(run(scope)))),
  $not: strict(1, 1, ([value]) => !isTrue(value)),
  $cond: lazy(3, 3, ([test, then, otherwise], scope) =>
    isTrue(test!(scope)) ? then!(scope) : otherwise!(scope),
  ),
  $ifNull: lazy(2, Infinity, (runs, scope) => {
    let value: unknown;
    for (const run of runs) {
      value = run(scope);
      if (!isNullish(value)) return value;
    }
    return value;
  }),
});
