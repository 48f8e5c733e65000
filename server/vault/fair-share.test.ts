import { describe, expect, it } from "vitest";
import { FairShare } from "./fair-share.js";

function shares() {
  let now = 0;
  const shares = new FairShare(() => now);
  const serve = (owner: string, times: number): void => {
    for (let i = 0; i < times; i += 1) shares.count(owner);
  };
  return { shares, serve, pass: (ms: number) => (now += ms) };
}

describe("a fair share", () => {
  it("is owed to a newcomer while somebody else is served", () => {
    const { shares: fair, serve } = shares();
    serve("busy", 20);

    expect(fair.isOwed("newcomer")).toBe(true);
    expect(fair.isOwed("busy")).toBe(false);
  });

  it("is owed to nobody who is alone", () => {
    const { shares: fair, serve } = shares();

    expect(fair.isOwed("first")).toBe(false);
    serve("first", 3);
    expect(fair.isOwed("first")).toBe(false);
  });

  it("is had by those who got as much as the others", () => {
    const { shares: fair, serve } = shares();
    serve("one", 10);
    serve("two", 10);

    expect([fair.isOwed("one"), fair.isOwed("two")]).toEqual([false, false]);
    serve("one", 2);
    expect([fair.isOwed("one"), fair.isOwed("two")]).toEqual([false, true]);
  });

  it("counts lately, not for ever", () => {
    const { shares: fair, serve, pass } = shares();
    serve("yesterday", 1000);
    pass(3_600_000);
    serve("today", 5);

    expect(fair.isOwed("today")).toBe(false);
    expect(fair.isOwed("yesterday")).toBe(true);
  });
});
