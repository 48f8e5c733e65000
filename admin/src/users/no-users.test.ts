import { expect, it } from "vitest";
import { noUsers } from "./no-users.js";

it.each([
  [{}, "There are no users."],
  [{ role: "ADMIN", archived: "true" }, "There are no archived administrators."],
  [{ search: "an", role: "FREE" }, "There are no free accounts found by “an”."],
  [{ search: "an", archived: "true" }, "There are no archived users found by “an”."],
  [{ archivedById: "1" }, "There are no archived users that this account archived."],
] as const)("says what an empty list was asked for: %j", (filters, sentence) => {
  expect(noUsers(filters)).toBe(sentence);
});
