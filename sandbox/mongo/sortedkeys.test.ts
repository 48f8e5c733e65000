import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SortedKeys } from "./sortedkeys.js";

const key = fc.integer({ min: 0, max: 3000 }).map((n) => String(n).padStart(4, "0"));
const operations = fc.array(fc.tuple(fc.boolean(), key), { maxLength: 4000, size: "max" });

function apply(all: readonly (readonly [boolean, string])[]): { keys: SortedKeys; model: string[] } {
  const keys = new SortedKeys();
  const model = new Set<string>();
  for (const [adds, one] of all) {
    if (adds) keys.add(one);
    else keys.delete(one);
    if (adds) model.add(one);
    else model.delete(one);
  }
  return { keys, model: [...model].sort() };
}

describe("sorted keys", () => {
  it("hold what was added and not deleted, in order, in every stretch and both directions", () => {
    fc.assert(
      fc.property(operations, key, key, (all, a, b) => {
        const { keys, model } = apply(all);
        const [from, to] = a < b ? [a, b] : [b, a];
        const wanted = model.filter((one) => one >= from && one < to);

        expect([...keys.scan("", "\uffff")]).toHaveLength(model.length);
        expect([...keys.scan(from, to)]).toEqual(wanted);
        expect([...keys.scan(from, to, true)]).toEqual(wanted.reverse());
        expect(keys.count(from, to)).toBe(wanted.length);
        expect(keys.first(from)).toBe(model.find((one) => one >= from));
      }),
      { numRuns: 60 },
    );
  });

  it("are scanned on while others come and go", () => {
    const keys = new SortedKeys();
    keys.fill(Array.from({ length: 2000 }, (_, n) => String(n * 2).padStart(5, "0")));
    const seen: string[] = [];

    for (const one of keys.scan("00000", "99999")) {
      seen.push(one);
      keys.delete(one);
      if (Number(one) % 2 === 0 && Number(one) < 100) keys.add(String(Number(one) + 1).padStart(5, "0"));
    }

    expect(seen).toHaveLength(2050);
    expect(seen).toEqual([...seen].sort());
    expect([...keys.scan("", "\uffff")]).toEqual([]);
  });
});
