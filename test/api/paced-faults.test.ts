import "reflect-metadata";
import { afterAll, describe, expect, it } from "vitest";
import { audit, openDatabase } from "../support/audit.js";
import type { Kept } from "../support/audit.js";
import { eventually } from "../support/eventually.js";
import type { World } from "../support/start-server.js";
import { MIB, becomes, collectWarnings, isDone, keep, sends, withServer } from "../support/transfers.js";

const warnings = collectWarnings();
const sending = { op: "sendDocument" };
/** So fast that tests end, and slow enough that lanes have to be waited for. */
const PACED = { TELEGRAM_LANE_PER_MINUTE: "300" };
const FIRST = "1000001:AAfirst-bot-of-a-test-with-several-000";
const SECOND = "1000002:AAsecond-bot-of-a-test-with-several-00";
const tokens = [FIRST, SECOND];
const FIRST_BOT = "1000001";

afterAll(() => expect(warnings).toEqual([]));

/** Ends a chat's block, and lets a transfer's next try begin now. The other chats stay as they are. */
async function reopen(world: World, chat: string, { id: fileId }: Kept): Promise<void> {
  const { db, transfers, close } = await openDatabase(world);
  const past = new Date(0);
  const free = { blockedUntil: past, nextFreeAt: past, pacedFreeAt: past };
  await db.collection("lanes").updateMany({ chat }, { $set: free });
  await transfers.updateOne({ fileId, leaseOwner: { $exists: false } }, { $set: { dueAt: past } });
  await close();
}

const isStored = ({ state }: { state: string }): boolean => state === "STORED";

describe.concurrent("a bot that may not post, beside one that may", { timeout: 90_000 }, () => {
  it("keeps no file from the only chat", () =>
    withServer({ chats: ["-1001"], tokens, environment: PACED }, async ({ world, owner }) => {
      world.telegram.config({ rights: [{ bot: FIRST_BOT, status: "kicked" }] });

      const kept = await keep(owner, 5 * MIB);
      await becomes(kept, isDone, 40_000);

      // As many as were under way at once; then the lane was left alone.
      expect(sends(world)).toBeLessThanOrEqual(5 + 3);
      await audit(world, [kept], { copies: 1 });
    }));

  it("keeps no file from two chats when its token is revoked", () =>
    withServer({ tokens, environment: PACED }, async ({ world, owner }) => {
      world.telegram.fault({ match: { bot: FIRST_BOT }, kind: "401" });

      const kept = await keep(owner, 5 * MIB);
      const done = await becomes(kept, isDone, 40_000);

      expect(done.transfer?.error).toBeNull();
      expect(sends(world)).toBeLessThanOrEqual(5 * 2 + 3 * 2);
      await audit(world, [kept]);
    }));

  it("keeps no file waiting when its token is revoked before its documents were read back", () =>
    withServer({ tokens, environment: PACED }, async ({ world, owner }) => {
      world.telegram.fault({ match: { op: "getFile" }, kind: "5xx", times: 6 });

      const kept = await keep(owner, MIB);
      await becomes(kept, ({ transfer }) => transfer?.error != null);
      world.telegram.fault({ match: { bot: FIRST_BOT }, kind: "401" });

      await becomes(kept, isStored, 40_000);
    }));

  it("keeps no file waiting while only it meets broken servers", () =>
    withServer({ tokens, environment: PACED }, async ({ world, owner }) => {
      world.telegram.fault({ match: { bot: FIRST_BOT }, kind: "5xx" });

      const kept = await keep(owner, 4 * MIB);
      await becomes(kept, isStored, 40_000);
    }));
});

describe.concurrent("two chats in trouble", { timeout: 90_000 }, () => {
  it("take a file as soon as one of them does: that which had refused, too", () =>
    withServer({ environment: PACED }, async ({ world, owner }) => {
      const [refusing = "", busy] = world.telegram.chats;
      world.telegram.config({ rights: [{ chat: refusing, status: "kicked" }] });
      world.telegram.fault({ match: { ...sending, chat: busy }, kind: "429", retryAfter: 3600 });
      const kept = await keep(owner, 3 * MIB);
      await becomes(kept, ({ transfer }) => transfer?.state === "WAITING");
      await eventually(() => sends(world) >= 3);

      world.telegram.config({ rights: [] });
      await reopen(world, refusing, kept);

      await becomes(kept, isStored, 30_000);
    }));

  it("of which one asks to wait long and the other cannot be read back for a moment hold up no file", () =>
    withServer({ environment: PACED }, async ({ world, owner }) => {
      const [, busy] = world.telegram.chats;
      world.telegram.fault({ match: { ...sending, chat: busy }, kind: "429", retryAfter: 3600 });
      world.telegram.fault({ match: { op: "getFile" }, kind: "5xx", times: 9 });

      const kept = await keep(owner, 3 * MIB);

      await becomes(kept, isStored, 40_000);
    }));
});

describe.concurrent("a chat that asks to wait", { timeout: 90_000 }, () => {
  it("again and again holds up no file", () =>
    withServer({ environment: PACED }, async ({ world, owner }) => {
      const [, busy] = world.telegram.chats;
      world.telegram.fault({ match: { ...sending, chat: busy }, kind: "429", retryAfter: 2 });

      const kept = await keep(owner, 6 * MIB);

      await becomes(kept, isStored, 50_000);
    }));
});
