import "reflect-metadata";
import { afterAll, describe, expect, it } from "vitest";
import { audit, downloaded, openDatabase } from "../support/audit.js";
import { eventually } from "../support/eventually.js";
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

const isStored = ({ state }: { state: string }): boolean => state === "STORED";

describe.concurrent("a bot that may not post, beside one that may", { timeout: 120_000 }, () => {
  it("keeps no file from the only chat", () =>
    withServer({ chats: ["-1001"], tokens, environment: PACED }, async ({ world, owner }) => {
      world.telegram.config({ rights: [{ bot: FIRST_BOT, status: "kicked" }] });

      const kept = await keep(owner, 5 * MIB);
      await becomes(kept, isDone);

      // As many as were under way at once; then the lane was left alone.
      expect(sends(world)).toBeLessThanOrEqual(5 + 3);
      await audit(world, [kept], { copies: 1 });
    }));

  it("keeps no file from two chats when its token is revoked", () =>
    withServer({ tokens, environment: PACED }, async ({ world, owner }) => {
      world.telegram.fault({ match: { bot: FIRST_BOT }, kind: "401" });

      const kept = await keep(owner, 5 * MIB);
      const done = await becomes(kept, isDone);

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

      await becomes(kept, isStored);
    }));

  it("keeps no file waiting while only it meets broken servers", () =>
    withServer({ tokens, environment: PACED }, async ({ world, owner }) => {
      world.telegram.fault({ match: { bot: FIRST_BOT }, kind: "5xx" });

      const kept = await keep(owner, 4 * MIB);
      await becomes(kept, isStored);
    }));
});

describe.concurrent("two chats in trouble", { timeout: 120_000 }, () => {
  it("take a file as soon as one of them does: that which had refused, too", () =>
    withServer({ environment: PACED }, async ({ t, world, owner }) => {
      const [refusing = "", busy] = world.telegram.chats;
      world.telegram.config({ rights: [{ chat: refusing, status: "kicked" }] });
      world.telegram.fault({ match: { ...sending, chat: busy }, kind: "429", retryAfter: 3600 });
      const kept = await keep(owner, 3 * MIB);
      await becomes(kept, ({ transfer }) => transfer?.state === "WAITING");
      await eventually(() => sends(world) >= 3);

      world.telegram.config({ rights: [] });
      const administrator = await t.administrator();
      const lane = (await administrator.lanes()).lanes.find(({ chat }) => chat === refusing);
      await administrator.unblockLane({ id: lane?.id ?? "" });

      await becomes(kept, isStored);
    }));

  it("of which one asks to wait long and the other cannot be read back for a moment hold up no file", () =>
    withServer({ environment: PACED }, async ({ world, owner }) => {
      const [, busy] = world.telegram.chats;
      world.telegram.fault({ match: { ...sending, chat: busy }, kind: "429", retryAfter: 3600 });
      world.telegram.fault({ match: { op: "getFile" }, kind: "5xx", times: 9 });

      const kept = await keep(owner, 3 * MIB);

      await becomes(kept, isStored);
    }));
});

describe.concurrent("a chat that asks to wait", { timeout: 120_000 }, () => {
  it("again and again holds up no file", () =>
    withServer({ environment: PACED }, async ({ world, owner }) => {
      const [, busy] = world.telegram.chats;
      world.telegram.fault({ match: { ...sending, chat: busy }, kind: "429", retryAfter: 2 });

      const kept = await keep(owner, 3 * MIB);

      await becomes(kept, isStored);
    }));

  it("holds no room of a worker for a repair, which is made later", () =>
    withServer({ environment: PACED }, async ({ world, owner }) => {
      const kept = await keep(owner, MIB);
      await becomes(kept, isDone);
      await eventually(() => world.drive.files().length === 0);
      const { db, blobs, parts, close } = await openDatabase(world);
      // The one that is read first.
      const { chat, messageId } = (await parts.findOne())?.replicas[0] ?? { chat: "", messageId: 0 };
      const block = (until: Date) =>
        db
          .collection("lanes")
          .updateMany({ chat }, { $set: { blockedUntil: until, nextFreeAt: until, pacedFreeAt: until } });
      await block(new Date(Date.now() + 3_600_000));
      world.telegram.lose({ chat_id: chat, message_id: messageId });

      await downloaded(owner, kept.id);

      const putOff = { "repair.dueAt": { $gt: new Date() }, "repair.run": { $exists: false } };
      // Waited for 10 s before it is put off.
      await eventually(async () => (await blobs.countDocuments(putOff)) === 1, Boolean, 90_000);
      await block(new Date(0));
      await blobs.updateMany({}, { $set: { "repair.dueAt": new Date(0) } });
      await audit(world, [kept]);
      await close();
    }));

  it("is waited for until then, not for as long again", () =>
    withServer({ environment: PACED }, async ({ t, world, owner }) => {
      const [other, busy] = world.telegram.chats;
      world.telegram.fault({ match: { ...sending, chat: busy }, kind: "429", retryAfter: 60 });
      world.telegram.fault({ match: { ...sending, chat: other }, kind: "latency", ms: 1_500 });

      const kept = await keep(owner, 6 * MIB);
      const { transfer } = await becomes(
        kept,
        (file) => isStored(file) && file.transfer?.state === "WAITING",
      );
      const { lanes } = await (await t.administrator()).lanes();

      const blocked = lanes.find(({ chat }) => chat === busy)?.blockedUntil ?? "";
      expect(transfer).toMatchObject({ waitingFor: "FLOOD_LIMIT", error: null });
      expect(Date.parse(transfer?.waitingUntil ?? "")).toBeLessThanOrEqual(Date.parse(blocked) + 500);
    }));
});
