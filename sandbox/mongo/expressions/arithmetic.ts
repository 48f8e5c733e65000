import { Double, Int32, Long } from "bson";
import { badValue, typeMismatch } from "../errors.js";
import { arithmetic, isDouble, toBigInt, toNumber } from "../numbers.js";
import { compare, isNullish, isNumber, kindOf } from "../values.js";
import { strict } from "./operator.js";
import type { Operator, Operators } from "./operator.js";

const kindName = (value: unknown): string => (value === undefined ? "missing" : kindOf(value));

/** A long that overflows becomes a double, as in aggregation but not in updates. */
function calculate(operation: "+" | "-" | "*", a: unknown, b: unknown): unknown {
  return (
    arithmetic(operation, a, b) ?? arithmetic(operation, new Double(toNumber(a)), new Double(toNumber(b)))
  );
}

const shift = (date: Date, by: unknown, sign: 1 | -1): Date =>
  new Date(date.getTime() + sign * Math.round(toNumber(by)));

function add(values: readonly unknown[]): unknown {
  if (values.some(isNullish)) return null;
  let date: Date | undefined;
  let sum: unknown = new Int32(0);
  for (const value of values) {
    if (value instanceof Date) {
      if (date) throw typeMismatch("only one date allowed in an $add expression");
      date = value;
    } else if (isNumber(value)) sum = calculate("+", sum, value);
    else throw typeMismatch(`$add only supports numeric or date types, not ${kindName(value)}`);
  }
  return date ? shift(date, sum, 1) : sum;
}

function subtract([a, b]: readonly unknown[]): unknown {
  if (isNullish(a) || isNullish(b)) return null;
  if (isNumber(a) && isNumber(b)) return calculate("-", a, b);
  if (a instanceof Date && b instanceof Date) return Long.fromNumber(a.getTime() - b.getTime());
  if (a instanceof Date && isNumber(b)) return shift(a, b, -1);
  throw typeMismatch(`can't $subtract ${kindName(b)} from ${kindName(a)}`);
}

function multiply(values: readonly unknown[]): unknown {
  if (values.some(isNullish)) return null;
  return values.reduce((product, value) => {
    if (!isNumber(value)) throw typeMismatch(`$multiply only supports numeric types, not ${kindName(value)}`);
    return calculate("*", product, value);
  }, new Int32(1));
}

/** Numbers only; null for null. */
const numeric = (least: number, most: number, apply: (a: unknown, b: unknown) => unknown): Operator =>
  strict(least, most, (values, name) => {
    if (values.some(isNullish)) return null;
    const stranger = values.find((value) => !isNumber(value));
    if (stranger !== undefined)
      throw typeMismatch(`${name} only supports numeric types, not ${values.map(kindName).join(" and ")}`);
    return apply(values[0], values[1]);
  });

function divide(a: unknown, b: unknown): unknown {
  if (toNumber(b) === 0) throw badValue("can't $divide by zero");
  return new Double(toNumber(a) / toNumber(b));
}

function modulo(a: unknown, b: unknown): unknown {
  if (toNumber(b) === 0) throw badValue("can't $mod by zero");
  if (isDouble(a) || isDouble(b)) return new Double(toNumber(a) % toNumber(b));
  const rest = toBigInt(a) % toBigInt(b);
  return a instanceof Long || b instanceof Long ? Long.fromBigInt(rest) : new Int32(Number(rest));
}

const whole = (round: (value: number) => number): Operator =>
  numeric(1, 1, (value) => (isDouble(value) ? new Double(round(toNumber(value))) : value));

/** Halves go to the even neighbour (https://www.mongodb.com/docs/manual/reference/operator/aggregation/round/). */
function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

function round(value: unknown, place: unknown): unknown {
  const digits = place === undefined ? 0 : toNumber(place);
  if (!Number.isInteger(digits) || digits < -20 || digits > 100)
    throw badValue(`cannot apply $round with precision value ${digits}`);
  if (!isDouble(value) && digits >= 0) return value;
  const exact = toNumber(value);
  if (!Number.isFinite(exact)) return value;
  const scaled = Number(`${exact}e${digits}`);
  const rounded = Number.isNaN(scaled) ? exact : Number(`${roundHalfEven(scaled)}e${-digits}`);
  if (isDouble(value)) return new Double(rounded);
  return value instanceof Long ? Long.fromNumber(rounded) : rounded;
}

function absolute(value: unknown): unknown {
  return toNumber(value) < 0 ? calculate("*", value, new Int32(-1)) : value;
}

/** One argument that is an array stands for its elements. */
const spread = (values: readonly unknown[]): readonly unknown[] =>
  values.length === 1 && Array.isArray(values[0]) ? (values[0] as unknown[]) : values;

/** The sum of the numbers among the values. */
export const sumOf = (values: readonly unknown[]): unknown =>
  values.filter(isNumber).reduce((sum, value) => calculate("+", sum, value), new Int32(0));

/** The mean of the numbers among the values; null without any. */
export function averageOf(values: readonly unknown[]): unknown {
  const numbers = values.filter(isNumber);
  return numbers.length === 0 ? null : new Double(toNumber(sumOf(numbers)) / numbers.length);
}

/** The greatest (sign 1) or least (sign -1) of the values that are not null; null without any. */
export function extreme(values: readonly unknown[], sign: 1 | -1): unknown {
  const present = values.filter((value) => !isNullish(value));
  return (
    present.reduce((best, value) => (sign * compare(value, best) > 0 ? value : best), present[0]) ?? null
  );
}

export const ARITHMETIC: Operators = {
  $add: strict(0, Infinity, add),
  $subtract: strict(2, 2, subtract),
  $multiply: strict(0, Infinity, multiply),
  $divide: numeric(2, 2, divide),
  $mod: numeric(2, 2, modulo),
  $floor: whole(Math.floor),
  $ceil: whole(Math.ceil),
  $trunc: whole(Math.trunc),
  $abs: numeric(1, 1, absolute),
  $round: numeric(1, 2, round),
  $sum: strict(0, Infinity, (values) => sumOf(spread(values))),
  $avg: strict(0, Infinity, (values) => averageOf(spread(values))),
  $max: strict(0, Infinity, (values) => extreme(spread(values), 1)),
  $min: strict(0, Infinity, (values) => extreme(spread(values), -1)),
};
