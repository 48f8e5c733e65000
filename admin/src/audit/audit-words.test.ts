import { expect, it } from "vitest";
import { actionWords, actorWords, changeWords, noEntries, toldChanges } from "./audit-words.js";

it.each([
  ["user.role-changed", "User role changed"],
  ["session.others-revoked", "Other sessions ended"],
  ["lane.unblocked", "Lane unblocked"],
])("says %s as “%s”", (action, words) => {
  expect(actionWords(action)).toBe(words);
});

it("names who did it", () => {
  expect(actorWords({ actorKind: "USER", actorName: "ann" })).toBe("ann");
  expect(actorWords({ actorKind: "SYSTEM", actorName: null })).toBe("the service itself");
  expect(actorWords({ actorKind: "ANONYMOUS", actorName: null })).toBe("somebody not signed in");
});

it("shows before and after, and alone what only came or went", () => {
  expect(changeWords({ field: "role", before: "FREE", after: "ADMIN" })).toBe("role: Free → Administrator");
  expect(changeWords({ field: "mailed", before: null, after: "true" })).toBe("mailed: yes");
  expect(changeWords({ field: "reason", before: "spam", after: null })).toBe("reason: spam → none");
});

it.each([
  [{ field: "maxDownloads", before: null, after: "3" }, "max downloads: 3"],
  [{ field: "hasPassword", before: null, after: "false" }, "password: no"],
  [{ field: "bytes", before: "5368709120", after: null }, "all files together: 5.0 GiB → none"],
])("says %j in words", (change, words) => {
  expect(changeWords(change)).toBe(words);
});

it("leaves out what was and is nothing, and what the action says already", () => {
  const archived = { field: "archived", before: "false", after: "true" };
  const nothing = { field: "expiresAt", before: null, after: null };

  expect(toldChanges({ action: "file.archived", changes: [archived, nothing] })).toEqual([]);
  expect(toldChanges({ action: "files.archive-run-started", changes: [archived] })).toEqual([archived]);
});

it("says what an empty list was asked for", () => {
  expect(noEntries({})).toBe("Nothing was done.");
  expect(noEntries({ action: "user.created", actorId: "1", from: "2026-11-01", until: "2026-11-22" })).toBe(
    "“User created” did not happen by this user from 2026-11-01 on until 2026-11-22.",
  );
});
