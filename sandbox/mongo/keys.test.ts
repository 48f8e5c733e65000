import { Binary, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from "bson";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeKey, invert, successor } from "./keys.js";
import { compare } from "./values.js";

const scalar = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, new MinKey(), new MaxKey(), new Double(NaN), new Double(-0)),
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
  fc.uint8Array({ maxLength: 5 }).map((bytes) => new Binary(bytes)),
  fc.bigInt(0n, 2n ** 64n - 1n).map((value) => new Timestamp(Long.fromBigInt(value, true))),
);
const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie("any"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "a\u0001"), tie("any"), { maxKeys: 3, noNullPrototype: true }),
  ),
})).any;

const sign = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

describe("an index key", () => {
  it("orders values as comparing them does, whatever their types", () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const order = Math.sign(compare(a, b));

        expect(sign(encodeKey([a], [false]), encodeKey([b], [false]))).toBe(order);
        expect(sign(encodeKey([a], [true]), encodeKey([b], [true]))).toBe(order === 0 ? 0 : -order);
      }),
      { numRuns: 3000 },
    );
  });

  it("orders several fields by the first that differs, each in its direction", () => {
    fc.assert(
      fc.property(value, value, value, value, fc.boolean(), fc.boolean(), (a, b, c, d, down1, down2) => {
        const order = (down1 ? -1 : 1) * compare(a, c) || (down2 ? -1 : 1) * compare(b, d);

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
