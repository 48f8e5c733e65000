import { Binary, Double, Int32, Long, ObjectId } from "bson";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compare, encodeKey, equals, invert, successor } from "./keys.js";
import { isDoc, isNumber, kindOf, RANK } from "./values.js";

const scalar = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, new Double(NaN), new Double(-0)),
  fc.constantFrom<unknown>(new Double(Infinity), new Double(-Infinity), Long.MAX_VALUE, Long.MIN_VALUE),
  fc.integer().map((value) => new Int32(value)),
  fc.double().map((value) => new Double(value)),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map((value) => Long.fromBigInt(value)),
  fc.bigInt(2n ** 53n, 2n ** 53n + 8n).map((value) => Long.fromBigInt(value)),
  fc.integer({ min: 2 ** 30, max: 2 ** 30 + 3 }).map((value) => new Double(value * 2 ** 23)),
  fc.string({ unit: "binary" }),
  fc.constantFrom("", "a", "a\0", "a\0b", "ab", "\uffee", "😀"),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((id) => new ObjectId(id)),
);
const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie("any"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "a\u0001"), tie("any"), { maxKeys: 3, noNullPrototype: true }),
  ),
})).any;

/** MongoDB's order as it is written down, value by value. */
function ordered(a: unknown, b: unknown): number {
  const rank = RANK[kindOf(a)] - RANK[kindOf(b)];
  if (rank !== 0) return rank;
  if (isNumber(a)) return orderedNumbers(a, b);
  if (Array.isArray(a) && Array.isArray(b)) return firstOf(a, b, (x, y) => ordered(x, y));
  if (isDoc(a) && isDoc(b)) {
    return firstOf(Object.entries(a), Object.entries(b), ([nameA, x], [nameB, y]) => {
      return (
        RANK[kindOf(x)] - RANK[kindOf(y)] ||
        Buffer.compare(Buffer.from(nameA), Buffer.from(nameB)) ||
        ordered(x, y)
      );
    });
  }
  if (a instanceof ObjectId && b instanceof ObjectId) return Buffer.compare(a.id, b.id);
  if (typeof a === "string") return Buffer.compare(Buffer.from(a), Buffer.from(b as string));
  return Number(a) - Number(b);
}

function firstOf<T>(a: readonly T[], b: readonly T[], order: (x: T, y: T) => number): number {
  const at = a.findIndex((x, i) => i >= b.length || order(x, b[i]!) !== 0);
  return at < 0 || at >= b.length ? a.length - b.length : order(a[at]!, b[at]!);
}

/** As doubles where that tells them apart, exactly where it does not. */
function orderedNumbers(a: unknown, b: unknown): number {
  const [x, y] = [Number(String(a)), Number(String(b))];
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(y)) - Number(Number.isNaN(x));
  if (x !== y) return x < y ? -1 : 1;
  const exact = (value: unknown): bigint =>
    value instanceof Long ? value.toBigInt() : BigInt(Number(value));
  return Number.isInteger(x) ? Number(exact(a) - exact(b)) : 0;
}

const sign = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

describe("an index key", () => {
  it("orders values as MongoDB does, whatever their types, and so does comparing them", () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const order = Math.sign(ordered(a, b));

        expect(Math.sign(compare(a, b))).toBe(order);
        expect(equals(a, b)).toBe(order === 0);
        expect(sign(encodeKey([a], [false]), encodeKey([b], [false]))).toBe(order);
        expect(sign(encodeKey([a], [true]), encodeKey([b], [true]))).toBe(order === 0 ? 0 : -order);
      }),
      { numRuns: 3000 },
    );
  });

  it("refuses binary values, also within others", () => {
    expect(() => encodeKey([{ a: [new Binary(new Uint8Array(2))] }], [false])).toThrow("binary values");
  });

  it("orders several fields by the first that differs, each in its direction", () => {
    fc.assert(
      fc.property(value, value, value, value, fc.boolean(), fc.boolean(), (a, b, c, d, down1, down2) => {
        const order = (down1 ? -1 : 1) * ordered(a, c) || (down2 ? -1 : 1) * ordered(b, d);

        const keys = [encodeKey([a, b], [down1, down2]), encodeKey([c, d], [down1, down2])] as const;

        expect(sign(...keys)).toBe(order === 0 ? 0 : Math.sign(order));
      }),
    );
  });

  it("has behind all that begin with it the successor, and turned round the reverse order", () => {
    fc.assert(
      fc.property(
        value,
        fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((n) => String.fromCharCode(n)) }),
        (a, rest) => {
          const key = encodeKey([a], [false]);

          expect(key + rest < successor(key)).toBe(true);
          expect(invert(key)).toBe(encodeKey([a], [true]));
        },
      ),
    );
  });
});
