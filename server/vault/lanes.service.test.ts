import { expect, it } from "vitest";
import { CopyDeferred, LanesService, TakenChats } from "./lanes.service.js";
import type { LaneStore } from "./vault.ports.js";

const AN_HOUR_MS = 3_600_000;

it("nobody waits for a chat that asked for an hour, though it did so only while he chose", async () => {
  const answers = [
    { waitMs: 50, isBlocked: false },
    { waitMs: AN_HOUR_MS, isBlocked: true },
  ];
  const store: Partial<LaneStore> = {
    freeIn: () => Promise.resolve(answers.shift()),
    reserve: () => Promise.resolve(undefined),
  };
  const lanes = new LanesService(store as LaneStore, [{ bot: "1", chat: "-1" }]);
  const how = { onWait: () => () => undefined, sinceMs: performance.now(), ownerId: undefined };

  const acquired = lanes.acquire(new TakenChats([]), how, AbortSignal.timeout(5_000));

  await expect(acquired).rejects.toBeInstanceOf(CopyDeferred);
});
