import { describe, expect, it } from "vitest";
import { inTurn } from "./in-turn.js";

describe("work in turn", () => {
  it("is done so many at once, so many more wait, and the rest is refused", async () => {
    const turn = inTurn({ atOnce: 2, waiting: 3 }, "Come back later.");
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const work = (i: number) => () => {
      begun.push(i);
      return new Promise<number>((done) => ends.push(() => done(i)));
    };

    const all = Promise.allSettled([0, 1, 2, 3, 4, 5, 6].map((i) => turn(work(i))));
    await new Promise(setImmediate);
    expect(begun).toEqual([0, 1]);
    while (ends.length > 0) {
      ends.shift()?.();
      await new Promise(setImmediate);
    }

    const outcomes = (await all).map((one) =>
      one.status === "fulfilled" ? one.value : (one.reason as unknown),
    );
    expect(begun).toEqual([0, 1, 2, 3, 4]);
    expect(outcomes.slice(0, 5)).toEqual([0, 1, 2, 3, 4]);
    const refusal = { code: "UNAVAILABLE", message: "Come back later." };
    expect(outcomes.slice(5)).toMatchObject([refusal, refusal]);
  });

  it("that fails gives its place to the next", async () => {
    const turn = inTurn({ atOnce: 1, waiting: 1 }, "");

    const failed = turn(() => Promise.reject(new Error("broken")));
    const next = turn(() => Promise.resolve("done"));

    await expect(failed).rejects.toThrow("broken");
    expect(await next).toBe("done");
  });
});
