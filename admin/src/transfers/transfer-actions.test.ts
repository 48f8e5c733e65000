import { describe, expect, it } from "vitest";
import { actionsFor } from "./transfer-actions.js";

describe("what can be done to a transfer", () => {
  it.each(["QUEUED", "RUNNING", "VERIFYING"] as const)("%s: pause or cancel it", (state) => {
    expect(actionsFor({ state })).toEqual(["pause", "cancel"]);
  });

  it("waiting for its next try: try now, too", () => {
    expect(actionsFor({ state: "WAITING", waitingFor: "RETRY" })).toEqual(["retry", "pause", "cancel"]);
    expect(actionsFor({ state: "WAITING", waitingFor: "FLOOD_LIMIT" })).toEqual(["pause", "cancel"]);
  });

  it("paused: resume or cancel it; failed: retry or cancel it", () => {
    expect(actionsFor({ state: "PAUSED" })).toEqual(["resume", "cancel"]);
    expect(actionsFor({ state: "FAILED" })).toEqual(["retry", "cancel"]);
  });

  it.each(["DONE", "CANCELLED"] as const)("%s: nothing", (state) => {
    expect(actionsFor({ state })).toEqual([]);
  });
});
