import { Double, Int32, Long } from "bson";

/** The nearest JavaScript number. */
export function toNumber(value: unknown): number {
  if (value instanceof Int32 || value instanceof Double) return value.value;
  return value instanceof Long ? value.toNumber() : Number(value);
}

const toBigInt = (value: unknown): bigint =>
  value instanceof Long ? value.toBigInt() : BigInt(toNumber(value));

const isDouble = (value: unknown): boolean =>
  value instanceof Double || (typeof value === "number" && (value | 0) !== value);

const OPERATIONS = {
  "+": { exact: (a: bigint, b: bigint) => a + b, near: (a: number, b: number) => a + b },
  "-": { exact: (a: bigint, b: bigint) => a - b, near: (a: number, b: number) => a - b },
  "*": { exact: (a: bigint, b: bigint) => a * b, near: (a: number, b: number) => a * b },
};

/**
 * Adds, subtracts or multiplies as MongoDB does: a double makes a double, a long a long, and an int that
 * overflows becomes a long.
 * @returns undefined where a long overflows
 */
export function arithmetic(
  operation: keyof typeof OPERATIONS,
  a: unknown,
  b: unknown,
): Int32 | Long | Double | undefined {
  const { exact, near } = OPERATIONS[operation];
  if (isDouble(a) || isDouble(b)) return new Double(near(toNumber(a), toNumber(b)));
  const result = exact(toBigInt(a), toBigInt(b));
  if (BigInt.asIntN(64, result) !== result) return undefined;
  const asLong = a instanceof Long || b instanceof Long || BigInt.asIntN(32, result) !== result;
  return asLong ? Long.fromBigInt(result) : new Int32(Number(result));
}
