import { describe, expect, it } from "vitest";
import { formatBytes, formatDuration, formatExactBytes, formatWhen, percentOf } from "./format.js";

describe("sizes", () => {
  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [1024 * 1024 - 1, "1.0 MiB"],
    [20 * 1024 * 1024, "20.0 MiB"],
    [640_000_000, "610 MiB"],
    [1e15, "909 TiB"],
  ])("shows %i bytes as %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it("spells out the exact number", () => {
    expect(formatExactBytes(5_300_000_000)).toBe("5,300,000,000 bytes");
    expect(formatExactBytes(1)).toBe("1 byte");
  });
});

describe("times", () => {
  it.each([
    [0.2, "1 s"],
    [59.1, "1 min 0 s"],
    [3599, "59 min 59 s"],
    [7260, "2 h 1 min"],
    [90_000, "1 d 1 h"],
  ])("shows %d seconds as %s", (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it.each([
    [10, "just now"],
    [50, "1 minute ago"],
    [3 * 3600 + 5, "3 hours ago"],
    [2 * 86_400, "2 days ago"],
    [30 * 86_400, "Oct 23, 2026"],
  ])("shows what was %i seconds ago as %s", (seconds, text) => {
    const now = new Date("2026-11-22T12:00:00Z");

    expect(formatWhen(new Date(now.getTime() - seconds * 1000), now)).toBe(text);
  });
});

describe("percentages", () => {
  it("reaches 100 only with the last byte", () => {
    expect(percentOf(999_999, 1_000_000)).toBe(99);
    expect(percentOf(1_000_000, 1_000_000)).toBe(100);
  });

  it("is nothing of nothing", () => {
    expect(percentOf(0, 0)).toBe(0);
  });
});
