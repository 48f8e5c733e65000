import { expect, it } from "vitest";
import { noUsers } from "./no-users.js";

it.each([
  [{}, "There are no users."],
  [{ role: "ADMIN", archived: "true" }, "There are no archived administrators."],
  [
    { search: "an", role: "FREE" },
    "There are no free accounts whose name or e-mail address begins with “an”.",
  ],
  [
    { search: "an", archived: "true" },
    "There are no archived users whose name or e-mail address begins with “an”.",
  ],
] as const)("says what an empty list was asked for: %j", (filters, sentence) => {
  expect(noUsers(filters)).toBe(sentence);
});
