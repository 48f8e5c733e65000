import { Double, Int32, Long, ObjectId, serialize } from "bson";
import { describe, expect, it } from "vitest";
import { commandTime, startCommandTime } from "./clock.js";
import { compileExpression } from "./expressions.js";
import { decode } from "./values.js";
import type { Doc } from "./values.js";

const typed = (doc: Doc): Doc => decode(serialize(doc));

/** The value as it would be stored; undefined when missing. */
function evaluate(expression: unknown, root: Doc = {}): unknown {
  const value = compileExpression(typed({ expression }).expression)({ root: typed(root) });
  return value === undefined ? undefined : typed({ value }).value;
}

const day = (text: string): Date => new Date(`${text}T00:00:00Z`);

describe("an expression", () => {
  it.each<[unknown, Doc, unknown]>([
    [{ $add: ["$a", 1] }, { a: 1 }, 2],
    [{ $add: [new Int32(2147483647), 1] }, {}, Long.fromNumber(2147483648)],
    [{ $add: [Long.MAX_VALUE, 1] }, {}, new Double(9223372036854775808)],
    [{ $add: ["$at", 5000] }, { at: new Date(0) }, new Date(5000)],
    [{ $add: ["$missing", 1] }, {}, null],
    [{ $subtract: [new Date(9000), new Date(4000)] }, {}, Long.fromInt(5000)],
    [{ $subtract: [new Date(9000), 1000] }, {}, new Date(8000)],
    [{ $multiply: [2, new Double(1.5)] }, {}, new Double(3)],
    [{ $divide: [1, 4] }, {}, new Double(0.25)],
    [{ $mod: [-7, 3] }, {}, -1],
    [{ $floor: -1.5 }, {}, new Double(-2)],
    [{ $ceil: 1.2 }, {}, new Double(2)],
    [{ $abs: -5 }, {}, 5],
    [{ $round: 2.5 }, {}, new Double(2)],
    [{ $round: [2.345, 2] }, {}, new Double(2.34)],
    [{ $round: [1234, -2] }, {}, 1200],
    [{ $max: [1, "$a", null] }, { a: 7 }, 7],
    [{ $max: "$list" }, { list: [3, 9, 4] }, 9],
    [{ $min: ["$gone", null] }, {}, null],
    [{ $sum: "$list.n" }, { list: [{ n: 1 }, { n: 2 }, {}] }, 3],
    [{ $sum: ["$a", "x", 2] }, { a: 1 }, 3],
    [{ $avg: "$list" }, { list: [1, 2] }, new Double(1.5)],
    [{ $cond: [{ $gt: ["$a", 1] }, "yes", "no"] }, { a: 2 }, "yes"],
    [{ $cond: { if: "$a", then: 1, else: 2 } }, { a: 0 }, 2],
    [{ $ifNull: ["$a", "$b", 3] }, { b: null }, 3],
    [{ $ifNull: ["$gone", "$$REMOVE"] }, {}, undefined],
    [
      { $switch: { branches: [{ case: { $eq: ["$a", 1] }, then: "one" }], default: "many" } },
      { a: 1 },
      "one",
    ],
    [{ $eq: ["$gone", null] }, {}, false],
    [{ $lt: ["$gone", null] }, {}, true],
    [{ $lte: ["$gone", new Date(0)] }, {}, true],
    [{ $gt: ["a", 5] }, {}, true],
    [{ $cmp: [1, 2] }, {}, -1],
    [{ $and: [1, "x", []] }, {}, true],
    [{ $or: [0, null, false] }, {}, false],
    [{ $not: ["$gone"] }, {}, true],
    [{ $in: [2, "$list"] }, { list: [1, 2] }, true],
    [{ $concatArrays: ["$list", [3]] }, { list: [1] }, [1, 3]],
    [{ $concatArrays: ["$gone", [3]] }, {}, null],
    [{ $slice: ["$list", -2] }, { list: [1, 2, 3] }, [2, 3]],
    [{ $slice: ["$list", 1, 1] }, { list: [1, 2, 3] }, [2]],
    [{ $map: { input: "$list", as: "x", in: { $multiply: ["$$x", 2] } } }, { list: [1, 2] }, [2, 4]],
    [{ $map: { input: "$list", in: "$$this.gone" } }, { list: [{}] }, [null]],
    [
      { $filter: { input: "$list", as: "x", cond: { $gt: ["$$x.n", "$min"] } } },
      { min: 1, list: [{ n: 1 }, { n: 2 }] },
      [{ n: 2 }],
    ],
    [
      { $reduce: { input: "$list", initialValue: 0, in: { $add: ["$$value", "$$this"] } } },
      { list: [1, 2, 3] },
      6,
    ],
    [{ $size: "$list" }, { list: [1, 2] }, 2],
    [{ $arrayElemAt: ["$list", -1] }, { list: [1, 2] }, 2],
    [{ $arrayElemAt: ["$list", 5] }, { list: [1, 2] }, undefined],
    [{ $first: "$list" }, { list: [4, 5] }, 4],
    [{ $last: "$list" }, { list: [4, 5] }, 5],
    [{ $indexOfArray: ["$list", 5] }, { list: [4, 5] }, 1],
    [
      {
        $setUnion: [
          [2, 1],
          [1, 3],
        ],
      },
      {},
      [1, 2, 3],
    ],
    [
      { $sortArray: { input: "$list", sortBy: { n: -1 } } },
      { list: [{ n: 1 }, { n: 2 }] },
      [{ n: 2 }, { n: 1 }],
    ],
    [{ $sortArray: { input: [3, 1, 2], sortBy: 1 } }, {}, [1, 2, 3]],
    [{ $isArray: ["$list"] }, { list: [] }, true],
    [{ $mergeObjects: ["$a", { c: 3 }, null] }, { a: { b: 1, c: 2 } }, { b: 1, c: 3 }],
    [{ $objectToArray: "$a" }, { a: { b: 1 } }, [{ k: "b", v: 1 }]],
    [{ $arrayToObject: [[["b", 1]]] }, {}, { b: 1 }],
    [{ $arrayToObject: "$list" }, { list: [{ k: "b", v: 1 }] }, { b: 1 }],
    [{ $literal: "$a" }, { a: 1 }, "$a"],
    [{ $concat: ["a", "$b"] }, { b: "c" }, "ac"],
    [{ $concat: ["a", "$b"] }, {}, null],
    [{ $toString: "$id" }, { id: new ObjectId("0123456789abcdef01234567") }, "0123456789abcdef01234567"],
    [{ $toString: 1.5 }, {}, "1.5"],
    [{ $toString: new Date(0) }, {}, "1970-01-01T00:00:00.000Z"],
    [{ $toLong: "$at" }, { at: new Date(5) }, Long.fromInt(5)],
    [{ $toLong: "12" }, {}, Long.fromInt(12)],
    [{ $toDate: Long.fromInt(5) }, {}, new Date(5)],
    [{ $toDate: "2024-01-02" }, {}, day("2024-01-02")],
    [
      { $dateAdd: { startDate: "$at", unit: "month", amount: 1 } },
      { at: day("2024-01-31") },
      day("2024-02-29"),
    ],
    [
      { $dateAdd: { startDate: "$at", unit: "day", amount: -1 } },
      { at: day("2024-03-01") },
      day("2024-02-29"),
    ],
    [{ $type: "$a" }, {}, "missing"],
    [{ $type: "$a" }, { a: Long.fromInt(1) }, "long"],
    [{ $let: { vars: { x: { $add: ["$a", 1] } }, in: { $multiply: ["$$x", "$$x"] } } }, { a: 2 }, 9],
    ["$a.b", { a: [{ b: 1 }, {}, { b: 2 }] }, [1, 2]],
    ["$$ROOT.a", { a: 1 }, 1],
    [{ a: "$x", b: "$gone" }, { x: 1 }, { a: 1 }],
    [["$x", "$gone"], { x: 1 }, [1, null]],
  ])("%j on %j is %j", (expression, root, expected) => {
    const wanted = expected === undefined ? undefined : typed({ value: expected }).value;

    expect(evaluate(expression, root)).toEqual(wanted);
  });

  it("reads one time throughout a command", () => {
    startCommandTime();

    expect(evaluate({ $add: ["$$NOW", 1000] })).toEqual(new Date(commandTime().getTime() + 1000));
  });

  it.each<[unknown, number]>([
    [{ $foo: 1 }, 168],
    [{ $add: 1, $subtract: 2 }, 15983],
    [{ $subtract: [1] }, 16020],
    [{ $slice: [1] }, 28667],
    [{ $add: ["x", 1] }, 14],
    [{ $divide: [1, 0] }, 2],
    [{ $size: "x" }, 17124],
    [{ $in: [1, 2] }, 40081],
    [{ $concat: ["a", 1] }, 16702],
    [{ $toLong: "x" }, 241],
    [{ $toDate: 5 }, 241],
    [{ $map: { input: [1] } }, 9],
    [{ $map: { input: [1], in: 1, what: 2 } }, 9],
    [{ $switch: { branches: [{ case: false, then: 1 }] } }, 40066],
    ["$$nobody", 17276],
    ["$", 16872],
    ["$a..b", 15998],
  ])("%j is refused with code %i", (expression, code) => {
    expect(() => evaluate(expression)).toThrow(expect.objectContaining({ code }));
  });
});
