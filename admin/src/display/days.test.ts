import { describe, expect, it } from "vitest";
import { endOfDay, startOfDay } from "./days.js";

describe("days of a filter", () => {
  it("begin at midnight here, and end where the next one begins", () => {
    expect(startOfDay("2026-11-22")).toBe(new Date(2026, 10, 22).toISOString());
    expect(endOfDay("2026-11-30")).toBe(new Date(2026, 11, 1).toISOString());
  });

  it.each([undefined, "", "2026-13-45", "yesterday"])("are nothing when %j was filled in", (day) => {
    expect(startOfDay(day)).toBeUndefined();
    expect(endOfDay(day)).toBeUndefined();
  });
});
