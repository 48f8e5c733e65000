import { Int32 } from "bson";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Collection } from "./collection.js";
import { countByIndex } from "./counting.js";
import { parseFilter } from "./filter.js";
import { FORGETFUL } from "./journal.js";
import { choosePlan } from "./planner.js";
import { find } from "./query.js";
import { parseSort } from "./sort.js";
import type { Doc } from "./values.js";

/** More with `SEEDS=300`. */
const RUNS = 50 * Number(process.env.SEEDS ?? 20);

const int = (value: number): Int32 => new Int32(value);
const number = fc.integer({ min: 0, max: 4 }).map(int);
const value = fc.oneof({ weight: 2, arbitrary: number }, fc.constantFrom<unknown>(null, "x", "y"), {
  weight: 2,
  arbitrary: fc.array(number, { maxLength: 3 }),
});
const scalar = fc.oneof({ weight: 5, arbitrary: number }, fc.constantFrom<unknown>(null, "x"));
/** Only `a` may be an array: two side by side can be in no index and no sort. */
const aDoc = (leaf: fc.Arbitrary<unknown>): fc.Arbitrary<Doc> =>
  fc.record(
    {
      a: leaf,
      b: scalar,
      c: scalar,
      d: fc.record({ e: scalar }, { requiredKeys: [], noNullPrototype: true }),
    },
    { requiredKeys: [], noNullPrototype: true },
  );

const path = fc.constantFrom("a", "a", "b", "c", "d.e");
const condition: fc.Arbitrary<unknown> = fc.oneof(
  value,
  fc.record({ $in: fc.array(scalar, { minLength: 1, maxLength: 3 }) }, { noNullPrototype: true }),
  fc.record({ $gt: scalar }, { noNullPrototype: true }),
  { weight: 3, arbitrary: fc.record({ $gte: scalar, $lt: scalar }, { noNullPrototype: true }) },
  fc.record({ $lte: scalar }, { noNullPrototype: true }),
  fc.record({ $ne: scalar }, { noNullPrototype: true }),
  fc.record({ $exists: fc.boolean() }, { noNullPrototype: true }),
  fc.constantFrom<unknown>({ $regex: "^x" }, { $regex: "^xy?" }, { $regex: "x" }),
);
const compared = fc.record(
  { $expr: fc.tuple(path, scalar).map(([name, most]): Doc => ({ $lte: [`$${name}`, most] })) },
  { noNullPrototype: true },
);
const simple = fc.dictionary(path, condition, { maxKeys: 3, noNullPrototype: true });
const filter: fc.Arbitrary<Doc> = fc.oneof(
  { weight: 3, arbitrary: simple },
  fc
    .tuple(simple, fc.array(simple, { minLength: 1, maxLength: 3 }))
    .map(([all, $or]): Doc => ({ ...all, $or })),
  fc.tuple(simple, compared).map(([all, one]): Doc => ({ ...all, ...one })),
);
const pattern = fc
  .uniqueArray(path, { minLength: 1, maxLength: 3 })
  .chain((names) =>
    fc.tuple(...names.map((name) => fc.tuple(fc.constant(name), fc.constantFrom(1, -1).map(int)))),
  )
  .chain((entries) =>
    fc.constantFrom(Object.fromEntries(entries), { ...Object.fromEntries(entries), _id: int(1) }),
  )
  .map((made): Doc => made);
const index = fc.record(
  {
    key: pattern,
    partialFilterExpression: fc.constantFrom<Doc>(
      { a: { $exists: true } },
      { b: { $gt: int(1) } },
      { c: int(2) },
    ),
  },
  { requiredKeys: ["key"], noNullPrototype: true },
);

function aCollection(docs: readonly Doc[], indexes: readonly Doc[]): Collection {
  const collection = new Collection(1, "db", "c", () => FORGETFUL);
  docs.forEach((doc, i) => collection.insert({ _id: int(i), ...doc }));
  collection.addIndexes(indexes.map((spec, i) => ({ name: `i${i}`, ...spec })));
  return collection;
}

const ask = (
  collection: Collection,
  query: Doc,
  sort: Doc | undefined,
  limit: number,
): { ids: unknown[]; work: { keys: number; docs: number } } => {
  const work = { keys: 0, docs: 0 };
  const wanted = { filter: parseFilter(query), sort: sort && parseSort(sort), limit };
  const ids = [...find(collection, wanted, work)].map(({ doc }) => (doc._id as Int32).value);
  return { ids, work };
};

