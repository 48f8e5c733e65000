import { Double, Int32, Long, serialize } from "bson";
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

describe("an expression", () => {
  it.each<[unknown, Doc, unknown]>([
    [{ $add: ["$a", 1] }, { a: 1 }, 2],
    [{ $add: [new Int32(2147483647), 1] }, {}, Long.fromNumber(2147483648)],
    [{ $add: [Long.MAX_VALUE, 1] }, {}, new Double(9223372036854775808)],
    [{ $add: ["$at", 5000] }, { at: new Date(0) }, new Date(5000)],
    [{ $add: ["$missing", 1] }, {}, null],
    [{ $subtract: [new Date(9000), new Date(4000)] }, {}, Long.fromInt(5000)],
    [{ $subtract: [new Date(9000), 1000] }, {}, new Date(8000)],
    [{ $divide: [1, 4] }, {}, new Double(0.25)],
    [{ $multiply: [2, new Double(1.5)] }, {}, new Double(3)],
    [{ $max: [1, "$a", null] }, { a: 7 }, 7],
    [{ $max: "$list" }, { list: [3, 9, 4] }, 9],
    [{ $min: ["$gone", null] }, {}, null],
    [{ $sum: "$list.n" }, { list: [{ n: 1 }, { n: 2 }, {}] }, 3],
    [{ $sum: ["$a", "x", 2] }, { a: 1 }, 3],
    [{ $cond: [{ $gt: ["$a", 1] }, "yes", "no"] }, { a: 2 }, "yes"],
    [{ $ifNull: ["$a", "$b", 3] }, { b: null }, 3],
    [{ $ifNull: ["$gone", "$$REMOVE"] }, {}, undefined],
    [{ $eq: ["$gone", null] }, {}, false],
    [{ $lt: ["$gone", null] }, {}, true],
    [{ $lte: ["$gone", new Date(0)] }, {}, true],
    [{ $gt: ["a", 5] }, {}, true],
    [{ $and: [1, "x", []] }, {}, true],
    [{ $or: [0, null, false] }, {}, false],
    [{ $not: ["$gone"] }, {}, true],
    [{ $in: [2, "$list"] }, { list: [1, 2] }, true],
    [{ $concatArrays: ["$list", [3]] }, { list: [1] }, [1, 3]],
    [{ $concatArrays: ["$gone", [3]] }, {}, null],
    [{ $slice: ["$list", -2] }, { list: [1, 2, 3] }, [2, 3]],
    [{ $map: { input: "$list", as: "x", in: { $multiply: ["$$x", 2] } } }, { list: [1, 2] }, [2, 4]],
    [{ $map: { input: "$list", in: "$$this.gone" } }, { list: [{}] }, [null]],
    [
      { $filter: { input: "$list", as: "x", cond: { $gt: ["$$x.n", "$min"] } } },
      { min: 1, list: [{ n: 1 }, { n: 2 }] },
      [{ n: 2 }],
    ],
    [{ $size: "$list" }, { list: [1, 2] }, 2],
    [{ $arrayElemAt: ["$list", -1] }, { list: [1, 2] }, 2],
    [{ $arrayElemAt: ["$list", 5] }, { list: [1, 2] }, undefined],
    [{ $indexOfArray: ["$list", 5] }, { list: [4, 5] }, 1],
    [{ $mergeObjects: ["$a", { c: 3 }, null] }, { a: { b: 1, c: 2 } }, { b: 1, c: 3 }],
    [{ $literal: "$a" }, { a: 1 }, "$a"],
    [{ $concat: ["a", "$b"] }, { b: "c" }, "ac"],
    [{ $concat: ["a", "$b"] }, {}, null],
    [{ $type: "$a" }, {}, "missing"],
    [{ $type: "$a" }, { a: Long.fromInt(1) }, "long"],
    [{ $let: { vars: { x: { $add: ["$a", 1] } }, in: { $multiply: ["$$x", "$$x"] } } }, { a: 2 }, 9],
    ["$a.b", { a: [{ b: 1 }, {}, { b: 2 }] }, [1, 2]],
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
    [{ $mod: [1, 2] }, 168],
    [{ $divide: [1, 0] }, 2],
    [{ $divide: ["x", 1] }, 14],
    [{ $cond: { if: 1, then: 2, else: 3 } }, 16020],
    [{ $slice: [[1], 0, 1] }, 16020],
    [{ $filter: { input: [1], cond: true, limit: 1 } }, 9],
    [{ $switch: { branches: [{ case: false, then: 1 }] } }, 168],
    ["$$ROOT", 17276],
    [{ $add: 1, $subtract: 2 }, 15983],
    [{ $subtract: [1] }, 16020],
    [{ $add: ["x", 1] }, 14],
    [{ $size: "x" }, 17124],
    [{ $in: [1, 2] }, 40081],
    [{ $concat: ["a", 1] }, 16702],
    [{ $map: { input: [1] } }, 9],
    [{ $map: { input: [1], in: 1, what: 2 } }, 9],
    ["$$nobody", 17276],
    ["$", 16872],
    ["$a..b", 15998],
  ])("%j is refused with code %i", (expression, code) => {
    expect(() => evaluate(expression)).toThrow(expect.objectContaining({ code }));
  });
});
