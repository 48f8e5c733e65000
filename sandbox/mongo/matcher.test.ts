import { BSONRegExp, Double, Int32, Long, serialize, Timestamp } from "bson";
import { describe, expect, it } from "vitest";
import { parseFilter } from "./filter.js";
import { matches } from "./matcher.js";
import { decode } from "./values.js";
import type { Doc } from "./values.js";

/** As it would arrive: through BSON, with typed numbers. */
const typed = (doc: Doc): Doc => decode(serialize(doc));
const test = (filter: Doc, doc: Doc): boolean => matches(parseFilter(typed(filter)), typed(doc));
const BIG = 9007199254740993n;

describe("a filter", () => {
  it.each<[Doc, Doc, boolean]>([
    [{ a: 1 }, { a: new Long(1) }, true],
    [{ a: 1.5 }, { a: new Double(1.5) }, true],
    [{ a: Long.fromBigInt(BIG) }, { a: Long.fromBigInt(BIG - 1n) }, false],
    [{ a: { $gt: Long.fromBigInt(BIG - 1n) } }, { a: Long.fromBigInt(BIG) }, true],
    [{ a: { $gt: new Double(9007199254740992) } }, { a: Long.fromBigInt(BIG) }, true],
    [{ a: { $gt: 5 } }, { a: "6" }, false],
    [{ a: { $lt: "b" } }, { a: 1 }, false],
    [{ a: { $gte: NaN } }, { a: NaN }, true],
    [{ a: { $lt: 5 } }, { a: NaN }, false],
    [{ a: null }, {}, true],
    [{ a: null }, { a: null }, true],
    [{ a: null }, { a: 0 }, false],
    [{ a: null }, { a: [] }, false],
    [{ a: null }, { a: [1, null] }, true],
    [{ a: { $gte: null } }, {}, true],
    [{ a: { $gt: null } }, {}, false],
    [{ "a.b": null }, { a: 5 }, true],
    [{ "a.b": null }, { a: [] }, false],
    [{ "a.b": null }, { a: [1] }, false],
    [{ "a.0.b": null }, { a: [1] }, false],
    [{ "a.0.b": null }, { a: [{}] }, true],
    [{ "a.b": null }, { a: [{ b: 1 }, {}] }, true],
    [{ a: { $ne: null } }, {}, false],
    [{ a: { $ne: 1 } }, {}, true],
    [{ a: { $ne: 1 } }, { a: [1, 2] }, false],
    [{ a: { $exists: true } }, { a: null }, true],
    [{ a: { $exists: false } }, { a: null }, false],
    [{ "a.b": { $exists: false } }, { a: [{ c: 1 }] }, true],
    [{ "a.b": { $exists: false } }, { a: [{ b: 1 }, { c: 1 }] }, false],
    [{ "a.0": { $exists: false } }, { a: [] }, true],
    [{ "a.0": { $exists: false } }, {}, true],
    [{ "a.0": { $exists: false } }, { a: [{ b: 1 }] }, false],
    [{ "a.0": { $exists: true } }, { a: [] }, false],
    [{ "a.0": { $exists: true } }, { a: [{ b: 1 }] }, true],
    [{ "a.0": { $exists: true } }, { a: [null] }, true],
    [{ "a.1": { $exists: true } }, { a: [{ b: 1 }] }, false],
    [{ "a.0.b": { $exists: true } }, { a: [{ b: 1 }] }, true],
    [{ a: { b: 1, c: 2 } }, { a: { b: 1, c: 2 } }, true],
    [{ a: { b: 1, c: 2 } }, { a: { c: 2, b: 1 } }, false],
    [{ a: [1, 2] }, { a: [1, 2] }, true],
    [{ a: [1, 2] }, { a: [[1, 2], 3] }, true],
    [{ a: [1, 2] }, { a: [2, 1] }, false],
    [{ "a.0": 7 }, { a: [7, 8] }, true],
    [{ "a.0": 7 }, { a: [[7]] }, false],
    [{ "a.0": [7] }, { a: [[7]] }, true],
    [{ "a.0": 7 }, { a: [{ 0: 7 }] }, true],
    [{ "a.0.b": 7 }, { a: [[{ b: 7 }]] }, true],
    [{ "a.b": 7 }, { a: [[{ b: 7 }]] }, false],
    [{ "a.1.b": 7 }, { a: [{}, { b: 7 }] }, true],
    [{ "a.b": 7 }, { a: [{ b: 6 }, { b: 7 }] }, true],
    [{ "a.b": { $gt: 5, $lt: 3 } }, { a: [{ b: 2 }, { b: 7 }] }, true],
    [{ a: { $elemMatch: { b: { $gt: 5, $lt: 3 } } } }, { a: [{ b: 2 }, { b: 7 }] }, false],
    [
      { a: { $elemMatch: { b: 1, c: 2 } } },
      {
        a: [
          { b: 1, c: 1 },
          { b: 1, c: 2 },
        ],
      },
      true,
    ],
    [{ a: { $elemMatch: { b: 1 } } }, { a: { b: 1 } }, false],
    [{ a: { $not: { $gt: 5 } } }, {}, true],
    [{ $or: [{ a: 1 }, { b: 2 }] }, { b: 2 }, true],
    [{ $and: [{ a: { $gt: 1 } }, { a: { $lt: 3 } }] }, { a: 2 }, true],
    [{ $expr: { $gt: ["$a", "$b"] } }, { a: 2, b: 1 }, true],
    [{ constructor: { $exists: true } }, { a: 1 }, false],
    [{ a: new Int32(0) }, { a: -0 }, true],
    [{ a: { $lt: "😀" } }, { a: "\uffee" }, true],
  ])("%j on %j is %s", (filter, doc, expected) => {
    expect(test(filter, doc)).toBe(expected);
  });

  it.each<[Doc, number, string]>([
    [{ a: { $near: 1 } }, 2, "unknown operator: $near"],
    [{ $where: "1" }, 2, "unknown top level operator: $where"],
    [{ $text: { $search: "x" } }, 2, "unknown top level operator: $text"],
    [{ a: { $mod: [2, 0] } }, 2, "unknown operator: $mod"],
    [{ $or: [] }, 2, "nonempty array"],
    [{ $or: {} }, 2, "nonempty array"],
    [{ a: { $in: 1 } }, 2, "$in needs an array"],
    [{ a: { $in: [{ $gt: 1 }] } }, 2, "cannot nest $ under $in"],
    [{ a: { $not: 5 } }, 2, "$not needs a document of operators"],
    [{ a: { $not: { b: 1 } } }, 2, "$not needs a document of operators"],
    [{ a: { $size: 1 } }, 2, "unknown operator: $size"],
    [{ a: { $regex: "x", $options: "i" } }, 2, "unknown operator: $options"],
    [{ a: { $regex: "(" } }, 2, "Regular expression is invalid"],
    [{ a: new BSONRegExp("x") }, 238, "A value of type BSONRegExp is not implemented"],
    [{ a: { $gt: new Timestamp(1n) } }, 238, "A value of type Timestamp is not implemented"],
    [{ a: { $elemMatch: { $gt: 1 } } }, 238, "$elemMatch of values is not implemented"],
    [{ $expr: { $foo: 1 } }, 168, "Unrecognized expression '$foo'"],
  ])("%j is refused with code %i", (filter, code, message) => {
    expect(() => parseFilter(typed(filter))).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) as string }),
    );
  });
});
