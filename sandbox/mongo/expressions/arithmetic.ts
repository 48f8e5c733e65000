import { Double, Int32, Long } from "bson";
import { badValue, typeMismatch } from "../errors.js";
import { compare } from "../keys.js";
import { arithmetic, toNumber } from "../numbers.js";
import { isArray, isNullish, isNumber, kindOf } from "../values.js";
import { Vocabulary } from "../vocabulary.js";
import { strict } from "./operator.js";
import type { Operator } from "./operator.js";

/** A long that overflows becomes a double, as in aggregation but not in updates. */
function calculate(operation: "+" | "-" | "*", a: unknown, b: unknown): unknown {
  return (
    arithmetic(operation, a, b) ?? arithmetic(operation, new Double(toNumber(a)), new Double(toNumber(b)))
  );
}

const shift = (date: Date, by: unknown): Date => new Date(date.getTime() + Math.round(toNumber(by)));

function add(values: readonly unknown[]): unknown {
  if (values.some(isNullish)) return null;
  let date: Date | undefined;
  let sum: unknown = new Int32(0);
  for (const value of values) {
    if (value instanceof Date) {
      if (date) throw typeMismatch("only one date allowed in an $add expression");
      date = value;
    } else if (isNumber(value)) sum = calculate("+", sum, value);
    else throw typeMismatch(`$add only supports numeric or date types, not ${kindOf(value)}`);
  }
  return date ? shift(date, sum) : sum;
}

function subtract([a, b]: readonly unknown[]): unknown {
  if (isNullish(a) || isNullish(b)) return null;
  if (isNumber(a) && isNumber(b)) return calculate("-", a, b);
  if (a instanceof Date && b instanceof Date) return Long.fromNumber(a.getTime() - b.getTime());
  if (a instanceof Date && isNumber(b)) return shift(a, -toNumber(b));
  throw typeMismatch(`can't $subtract ${kindOf(b)} from ${kindOf(a)}`);
}

function multiply(values: readonly unknown[]): unknown {
  if (values.some(isNullish)) return null;
  return values.reduce((product, value) => {
    if (!isNumber(value)) throw typeMismatch(`$multiply only supports numeric types, not ${kindOf(value)}`);
    return calculate("*", product, value);
  }, new Int32(1));
}

function divide([a, b]: readonly unknown[]): unknown {
  if (isNullish(a) || isNullish(b)) return null;
  if (!isNumber(a) || !isNumber(b))
    throw typeMismatch(`$divide only supports numeric types, not ${kindOf(a)} and ${kindOf(b)}`);
  if (toNumber(b) === 0) throw badValue("can't $divide by zero");
  return new Double(toNumber(a) / toNumber(b));
}

/** The sum of the numbers among the values. */
export const sumOf = (values: readonly unknown[]): unknown =>
  values.filter(isNumber).reduce((sum, value) => calculate("+", sum, value), new Int32(0));

/** The greatest (sign 1) or least (sign -1) of the values that are not null; null without any. */
export function extreme(values: readonly unknown[], sign: 1 | -1): unknown {
  const [first = null, ...more] = values.filter((value) => !isNullish(value));
  return more.reduce((best, value) => (sign * compare(value, best) > 0 ? value : best), first);
}

/** Takes any number of values; one argument that is an array stands for its elements. */
const over = (apply: (values: readonly unknown[]) => unknown): Operator =>
  strict(0, Infinity, (values) => apply(values.length === 1 && isArray(values[0]) ? values[0] : values));

export const ARITHMETIC = new Vocabulary<Operator>(import.meta.filename, "expression", {
  $add: strict(0, Infinity, add),
  $subtract: strict(2, 2, subtract),
  $multiply: strict(0, Infinity, multiply),
  $divide: strict(2, 2, divide),
  $sum: over(sumOf),
  $max: over((values) => extreme(values, 1)),
  $min: over((values) => extreme(values, -1)),
});
