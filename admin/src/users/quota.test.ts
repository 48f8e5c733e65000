import { expect, it } from "vitest";
import { fromGib, quotaWords, toGib } from "./quota.js";

it("turns GiB into bytes and back, and keeps what was left empty", () => {
  expect(fromGib(1.5)).toBe(1_610_612_736);
  expect(toGib(1_610_612_736)).toBe(1.5);
  expect(fromGib(null)).toBeNull();
  expect(toGib(undefined)).toBeNull();
});

it("says a quota in words", () => {
  expect(quotaWords({ bytes: 1024 ** 3, files: 10, fileBytes: null, transfers: 2 })).toBe(
    "1.0 GiB in all, 10 files, files of any size, 2 transfers at once",
  );
});
