import { Decimal128, Double, Int32, Long } from "bson";
import { notImplemented } from "./errors.js";

const isLong = (value: unknown): value is Long | bigint => typeof value === "bigint" || value instanceof Long;

/** The nearest JavaScript number. Decimal128 is refused: it has no exact one. */
export function toNumber(value: unknown): number {
  if (typeof value === "number") return value;
  if (value instanceof Int32 || value instanceof Double) return value.value;
  if (value instanceof Long) return value.toNumber();
  if (value instanceof Decimal128) throw notImplemented("Arithmetic and comparison of Decimal128");
  return Number(value);
}

/** The exact integer of an int or long, or of a double without a fraction. */
export const toBigInt = (value: unknown): bigint =>
  typeof value === "bigint" ? value : value instanceof Long ? value.toBigInt() : BigInt(toNumber(value));

/** Order by value whatever the kinds; NaN comes first and equals itself. */
export function compareNumbers(a: unknown, b: unknown): number {
  const x = toNumber(a);
  const y = toNumber(b);
  if (x === y) {
    // Two different longs can share their nearest double.
    if (Math.abs(x) < Number.MAX_SAFE_INTEGER || (!isLong(a) && !isLong(b)) || !Number.isFinite(x)) return 0;
    const exactX = toBigInt(a);
    const exactY = toBigInt(b);
    return exactX < exactY ? -1 : exactX > exactY ? 1 : 0;
  }
  if (Number.isNaN(x)) return Number.isNaN(y) ? 0 : -1;
  return Number.isNaN(y) || x > y ? 1 : -1;
}

export const isDouble = (value: unknown): boolean =>
  value instanceof Double ||
  (typeof value === "number" && (!Number.isInteger(value) || Math.abs(value) > 0x7fff_ffff));

const MIN_LONG = -(2n ** 63n);
const MAX_LONG = 2n ** 63n - 1n;

export const fitsLong = (value: bigint): boolean => value >= MIN_LONG && value <= MAX_LONG;

/** An integer result as MongoDB widens it: int while both operands are and it fits, long, else undefined. */
function integer(value: bigint, asLong: boolean): Int32 | Long | undefined {
  if (!fitsLong(value)) return undefined;
  return !asLong && value >= -0x8000_0000n && value <= 0x7fff_ffffn
    ? new Int32(Number(value))
    : Long.fromBigInt(value);
}

/**
 * Adds, subtracts or multiplies as MongoDB does: a double makes a double, a long a long, and an int that
 * overflows becomes a long.
 * @returns undefined where a long overflows
 */
export function arithmetic(
  operation: "+" | "-" | "*",
  a: unknown,
  b: unknown,
): Int32 | Long | Double | undefined {
  const x = toNumber(a);
  const y = toNumber(b);
  if (isDouble(a) || isDouble(b))
    return new Double(operation === "+" ? x + y : operation === "-" ? x - y : x * y);
  const exactX = toBigInt(a);
  const exactY = toBigInt(b);
  const exact = operation === "+" ? exactX + exactY : operation === "-" ? exactX - exactY : exactX * exactY;
  return integer(exact, isLong(a) || isLong(b));
}
