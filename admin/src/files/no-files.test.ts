import { expect, it } from "vitest";
import { folderSearch, noFiles } from "./no-files.js";

it.each([
  [{}, "There are no files."],
  [{ state: ["FAILED", "LOST"] as const }, "There are no failed or lost files."],
  [
    { search: "cat", archived: "true", ownerId: "1" },
    "There are no archived files found by “cat” of this user.",
  ],
  [{ account: "NOBODY" }, "There are no anonymous files."],
  [{ account: "ACCOUNT" }, "There are no files that have an owner."],
  [{ account: "PREMIUM" }, "There are no files of premium accounts."],
  [{ from: "2026-11-01", until: "2026-11-22" }, "There are no files from 2026-11-01 on until 2026-11-22."],
])("says what an empty list was asked for: %j", (filters, sentence) => {
  expect(noFiles(filters as Parameters<typeof noFiles>[0])).toBe(sentence);
});

it.each([
  [{ search: "plan" }, "plan"],
  [{ search: "plan", scope: "all", state: [] }, "plan"],
  [{ search: "  " }, undefined],
  [{ search: "plan", state: ["FAILED"] as const }, undefined],
  [{ search: "plan", archived: "true" }, undefined],
  [{}, undefined],
])("looks for folders by a name alone: %j", (filters, search) => {
  expect(folderSearch(filters as Parameters<typeof noFiles>[0])).toBe(search);
});
