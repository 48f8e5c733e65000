import { Long, ObjectId } from "bson";
import { badValue, MongoError, typeMismatch } from "../errors.js";
import { fitsLong, toBigInt, toNumber } from "../numbers.js";
import { field, isArray, isDoc, isNullish, isNumber, kindOf, put } from "../values.js";
import type { Doc } from "../values.js";
import { named } from "./named.js";
import { strict } from "./operator.js";
import type { Operator, Operators } from "./operator.js";

const kindName = (value: unknown): string => (value === undefined ? "missing" : kindOf(value));

const unsupported = (value: unknown, to: string): MongoError =>
  new MongoError(
    241,
    `Unsupported conversion from ${kindName(value)} to ${to} in $convert with no onError value`,
  );

function toText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof ObjectId) return value.toHexString();
  if (isNumber(value)) return kindOf(value) === "long" ? toBigInt(value).toString() : String(toNumber(value));
  throw unsupported(value, "string");
}

function toLong(value: unknown): Long {
  if (typeof value === "boolean") return Long.fromInt(value ? 1 : 0);
  if (value instanceof Date) return Long.fromNumber(value.getTime());
  if (typeof value === "string") {
    if (!/^[+-]?\d+$/.test(value))
      throw new MongoError(241, `Failed to parse number '${value}' in $convert with no onError value`);
    return Long.fromBigInt(BigInt(value));
  }
  if (!isNumber(value)) throw unsupported(value, "long");
  if (!Number.isFinite(toNumber(value)))
    throw new MongoError(241, "Attempt to convert infinity or NaN value to integer type");
  const exact = kindOf(value) === "double" ? BigInt(Math.trunc(toNumber(value))) : toBigInt(value);
  if (!fitsLong(exact))
    throw new MongoError(241, "Conversion would overflow target type in $convert with no onError value");
  return Long.fromBigInt(exact);
}

function toDate(value: unknown): Date {
  if (value instanceof Date) return value;
  if (value instanceof ObjectId) return value.getTimestamp();
  // MongoDB converts long and double to a date, but not int.
  if (isNumber(value) && kindOf(value) !== "int") return new Date(Math.trunc(toNumber(value)));
  if (typeof value === "string" && !Number.isNaN(Date.parse(value))) {
    return new Date(/[zZ]|[+-]\d\d:?\d\d$/.test(value) || !value.includes("T") ? value : `${value}Z`);
  }
  throw unsupported(value, "date");
}

const nullable = (convert: (value: unknown) => unknown): Operator =>
  strict(1, 1, ([value]) => (isNullish(value) ? null : convert(value)));

const UNITS: Readonly<Record<string, number>> = {
  millisecond: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
};
const MONTHS: Readonly<Record<string, number>> = { month: 1, quarter: 3, year: 12 };

/** Adds calendar months; a day that the month does not have becomes its last one. */
function addMonths(date: Date, months: number): Date {
  const moved = new Date(date);
  moved.setUTCDate(1);
  moved.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(moved.getUTCFullYear(), moved.getUTCMonth() + 1, 0)).getUTCDate();
  moved.setUTCDate(Math.min(date.getUTCDate(), last));
  return moved;
}

const dateAdd: Operator = (operand, compile) => {
  const given = named("$dateAdd", operand, ["startDate", "unit", "amount"]);
  const [startDate, unit, amount] = [given.startDate, given.unit, given.amount].map((one) => compile(one));
  return (scope) => {
    const start = startDate!(scope);
    const by = amount!(scope);
    const name = unit!(scope);
    if (isNullish(start) || isNullish(by) || isNullish(name)) return null;
    if (!(start instanceof Date))
      throw typeMismatch(`$dateAdd requires startDate to be convertible to a date`);
    if (!isNumber(by) || !Number.isInteger(toNumber(by)))
      throw new MongoError(5166405, "$dateAdd expects integer amount of time units");
    if (typeof name !== "string") throw new MongoError(5166404, "$dateAdd expects string time unit");
    if (Object.hasOwn(UNITS, name)) return new Date(start.getTime() + UNITS[name]! * toNumber(by));
    if (Object.hasOwn(MONTHS, name)) return addMonths(start, MONTHS[name]! * toNumber(by));
    throw badValue(`unknown time unit value: ${name}`);
  };
};

function concat(values: readonly unknown[]): unknown {
  if (values.some(isNullish)) return null;
  const stranger = values.find((value) => typeof value !== "string");
  if (stranger !== undefined)
    throw new MongoError(16702, `$concat only supports strings, not ${kindName(stranger)}`);
  return values.join("");
}

function mergeObjects(values: readonly unknown[]): unknown {
  const merged: Doc = {};
  const given = values.length === 1 && Array.isArray(values[0]) ? (values[0] as unknown[]) : values;
  for (const value of given) {
    if (isNullish(value)) continue;
    if (!isDoc(value))
      throw new MongoError(
        40400,
        `$mergeObjects requires object inputs, but input is of type ${kindName(value)}`,
      );
    for (const [name, inner] of Object.entries(value)) put(merged, name, inner);
  }
  return merged;
}

function objectToArray([value]: readonly unknown[]): unknown {
  if (isNullish(value)) return null;
  if (!isDoc(value))
    throw new MongoError(40390, `$objectToArray requires a document input, found: ${kindName(value)}`);
  return Object.entries(value).map(([k, v]) => ({ k, v }));
}

function arrayToObject([value]: readonly unknown[]): unknown {
  if (isNullish(value)) return null;
  if (!Array.isArray(value))
    throw new MongoError(40386, `$arrayToObject requires an array input, found: ${kindName(value)}`);
  const made: Doc = {};
  for (const entry of value as unknown[]) {
    const [k, v]: unknown[] = isArray(entry)
      ? entry
      : isDoc(entry)
        ? [field(entry, "k"), field(entry, "v")]
        : [];
    if (typeof k !== "string")
      throw new MongoError(40394, "$arrayToObject requires entries of a string key and a value");
    put(made, k, v);
  }
  return made;
}

export const CONVERSIONS: Operators = {
  $literal: (operand) => () => operand,
  $type: strict(1, 1, ([value]) => kindName(value)),
  $toString: nullable(toText),
  $toLong: nullable(toLong),
  $toDate: nullable(toDate),
  $dateAdd: dateAdd,
  $concat: strict(0, Infinity, concat),
  $mergeObjects: strict(0, Infinity, mergeObjects),
  $objectToArray: strict(1, 1, objectToArray),
  $arrayToObject: strict(1, 1, arrayToObject),
};
