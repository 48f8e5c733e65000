import { Int32 } from "bson";
import { MongoError } from "../errors.js";
import { toNumber } from "../numbers.js";
import { compare, equals, isDoc, isNullish, isNumber } from "../values.js";
import { named } from "./named.js";
import { lazy, strict, within } from "./operator.js";
import type { Operator, Operators } from "./operator.js";

/** False are: false, null, missing, and any zero. */
export const isTrue = (value: unknown): boolean =>
  !isNullish(value) && value !== false && !(isNumber(value) && toNumber(value) === 0);

const comparison = (accept: (order: number) => boolean): Operator =>
  strict(2, 2, ([a, b]) => accept(compare(a, b)));

const cond: Operator = (operand, compile, name) => {
  let parts: readonly unknown[];
  if (Array.isArray(operand)) parts = operand;
  else {
    const given = named("$cond", operand, ["if", "then", "else"]);
    parts = [given.if, given.then, given.else];
  }
  if (parts.length !== 3) {
    throw new MongoError(
      16020,
      `Expression ${name} takes exactly 3 arguments. ${parts.length} were passed in.`,
    );
  }
  const [test, then, otherwise] = parts.map((one) => compile(one));
  return (scope) => (isTrue(test!(scope)) ? then!(scope) : otherwise!(scope));
};

const choose: Operator = (operand, compile) => {
  const { branches, default: fallback } = named("$switch", operand, ["branches"], ["default"]);
  if (!Array.isArray(branches)) throw new MongoError(40060, "$switch expected an array for 'branches'");
  const cases = branches.map((branch: unknown) => {
    const given = named("$switch branch", branch, ["case", "then"]);
    return { test: compile(given.case), then: compile(given.then) };
  });
  const otherwise = isDoc(operand) && "default" in operand ? compile(fallback) : undefined;
  return (scope) => {
    const chosen = cases.find((one) => isTrue(one.test(scope)));
    if (!chosen && !otherwise) {
      throw new MongoError(
        40066,
        "$switch could not find a matching branch for an input, and no default was specified.",
      );
    }
    return (chosen ? chosen.then : otherwise!)(scope);
  };
};

const letIn: Operator = (operand, compile) => {
  const given = named("$let", operand, ["vars", "in"]);
  if (!isDoc(given.vars)) throw new MongoError(10065, "invalid parameter: expected an object (vars)");
  const vars = Object.entries(given.vars).map(([name, one]) => [name, compile(one)] as const);
  const body = compile(
    given.in,
    vars.map(([name]) => name),
  );
  return (scope) => body(within(scope, Object.fromEntries(vars.map(([name, run]) => [name, run(scope)]))));
};

export const LOGIC: Operators = {
  $eq: strict(2, 2, ([a, b]) => equals(a, b)),
  $ne: strict(2, 2, ([a, b]) => !equals(a, b)),
  $gt: comparison((order) => order > 0),
  $gte: comparison((order) => order >= 0),
  $lt: comparison((order) => order < 0),
  $lte: comparison((order) => order <= 0),
  $cmp: strict(2, 2, ([a, b]) => new Int32(Math.sign(compare(a, b)))),
  $and: lazy(0, (runs, scope) => runs.every((run) => isTrue(run(scope)))),
  $or: lazy(0, (runs, scope) => runs.some((run) => isTrue(run(scope)))),
  $not: strict(1, 1, ([value]) => !isTrue(value)),
  $cond: cond,
  $switch: choose,
  $let: letIn,
  $ifNull: lazy(2, (runs, scope) => {
    let value: unknown;
    for (const run of runs) {
      value = run(scope);
      if (!isNullish(value)) return value;
    }
    return value;
  }),
};
