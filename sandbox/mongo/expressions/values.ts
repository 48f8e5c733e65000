import { MongoError } from "../errors.js";
import { isArray, isDoc, isNullish, kindOf, put } from "../values.js";
import type { Doc } from "../values.js";
import { Vocabulary } from "../vocabulary.js";
import { namedArguments, strict, within } from "./operator.js";
import type { Operator } from "./operator.js";

function concat(values: readonly unknown[]): unknown {
  if (values.some(isNullish)) return null;
  const stranger = values.find((value) => typeof value !== "string");
  if (stranger !== undefined)
    throw new MongoError(16702, `$concat only supports strings, not ${kindOf(stranger)}`);
  return values.join("");
}

function mergeObjects(values: readonly unknown[]): unknown {
  const merged: Doc = {};
  for (const value of values.length === 1 && isArray(values[0]) ? values[0] : values) {
    if (isNullish(value)) continue;
    if (!isDoc(value))
      throw new MongoError(
        40400,
        `$mergeObjects requires object inputs, but input is of type ${kindOf(value)}`,
      );
    for (const [name, inner] of Object.entries(value)) put(merged, name, inner);
  }
  return merged;
}

const letArguments = namedArguments(import.meta.filename, "$let", ["vars", "in"]);

const letIn: Operator = (operand, compile) => {
  const { vars, in: expression } = letArguments(operand);
  if (!isDoc(vars)) throw new MongoError(10065, "invalid parameter: expected an object (vars)");
  const runs = Object.entries(vars).map(([name, one]) => [name, compile(one)] as const);
  const body = compile(expression, Object.keys(vars));
  return (scope) => body(within(scope, Object.fromEntries(runs.map(([name, run]) => [name, run(scope)]))));
};

export const VALUES = new Vocabulary<Operator>(import.meta.filename, "expression", {
  $literal: (operand) => () => operand,
  $type: strict(1, 1, ([value]) => kindOf(value)),
  $concat: strict(0, Infinity, concat),
  $mergeObjects: strict(0, Infinity, mergeObjects),
  $let: letIn,
});
