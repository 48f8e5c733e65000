import { Double, Int32, Long, serialize } from "bson";
import { describe, expect, it } from "vitest";
import { parseUpdate } from "./update.js";
import { decode } from "./values.js";
import type { Doc } from "./values.js";

const typed = (doc: Doc): Doc => decode(serialize(doc));
const field = (value: unknown): unknown => typed({ value }).value;

function update(spec: unknown, doc: Doc, inserting = false): Doc {
  return decode(serialize(parseUpdate(field(spec))(typed(doc), inserting)));
}

describe("an update", () => {
  it.each<[unknown, Doc, Doc, boolean?]>([
    [{ $set: { b: 2, "c.d": 3 } }, { a: 1 }, { a: 1, b: 2, c: { d: 3 } }],
    [{ $set: { "a.2": 9 } }, { a: { b: 1 } }, { a: { b: 1, 2: 9 } }],
    [{ $unset: { a: 1, "b.c": 1, "d.e": 1, f: 1 } }, { a: 1, b: { c: 1 }, d: [5] }, { b: {}, d: [5] }],
    [{ $inc: { a: 1, b: 2 } }, { a: 1 }, { a: 2, b: 2 }],
    [{ $inc: { a: 1 } }, { a: new Int32(2147483647) }, { a: Long.fromNumber(2147483648) }],
    [{ $inc: { a: 1 } }, { a: Long.fromInt(5) }, { a: Long.fromInt(6) }],
    [{ $inc: { a: new Double(0.5) } }, { a: 1 }, { a: 1.5 }],
    [{ $push: { a: 1 } }, {}, { a: [1] }],
    [{ $push: { a: [1] } }, { a: [0] }, { a: [0, [1]] }],
    [{ $push: { a: { $each: [3, 1] } } }, { a: [2] }, { a: [2, 3, 1] }],
    [{ $push: { a: { $each: [3, 1], $slice: -2 } } }, { a: [2] }, { a: [3, 1] }],
    [{ $push: { a: { $each: [1, 2, 3], $slice: 2 } } }, {}, { a: [1, 2] }],
    [{ $push: { a: { $each: [1], $slice: 0 } } }, { a: [1] }, { a: [] }],
    [{ $addToSet: { a: { $each: [1, new Double(2), 3] } } }, { a: [1, 2] }, { a: [1, 2, 3] }],
    [{ $addToSet: { a: new Double(2) } }, { a: [1, 2] }, { a: [1, 2] }],
    [{ $addToSet: { a: 3, b: 1 } }, { a: [1, 2] }, { a: [1, 2, 3], b: [1] }],
    [{ $pull: { a: { b: { $gt: 1 } } } }, { a: [{ b: 1 }, { b: 2 }, 7] }, { a: [{ b: 1 }, 7] }],
    [{ $pull: { a: { b: 1 } } }, {}, {}],
    [{ $setOnInsert: { a: 1 }, $set: { b: 1 } }, {}, { b: 1 }],
    [{ $setOnInsert: { a: 1 } }, {}, { a: 1 }, true],
    [[{ $set: { b: { $add: ["$a", 1] } } }, { $unset: ["a"] }], { _id: 1, a: 1 }, { _id: 1, b: 2 }],
    [[{ $set: { "a.b": 1, c: "$$REMOVE" } }], { _id: 1, a: { x: 1 }, c: 1 }, { _id: 1, a: { x: 1, b: 1 } }],
    [[{ $set: { "a.b": 1 } }], { a: [{ b: 0 }, 5, [{}]] }, { a: [{ b: 1 }, { b: 1 }, [{ b: 1 }]] }],
    [[{ $set: { a: { b: 1 } } }], { a: { c: 2 } }, { a: { c: 2, b: 1 } }],
    [[{ $set: { "a.b": 1 } }], { a: 5 }, { a: { b: 1 } }],
    [[{ $set: { b: 9 } }], { a: 1, b: 2, c: 3 }, { a: 1, b: 9, c: 3 }],
    [[{ $unset: "a.b" }], { a: [{ b: 1, c: 2 }, 5] }, { a: [{ c: 2 }, 5] }],
    [[{ $unset: "_id" }], { _id: 1, a: 1 }, { _id: 1, a: 1 }],
    [
      [{ $set: { a: { $filter: { input: "$a", cond: { $ne: ["$$this.n", 1] } } } } }],
      { _id: 1, a: [{ n: 1 }, { n: 2 }] },
      { _id: 1, a: [{ n: 2 }] },
    ],
  ])("%j on %j gives %j", (spec, doc, expected, inserting) => {
    expect(update(spec, doc, inserting)).toEqual(typed(expected));
  });

  it("adds new fields in the order of their names", () => {
    expect(Object.keys(update({ $set: { b: 1, "10": 1, a: 1 } }, { z: 1 }))).toEqual(["10", "z", "a", "b"]);
  });

  it.each<[unknown, Doc, number, string]>([
    [{ $foo: { a: 1 } }, {}, 9, "Unknown modifier: $foo"],
    [{ $set: { a: 1 }, $inc: { "a.b": 1 } }, {}, 40, "would create a conflict at 'a'"],
    [{ $set: { _id: 2 } }, { _id: 1 }, 66, "immutable field '_id'"],
    [{ $unset: { _id: 1 } }, { _id: 1 }, 66, "immutable field '_id'"],
    [{ a: 2 }, { _id: 1 }, 238, "Replacing a whole document"],
    [[{ $set: { _id: 2 } }], { _id: 1 }, 66, "immutable field '_id'"],
    [{ $inc: { a: 1 } }, { _id: 1, a: "x" }, 14, "non-numeric type string"],
    [{ $inc: { a: 1 } }, { _id: 1, a: null }, 14, "non-numeric type null"],
    [{ $inc: { a: "x" } }, {}, 14, "Cannot increment with non-numeric argument"],
    [{ $inc: { a: 1 } }, { a: Long.MAX_VALUE }, 2, "Failed to apply $inc"],
    [{ $push: { a: 1 } }, { a: 1 }, 2, "must be an array but is of type int"],
    [{ $push: { a: { $each: [1], $foo: 1 } } }, {}, 2, "Unrecognized clause in $push: $foo"],
    [{ $push: { a: { $each: [1], $position: 0 } } }, {}, 2, "Unrecognized clause in $push: $position"],
    [{ $push: { a: { $each: [1], $slice: 1.5 } } }, {}, 2, "must be an integer"],
    [{ $addToSet: { a: { $each: 1 } } }, {}, 14, "must be an array but it was of type: int"],
    [{ $addToSet: { a: { $each: [1], $slice: 1 } } }, {}, 2, "Unrecognized clause in $addToSet: $slice"],
    [{ $pull: { a: 1 } }, {}, 238, "$pull of values"],
    [{ $pull: { a: { b: 1 } } }, { a: 1 }, 2, "must be an array but is of type int"],
    [{ $currentDate: { a: true } }, {}, 9, "Unknown modifier: $currentDate"],
    [{ $mul: { a: 2 } }, { a: 1 }, 9, "Unknown modifier: $mul"],
    [{ $rename: { a: "b" } }, { a: 1 }, 9, "Unknown modifier: $rename"],
    [{ $set: { "a.b": 1 } }, { a: 5 }, 28, "Cannot create field 'b' in element {a: 5}"],
    [{ $set: { "a.b": 1 } }, { a: null }, 28, "Cannot create field 'b' in element {a: null}"],
    [{ $set: { "a.b": 1 } }, { a: [1] }, 28, "Cannot create field 'b' in element {a: [ 1 ]}"],
    [{ $set: { "a.0": 1 } }, { a: [1] }, 238, "A place in an array"],
    [{ $unset: { "a.0.b": 1 } }, { a: [{ b: 1 }] }, 238, "A place in an array"],
    [{ $pull: { "a.0.b": { c: 1 } } }, { a: [{ b: [{ c: 1 }] }] }, 238, "A place in an array"],
    [{ $set: { "a.$": 1 } }, { a: [1] }, 238, "'$' in the path of an update"],
    [{ $set: { "a.$[x]": 1 } }, { a: [1] }, 238, "'$[x]' in the path of an update"],
    [{ $set: { "a.$b": 1 } }, {}, 52, "The dollar ($) prefixed field '$b'"],
    [{ $set: { "": 1 } }, {}, 56, "empty"],
    [{ $set: 5 }, {}, 9, "Modifiers operate on fields"],
    [{ a: 1, $set: { b: 1 } }, {}, 238, "Replacing a whole document"],
    [[{ $group: { _id: 1 } }], {}, 40324, "Unrecognized pipeline stage name: '$group'"],
    [[{ $foo: 1 }], {}, 40324, "Unrecognized pipeline stage name: '$foo'"],
    [[{ $set: { a: { $size: "$b" } } }], { _id: 1 }, 17124, "must be an array, but is of type: missing"],
    [[{ $set: { a: 1, "a.b": 1 } }], {}, 31249, "Path collision at a.b"],
  ])("%j on %j is refused with code %i", (spec, doc, code, message) => {
    expect(() => update(spec, doc)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) as string }),
    );
  });
});