describe("the plan", () => {
  it.each([
    ["with arrays", value],
    ["without arrays", scalar],
  ])("never changes which documents are found, nor their order (%s)", (_name, leaf) => {
    const docs = fc.array(aDoc(leaf), { minLength: 5, maxLength: 25 });
    fc.assert(
      fc.property(
        docs,
        fc.array(index, { minLength: 1, maxLength: 3 }),
        filter,
        fc.option(pattern),
        (all, indexes, query, sort) => {
          const order = sort ? { ...sort, _id: int(1) } : undefined;
          const indexed = aCollection(all, indexes);
          const wanted = ask(aCollection(all, []), query, order, 0).ids;

          const { ids } = ask(indexed, query, order, 0);

          if (order) expect(ids).toEqual(wanted);
          else expect(new Set(ids)).toEqual(new Set(wanted));
          expect(ids).toHaveLength(wanted.length);
          const found = { filter: parseFilter(query), limit: 0 };
          expect(countByIndex(indexed, found) ?? wanted.length).toBe(wanted.length);
          expect(ask(indexed, query, order, 3).ids).toHaveLength(Math.min(3, wanted.length));
        },
      ),
      { numRuns: RUNS },
    );
  });

  const files = (): Collection => {
    const docs = Array.from({ length: 3000 }, (_, i) => ({
      owner: int(i % 3),
      state: ["QUEUED", "RUNNING", "DONE"][i % 7] ?? "DONE",
      at: new Date(i * 1000),
      lists: ["all", `owner ${i % 3}`],
      words: ["report", `n.${i}`],
    }));
    return aCollection(docs, [
      { key: { owner: int(1), at: int(-1), _id: int(-1) } },
      { key: { lists: int(1), state: int(1), at: int(1), _id: int(1) } },
      { key: { words: int(1) } },
      { key: { state: int(1), at: int(1) } },
    ]);
  };

  it.each<[string, Doc, Doc, number]>([
    ["an equal prefix", { owner: int(1) }, { at: int(-1), _id: int(-1) }, 50],
    ["an equal prefix, backwards", { owner: int(1) }, { at: int(1), _id: int(1) }, 50],
    [
      "a page behind a cursor",
      {
        owner: int(1),
        $or: [{ at: { $lt: new Date(900_000) } }, { at: new Date(900_000), _id: { $lt: int(900) } }],
      },
      { at: int(-1), _id: int(-1) },
      50,
    ],
    ["several values of the prefix, merged", { state: { $in: ["QUEUED", "RUNNING"] } }, { at: int(1) }, 50],
    [
      "a page behind a cursor, in a list that an array names, over several states merged",
      {
        lists: "owner 1",
        state: { $in: ["DONE", "QUEUED", "RUNNING"] },
        $or: [{ at: { $lt: new Date(900_000) } }, { at: new Date(900_000), _id: { $lt: int(900) } }],
      },
      { at: int(-1), _id: int(-1) },
      50,
    ],
    ["texts that begin alike", { words: { $regex: "^n\\.29" } }, { _id: int(1) }, 0],
    [
      "two texts of an array, the rarer one whichever comes first",
      { $and: [{ words: { $regex: "^report" } }, { words: { $regex: "^n\\.29" } }] },
      { at: int(1) },
      0,
    ],
    [
      "a range",
      { owner: int(2), at: { $gte: new Date(600_000), $lt: new Date(660_000) } },
      { at: int(-1) },
      0,
    ],
  ])("reads no more than it gives for %s", (_name, query, sort, limit) => {
    const { ids, work } = ask(files(), query, sort, limit);

    expect(ids.length).toBeGreaterThan(0);
    expect(work.docs).toBeLessThanOrEqual(ids.length * 1.1);
    expect(work.keys).toBeLessThanOrEqual(ids.length * 1.1);
  });

  it("counts by an index alone where its bounds say all that the filter says", () => {
    const count = (filter: Doc): number | undefined =>
      countByIndex(files(), { filter: parseFilter(filter), limit: 0 });

    expect(count({ lists: "owner 1", state: { $in: ["DONE", "RUNNING"] } })).toBe(857);
    expect(count({ words: { $regex: "^n\\.29" } })).toBe(111);
    expect(count({ words: { $regex: "^n\\.29.*1" } })).toBeUndefined();
    expect(count({ lists: "all", at: { $gt: new Date(0) } })).toBeUndefined();
  });

  it("counts a document once that has several entries", () => {
    const docs = [{ c: int(0), a: [int(0), int(1)] }, { c: int(1) }];
    const collection = aCollection(docs, [{ key: { c: int(1), a: int(1) } }]);
    const count = (filter: Doc): number | undefined =>
      countByIndex(collection, { filter: parseFilter(filter), limit: 0 });

    expect(count({ c: int(0) })).toBe(1);
    expect(count({ c: { $in: [int(0), int(1)] } })).toBe(2);
    expect(count({ c: int(0), a: int(1) })).toBe(1);
  });

  it("looks at the few that match rather than for them in order, where they may all stand at its end", () => {
    const { ids, work } = ask(files(), { words: { $regex: "^n\\.29" } }, { at: int(1) }, 5);

    expect(ids).toEqual([29, 290, 291, 292, 293]);
    expect(work.docs).toBe(111);
  });

  it("uses an index for each alternative of an $or", () => {
    const collection = aCollection(
      Array.from({ length: 1000 }, (_, i) => ({ a: int(i), b: int(i) })),
      [{ key: { a: int(1) } }, { key: { b: int(1) } }],
    );

    const plan = choosePlan(collection, {
      filter: parseFilter({ $or: [{ a: int(5) }, { b: int(7) }] }),
      limit: 0,
    });
    const { ids, work } = ask(collection, { $or: [{ a: int(5) }, { b: int(7) }] }, undefined, 0);

    expect(plan.stage).toBe("OR");
    expect(ids).toEqual([5, 7]);
    expect(work).toEqual({ keys: 2, docs: 2 });
  });
});
