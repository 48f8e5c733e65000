import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { unhurried } from "./unhurried.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("acts at once when it has rested", () => {
  const act = vi.fn(() => Promise.resolve());

  unhurried(act, 100)();

  expect(act).toHaveBeenCalledTimes(1);
});

it("acts once more, and only once, for all that was asked meanwhile", async () => {
  const act = vi.fn(() => Promise.resolve());
  const ask = unhurried(act, 100);

  ask();
  ask();
  ask();
  await vi.advanceTimersByTimeAsync(1_000);

  expect(act).toHaveBeenCalledTimes(2);
});

it("waits for the end of what it does, be it a failure", async () => {
  const ends: (() => void)[] = [];
  const act = vi.fn(() => new Promise((_, fail) => ends.push(() => fail(new Error("refused")))));
  const ask = unhurried(act, 100);

  ask();
  ask();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(act).toHaveBeenCalledTimes(1);

  ends[0]?.();
  await vi.advanceTimersByTimeAsync(100);
  expect(act).toHaveBeenCalledTimes(2);
});
