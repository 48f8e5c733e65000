import { Double, Int32, Long, serialize } from "bson";
import { describe, expect, it } from "vitest";
import { parseUpdate } from "./update.js";
import { decode } from "./values.js";
import type { Doc } from "./values.js";

const typed = (doc: Doc): Doc => decode(serialize(doc));
const field = (value: unknown): unknown => typed({ value }).value;

interface Options {
  arrayFilters?: unknown[];
  position?: number;
  inserting?: boolean;
}

function update(spec: unknown, doc: Doc, { arrayFilters, position, inserting = false }: Options = {}): Doc {
  const parsed = parseUpdate(field(spec), arrayFilters && field(arrayFilters));
  return decode(serialize(parsed.apply(typed(doc), { position, inserting })));
}

describe("an update", () => {
  it.each<[unknown, Doc, Doc, Options?]>([
    [{ $set: { b: 2, "c.d": 3 } }, { a: 1 }, { a: 1, b: 2, c: { d: 3 } }],
    [{ $set: { "a.2": 9 } }, { a: [1] }, { a: [1, null, 9] }],
    [{ $set: { z: 1, b: 2 } }, {}, { b: 2, z: 1 }],
    [
      { $unset: { a: 1, "b.c": 1, "d.0": 1, e: 1 } },
      { a: 1, b: { c: 1 }, d: [5, 6] },
      { b: {}, d: [null, 6] },
    ],
    [{ $inc: { a: 1, b: 2 } }, { a: 1 }, { a: 2, b: 2 }],
    [{ $inc: { a: 1 } }, { a: new Int32(2147483647) }, { a: Long.fromNumber(2147483648) }],
    [{ $inc: { a: 1 } }, { a: Long.fromInt(5) }, { a: Long.fromInt(6) }],
    [{ $inc: { a: new Double(0.5) } }, { a: 1 }, { a: 1.5 }],
    [{ $mul: { a: 3, b: 3 } }, { a: 2 }, { a: 6, b: 0 }],
    [
      { $min: { a: 3 }, $max: { b: 3, c: 1 } },
      { a: 5, b: 1 },
      { a: 3, b: 3, c: 1 },
    ],
    [{ $push: { a: 1 } }, {}, { a: [1] }],
    [{ $push: { a: { $each: [4, 5], $position: 1 } } }, { a: [1, 2] }, { a: [1, 4, 5, 2] }],
    [{ $push: { a: { $each: [3, 1], $sort: 1, $slice: -2 } } }, { a: [2] }, { a: [2, 3] }],
    [
      { $push: { a: { $each: [{ n: 1 }], $sort: { n: -1 } } } },
      { a: [{ n: 0 }, { n: 2 }] },
      { a: [{ n: 2 }, { n: 1 }, { n: 0 }] },
    ],
    [{ $push: { a: { $each: [1, 2, 3], $slice: 2 } } }, {}, { a: [1, 2] }],
    [{ $addToSet: { a: { $each: [1, new Double(2), 3] } } }, { a: [1, 2] }, { a: [1, 2, 3] }],
    [{ $pop: { a: 1, b: -1, c: 1 } }, { a: [1, 2], b: [1, 2] }, { a: [1], b: [2] }],
    [{ $pull: { a: 2 } }, { a: [1, 2, 2.0, 3] }, { a: [1, 3] }],
    [{ $pull: { a: { $gte: 2 } } }, { a: [1, 2, 3] }, { a: [1] }],
    [{ $pull: { a: { b: { $gt: 1 } } } }, { a: [{ b: 1 }, { b: 2 }, 7] }, { a: [{ b: 1 }, 7] }],
    [{ $pullAll: { a: [1, 3] } }, { a: [1, 2, 3] }, { a: [2] }],
    [{ $rename: { a: "b.c" } }, { a: 1, d: 2 }, { d: 2, b: { c: 1 } }],
    [{ $setOnInsert: { a: 1 }, $set: { b: 1 } }, {}, { b: 1 }],
    [{ $setOnInsert: { a: 1 } }, {}, { a: 1 }, { inserting: true }],
    [{ $set: { "a.$": 9 } }, { a: [1, 2] }, { a: [1, 9] }, { position: 1 }],
    [{ $inc: { "a.$.n": 1 } }, { a: [{ n: 1 }, { n: 2 }] }, { a: [{ n: 1 }, { n: 3 }] }, { position: 1 }],
    [{ $inc: { "a.$[]": 1 } }, { a: [1, 2] }, { a: [2, 3] }],
    [
      { $set: { "a.$[x].d": true } },
      { a: [{ n: 1 }, { n: 5 }] },
      { a: [{ n: 1 }, { n: 5, d: true }] },
      { arrayFilters: [{ "x.n": { $gt: 3 } }] },
    ],
    [{ a: 2 }, { _id: 1, b: 1 }, { _id: 1, a: 2 }],
    [[{ $set: { b: { $add: ["$a", 1] } } }, { $unset: ["a"] }], { _id: 1, a: 1 }, { _id: 1, b: 2 }],
    [[{ $set: { "a.b": 1, c: "$$REMOVE" } }], { _id: 1, a: { x: 1 }, c: 1 }, { _id: 1, a: { x: 1, b: 1 } }],
    [[{ $replaceWith: { n: "$a" } }], { _id: 1, a: 3 }, { _id: 1, n: 3 }],
    [[{ $project: { a: 1 } }], { _id: 1, a: 3, b: 1 }, { _id: 1, a: 3 }],
    [
      [{ $set: { a: { $filter: { input: "$a", cond: { $ne: ["$$this.n", 1] } } } } }],
      { _id: 1, a: [{ n: 1 }, { n: 2 }] },
      { _id: 1, a: [{ n: 2 }] },
    ],
  ])("%j on %j gives %j", (spec, doc, expected, options) => {
    expect(update(spec, doc, options)).toEqual(typed(expected));
  });

  it("adds new fields in the order of their names", () => {
    expect(Object.keys(update({ $set: { b: 1, "10": 1, a: 1 } }, { z: 1 }))).toEqual(["10", "z", "a", "b"]);
  });

  it.each<[unknown, Doc, number, string, Options?]>([
    [{ $foo: { a: 1 } }, {}, 9, "Unknown modifier: $foo"],
    [{ $set: { a: 1 }, $inc: { "a.b": 1 } }, {}, 40, "would create a conflict at 'a'"],
    [{ $set: { _id: 2 } }, { _id: 1 }, 66, "immutable field '_id'"],
    [{ _id: 2 }, { _id: 1 }, 66, "immutable field '_id'"],
    [[{ $set: { _id: 2 } }], { _id: 1 }, 66, "immutable field '_id'"],
    [{ $inc: { a: 1 } }, { _id: 1, a: "x" }, 14, "non-numeric type string"],
    [{ $inc: { a: 1 } }, { _id: 1, a: null }, 14, "non-numeric type null"],
    [{ $inc: { a: "x" } }, {}, 14, "Cannot increment with non-numeric argument"],
    [{ $inc: { a: 1 } }, { a: Long.MAX_VALUE }, 2, "Failed to apply $inc"],
    [{ $push: { a: 1 } }, { a: 1 }, 2, "must be an array but is of type int"],
    [{ $push: { a: { $each: [1], $foo: 1 } } }, {}, 2, "Unrecognized clause in $push: $foo"],
    [{ $pop: { a: 1 } }, { a: 1 }, 14, "non-array type"],
    [{ $set: { "a.b": 1 } }, { a: 5 }, 28, "Cannot create field 'b' in element {a: 5}"],
    [{ $set: { "a.$": 1 } }, { a: [1] }, 2, "did not find the match needed"],
    [{ $set: { "a.$[]": 1 } }, {}, 2, "must exist in the document"],
    [{ $set: { "a.$[x]": 1 } }, { a: [1] }, 2, "No array filter found for identifier 'x'"],
    [{ $set: { a: 1 } }, {}, 9, "was not used in the update", { arrayFilters: [{ x: 1 }] }],
    [{ $set: { "": 1 } }, {}, 56, "empty"],
    [{ $set: 5 }, {}, 9, "Modifiers operate on fields"],
    [{ a: 1, $set: { b: 1 } }, {}, 52, "The dollar ($) prefixed field '$set'"],
    [[{ $group: { _id: 1 } }], {}, 72, "$group is not allowed"],
    [[{ $foo: 1 }], {}, 40324, "Unrecognized pipeline stage name: '$foo'"],
    [[{ $set: { a: { $divide: [1, 0] } } }], { _id: 1 }, 2, "can't $divide by zero"],
  ])("%j on %j is refused with code %i", (spec, doc, code, message, options) => {
    expect(() => update(spec, doc, options)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) as string }),
    );
  });
});
