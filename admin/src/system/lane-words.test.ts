import { expect, it } from "vitest";
import { laneLook, rightsWords } from "./lane-words.js";

const NOW = new Date("2026-11-22T12:00:00Z");

it.each([
  [{ blockedUntil: null, nextFreeAt: "2026-11-22T11:59:00Z" }, "Free"],
  [{ blockedUntil: "2026-11-22T11:59:59Z", nextFreeAt: "2026-11-22T11:59:00Z" }, "Free"],
  [{ blockedUntil: null, nextFreeAt: "2026-11-22T12:00:04Z" }, "Next slot in 4 s"],
  [{ blockedUntil: "2026-11-22T12:02:05Z", nextFreeAt: "2026-11-22T12:00:04Z" }, "Blocked for 2 min 5 s"],
])("says how a lane is: %j", (lane, label) => {
  expect(laneLook(lane, NOW).label).toBe(label);
});

it("says what a bot may and may not, and nothing of what nobody tells", () => {
  expect(rightsWords({ mayPost: true, mayDelete: true, mayPin: false })).toBe(
    "may post, delete; may not pin",
  );
  expect(rightsWords({ mayPost: null, mayDelete: null, mayPin: null })).toBe("");
});
