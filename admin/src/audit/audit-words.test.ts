import { expect, it } from "vitest";
import { actionWords, actorWords, changeWords, noEntries } from "./audit-words.js";

it.each([
  ["user.role-changed", "User role changed"],
  ["session.others-revoked", "Session others revoked"],
  ["lane.unblocked", "Lane unblocked"],
])("says %s as “%s”", (action, words) => {
  expect(actionWords(action)).toBe(words);
});

it("names who did it", () => {
  expect(actorWords({ actorKind: "USER", actorName: "ann" })).toBe("ann");
  expect(actorWords({ actorKind: "SYSTEM", actorName: null })).toBe("The service itself");
  expect(actorWords({ actorKind: "ANONYMOUS", actorName: null })).toBe("Somebody not signed in");
});

it("shows before and after, and alone what only came or went", () => {
  expect(changeWords({ field: "role", before: "FREE", after: "ADMIN" })).toBe("role: FREE → ADMIN");
  expect(changeWords({ field: "mailed", before: null, after: "true" })).toBe("mailed: true");
  expect(changeWords({ field: "reason", before: "spam", after: null })).toBe("reason: spam → nothing");
});

it("says what an empty list was asked for", () => {
  expect(noEntries({})).toBe("Nothing was done.");
  expect(noEntries({ action: "user.created", actorId: "1", from: "2026-11-01", until: "2026-11-22" })).toBe(
    "“User created” did not happen by this user from 2026-11-01 on until 2026-11-22.",
  );
});
