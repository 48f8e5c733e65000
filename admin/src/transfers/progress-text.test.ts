import { describe, expect, it } from "vitest";
import { announcement } from "./announcement.js";
import type { Progress } from "./live-transfers.js";
import { progressText, transferPercent } from "./progress-text.js";
import type { ProgressView } from "./progress-text.js";

const now = new Date("2026-11-22T12:00:00Z");
const running: ProgressView = {
  state: "RUNNING",
  partsDone: 3,
  partsTotal: 7,
  bytesSent: 45,
  bytesTotal: 100,
};

describe("the line under a progress bar", () => {
  it("gives percent, parts, speed and time left while running", () => {
    const live = { ...running, bytesPerSecond: 2 * 1024 * 1024, etaSeconds: 11.2 };

    expect(progressText(live, now)).toBe("Sending part 4 of 7 · 45 % · 2.0 MiB/s · 12 s left");
    expect(progressText(running, now)).toBe("Sending part 4 of 7 · 45 %");
  });

  it("counts down while Telegram asks to wait", () => {
    const waiting: ProgressView = {
      ...running,
      state: "WAITING",
      waitingFor: "FLOOD_LIMIT",
      waitingUntil: "2026-11-22T12:00:12Z",
    };

    expect(progressText(waiting, now)).toBe("Waiting 12 s for Telegram · part 3 of 7");
    expect(progressText(waiting, new Date("2026-11-22T12:00:30Z"))).toBe(
      "Waiting for Telegram · part 3 of 7",
    );
  });

  it("says what is waited for when it is not a pause that Telegram asked for", () => {
    const error = {
      code: "UNAVAILABLE",
      message: "Drive does not answer.",
      nextTryAt: "2026-11-22T12:01:05Z",
    };
    const until = { state: "WAITING", waitingUntil: "2026-11-22T12:01:05Z" } as const;

    expect(progressText({ ...running, ...until, waitingFor: "RETRY", error }, now)).toBe(
      "Drive does not answer. Trying again in 1 min 5 s · part 3 of 7",
    );
    expect(progressText({ ...running, ...until, waitingFor: "PACE" }, now)).toBe(
      "Next part in 1 min 5 s, to stay within Telegram's limits · part 3 of 7",
    );
  });

  it("tells a file that waits for others of its owner from one that waits for a worker", () => {
    expect(progressText({ ...running, state: "QUEUED", waitingFor: "TURN" }, now)).toBe(
      "Waiting for its turn: earlier files go first",
    );
    expect(progressText({ ...running, state: "QUEUED" }, now)).toBe("Queued");
  });

  it("keeps how far a paused one is, and says that nothing of a cancelled one is left", () => {
    expect(progressText({ ...running, state: "PAUSED" }, now)).toBe("Paused · 45 % · part 3 of 7");
    expect(progressText({ ...running, state: "CANCELLED" }, now)).toBe("Cancelled, and its bytes removed");
  });

  it("gives the reason of a failure", () => {
    const error = { code: "NOT_FOUND", message: "The chat was not found." };

    expect(progressText({ ...running, state: "FAILED", error }, now)).toBe("The chat was not found.");
  });

  it("says of an empty file that it is stored, without parts", () => {
    const done: ProgressView = { state: "DONE", partsDone: 0, partsTotal: 0, bytesSent: 0, bytesTotal: 0 };

    expect(progressText(done, now)).toBe("0 B stored");
    expect(transferPercent(done)).toBe(100);
  });
});

it("is never full before the transfer is done", () => {
  expect(transferPercent({ ...running, state: "VERIFYING", bytesSent: 100 })).toBe(99);
});

describe("what a screen reader hears", () => {
  const step = (change: Partial<Progress>): Progress => ({
    ...running,
    fileId: "f",
    transferId: "t",
    bytesPerSecond: 0,
    ...change,
  });

  it("is half way once, and the end", () => {
    expect(announcement("a.bin", step({ bytesSent: 49 }), step({ bytesSent: 52 }))).toBe("a.bin: 50 %");
    expect(announcement("a.bin", step({ bytesSent: 52 }), step({ bytesSent: 53 }))).toBeUndefined();
    expect(announcement("a.bin", step({}), step({ state: "DONE" }))).toBe("a.bin: done");
    expect(announcement("a.bin", step({}), step({ state: "CANCELLED" }))).toBe("a.bin: cancelled");
  });

  it("is a pause and its end", () => {
    const paused = step({ state: "PAUSED" });

    expect(announcement("a.bin", step({}), paused)).toBe("a.bin: paused");
    expect(announcement("a.bin", paused, step({ state: "QUEUED" }))).toBe("a.bin: resumed");
    expect(announcement("a.bin", step({ state: "QUEUED" }), step({}))).toBeUndefined();
  });

  it("is a wait, when it is Telegram's wish", () => {
    const waiting = step({ state: "WAITING" });

    expect(announcement("a.bin", step({}), { ...waiting, waitingFor: "FLOOD_LIMIT" })).toBe(
      "a.bin: waiting for Telegram",
    );
    expect(announcement("a.bin", step({}), { ...waiting, waitingFor: "PACE" })).toBeUndefined();
  });

  it("is nothing for the first event, which may be old", () => {
    expect(announcement("a.bin", undefined, step({ state: "DONE" }))).toBeUndefined();
  });
});
