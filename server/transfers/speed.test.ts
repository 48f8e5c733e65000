import { describe, expect, it } from "vitest";
import { SpeedMeter } from "./speed.js";

function meter() {
  let nowMs = 0;
  const speed = new SpeedMeter(() => nowMs);
  return {
    speed,
    /** Lets time pass, with so many bytes at its end, and tells the speed then. */
    after(ms: number, bytes = 0): number {
      nowMs += ms;
      speed.add(bytes);
      return speed.bytesPerSecond();
    },
  };
}

describe("a transfer's speed", () => {
  it("halves in two seconds in which nothing arrives, however often it is asked for", () => {
    const [once, often] = [meter(), meter()];
    const before = once.after(1_000, 1_000_000);
    often.after(1_000, 1_000_000);

    for (let i = 0; i < 8; i += 1) often.after(250);

    expect(once.after(2_000)).toBeCloseTo(before / 2, 3);
    expect(often.speed.bytesPerSecond()).toBeCloseTo(before / 2, 3);
  });

  it("is half way from an old rate to a new one after two seconds", () => {
    const one = meter();
    for (let i = 0; i < 200; i += 1) one.after(250, 250);

    for (let i = 0; i < 8; i += 1) one.after(250, 750);

    expect(one.speed.bytesPerSecond()).toBeCloseTo(2_000, 0);
  });

  it("is the rate at which bytes arrive, when that is steady", () => {
    const one = meter();

    for (let i = 0; i < 200; i += 1) one.after(250, 500);

    expect(one.speed.bytesPerSecond()).toBeCloseTo(2_000, 0);
  });

  it("is nothing in the end, not a time left of a million years", () => {
    const one = meter();
    one.after(1_000, 1_000_000);

    expect(one.after(60_000)).toBe(0);
  });

  it("stays when it is asked for twice in the same moment", () => {
    const one = meter();
    const rate = one.after(500, 1_000);

    expect(one.after(0, 1_000)).toBe(rate);
    expect(one.after(500)).toBeGreaterThan(0);
  });
});
