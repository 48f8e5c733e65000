import { Long } from "bson";
import type { ObjectId } from "bson";
import { notImplemented } from "./errors.js";
import { toNumber } from "./numbers.js";
import { kindOf, RANK } from "./values.js";
import type { Doc } from "./values.js";

let buffer = Buffer.allocUnsafe(4096);
let length = 0;

function reserve(bytes: number): void {
  if (length + bytes <= buffer.length) return;
  const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, length + bytes));
  buffer.copy(larger, 0, 0, length);
  buffer = larger;
}

function byte(value: number): void {
  reserve(1);
  buffer[length++] = value;
}

function bytes(value: Uint8Array): void {
  reserve(value.length);
  buffer.set(value, length);
  length += value.length;
}

/** Text ends with 00 00 and escapes 00 as 00 FF, so that a prefix sorts before what continues it. */
function text(value: string): void {
  reserve(value.length * 3 + 2);
  const written = buffer.write(value, length, "utf8");
  if (value.includes("\0")) {
    const escaped = Buffer.from(
      buffer.toString("latin1", length, length + written).replaceAll("\0", "\0\xff"),
      "latin1",
    );
    bytes(escaped);
  } else length += written;
  byte(0);
  byte(0);
}

function double(value: number): void {
  reserve(8);
  buffer.writeDoubleBE(value, length);
  // Sign-magnitude to an order of unsigned bytes: negative numbers are inverted whole.
  if (buffer[length]! & 0x80) for (let i = 0; i < 8; i++) buffer[length + i]! ^= 0xff;
  else buffer[length]! ^= 0x80;
  length += 8;
}

function number(value: unknown): void {
  const nearest = toNumber(value);
  double(Number.isNaN(nearest) ? -Infinity : nearest === 0 ? 0 : nearest);
  // A long differs from its nearest double by at most 512; NaN sorts below -Infinity.
  const rest =
    value instanceof Long && !Number.isSafeInteger(nearest) ? Number(value.toBigInt() - BigInt(nearest)) : 0;
  reserve(2);
  length = buffer.writeUInt16BE(Number.isNaN(nearest) ? 0 : rest + 0x8000, length);
}

function document(value: Doc): void {
  for (const [name, inner] of Object.entries(value)) {
    byte(RANK[kindOf(inner)]);
    text(name);
    payload(inner);
  }
  byte(0);
}

function payload(value: unknown): void {
  switch (kindOf(value)) {
    case "int":
    case "long":
    case "double":
      return number(value);
    case "string":
      return text(value as string);
    case "object":
      return document(value as Doc);
    case "array":
      for (const inner of value as unknown[]) component(inner);
      return byte(0);
    case "binData":
      throw notImplemented("Sorting, comparing or indexing binary values");
    case "objectId":
      return bytes((value as ObjectId).id);
    case "bool":
      return byte(value === true ? 1 : 0);
    case "date":
      return double((value as Date).getTime());
    case "null":
    case "missing":
      return;
  }
}

function component(value: unknown): void {
  byte(RANK[kindOf(value)]);
  payload(value);
}

/**
 * Turns values into a string of bytes (one character each) whose order is MongoDB's order of the values, each
 * ascending or, where `descending` says so, the other way round. No value's bytes are the beginning of another's.
 * @throws MongoError 238 for binary values
 */
export function encodeKey(values: readonly unknown[], descending: readonly boolean[]): string {
  length = 0;
  values.forEach((value, i) => {
    const start = length;
    component(value);
    if (descending[i] === true) for (let at = start; at < length; at++) buffer[at]! ^= 0xff;
  });
  return buffer.toString("latin1", 0, length);
}

/** The key of one value. */
export const keyOf = (value: unknown): string => encodeKey([value], [false]);

/** The order of two keys, for `Array.prototype.sort`. */
export const compareKeys = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * MongoDB's order of any two values: type first, numbers by value whatever their kind.
 * @returns below, at or above zero
 */
export function compare(a: unknown, b: unknown): number {
  if (typeof a === "string" && a === b) return 0;
  const rank = RANK[kindOf(a)] - RANK[kindOf(b)];
  if (rank !== 0) return rank;
  if (a instanceof Date || RANK[kindOf(a)] === RANK.int) {
    const [x, y] = [toNumber(a), toNumber(b)];
    // Two different longs can share their nearest double.
    if (x < y || x > y || (x === y && Number.isSafeInteger(x))) return x - y;
  }
  return compareKeys(keyOf(a), keyOf(b));
}

export const equals = (a: unknown, b: unknown): boolean =>
  typeof a === "string" && typeof b === "string" ? a === b : compare(a, b) === 0;

/** The first key behind every key that begins with `prefix`. */
export function successor(prefix: string): string {
  let end = prefix.length;
  while (end > 0 && prefix.charCodeAt(end - 1) === 0xff) end--;
  return prefix.slice(0, end - 1) + String.fromCharCode(prefix.charCodeAt(end - 1) + 1);
}

/** The bytes of a key turned round, which is how a descending index holds them. */
export function invert(key: string): string {
  let inverted = "";
  for (let i = 0; i < key.length; i++) inverted += String.fromCharCode(key.charCodeAt(i) ^ 0xff);
  return inverted;
}
