import "reflect-metadata";
import { randomBytes } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { audit, downloaded, openDatabase } from "../support/audit.js";
import { eventually } from "../support/eventually.js";
import type { Person, World } from "../support/start-server.js";
import {
  MIB,
  becomes,
  collectWarnings,
  fileOf,
  isDone,
  keep,
  sends,
  withServer,
} from "../support/transfers.js";

const warnings = collectWarnings();
const sending = { op: "sendDocument" };

afterAll(() => expect(warnings).toEqual([]));

function messagesIn(world: World, chat: string | undefined) {
  return world.telegram.ledger().filter((entry) => entry.chat === chat && !entry.deleted);
}

/** Lets a transfer's next try begin now, as the last one before it is given up when that is wanted. */
async function hurry(world: World, fileId: string, change: { attempt?: number } = {}): Promise<void> {
  const database = await openDatabase(world);
  const past = new Date(0);
  await database.db
    .collection("lanes")
    .updateMany({}, { $set: { blockedUntil: past, nextFreeAt: past, pacedFreeAt: past, recent: [] } });
  await database.transfers.updateOne({ fileId }, { $set: { dueAt: past, ...change } });
  await database.close();
}

const FOR_OWNERS = "Only an administrator can mend this: tell one if it goes on.";

/** What somebody is told whose uploads fail, by GraphQL and by PUT. */
function refusalsOf(url: string, person: Person): Promise<unknown>[] {
  const byGraphql = person.upload(randomBytes(10)).then(
    () => "nothing",
    (error: unknown) => (error as Error).message,
  );
  const headers = { authorization: `Bearer ${person.accessToken}` };
  const byPut = fetch(`${url}/files?name=a.bin`, { method: "PUT", body: randomBytes(10), headers });
  return [byGraphql, byPut.then(async (reply) => ((await reply.json()) as { detail?: string }).detail)];
}

describe.concurrent("a chat that asks to wait", { timeout: 120_000 }, () => {
  it("is not called before the time has passed, and the transfer says that it waits", () =>
    withServer({ chats: ["-1001"] }, async ({ world, owner }) => {
      world.telegram.fault({ match: sending, kind: "429", retryAfter: 4, times: 1 });
      const before = Date.now();

      const kept = await keep(owner, MIB);
      const waiting = await becomes(kept, ({ transfer }) => transfer?.state === "WAITING");
      await becomes(kept, isDone);

      const until = Date.parse(waiting.transfer?.waitingUntil as unknown as string);
      expect(until).toBeGreaterThan(before + 3_000);
      expect(waiting.transfer).toMatchObject({ waitingFor: "FLOOD_LIMIT" });
      expect(messagesIn(world, "-1001")[0]?.date).toBeGreaterThanOrEqual(before + 4_000);
      expect(sends(world)).toBe(2);
      await audit(world, [kept], { copies: 1 });
    }));

  it("is passed by: another chat takes the document meanwhile", () =>
    withServer({ environment: { TELEGRAM_REPLICAS: "1" } }, async ({ world, owner }) => {
      const [busy, free] = world.telegram.chats;
      world.telegram.fault({ match: { ...sending, chat: busy }, kind: "429", retryAfter: 3600 });

      const kept = await keep(owner, 6 * MIB);
      await becomes(kept, isDone);

      expect(messagesIn(world, free)).toHaveLength(6);
      // As many as were under way at once; then the lane was closed.
      expect(world.telegram.stats().tooManyRequests).toBeLessThanOrEqual(4);
      await audit(world, [kept], { copies: 1 });
    }));

  it("does not keep a file from being stored in the other chat, and gets its copies later", () =>
    withServer({}, async ({ world, owner }) => {
      const [, busy] = world.telegram.chats;
      world.telegram.fault({ match: { ...sending, chat: busy }, kind: "429", retryAfter: 3600 });

      const kept = await keep(owner, 6 * MIB);
      const waiting = await becomes(
        kept,
        ({ state, transfer }) => state === "STORED" && transfer?.state === "WAITING",
      );
      world.telegram.reset();
      await hurry(world, kept.id);

      expect(waiting.transfer).toMatchObject({ waitingFor: "FLOOD_LIMIT" });
      expect(waiting.transfer?.waitingUntil).not.toBeNull();
      await becomes(kept, isDone);
      await audit(world, [kept]);
    }));
});

describe.concurrent("a chat that fails now and then", { timeout: 120_000 }, () => {
  it.each([
    ["5xx", { kind: "5xx" }, "sendDocument", 2],
    ["reset", { kind: "reset" }, "sendDocument", 2],
    ["lostResponse", { kind: "lostResponse" }, "sendDocument", 2],
    ["truncateResponse", { kind: "truncateResponse" }, "sendDocument", 2],
    ["resetMidBody", { kind: "resetMidBody", bytes: 300_000 }, "sendDocument", 2],
    ["5xx", { kind: "5xx" }, "getFile", 0],
    ["429", { kind: "429", retryAfter: 1 }, "getFile", 0],
    ["truncate", { kind: "truncate", bytes: 1_000 }, "download", 0],
    ["corrupt", { kind: "corrupt" }, "download", 0],
  ])("%s (%j) of %s costs at most %i sends more", (_name, fault, op, more) =>
    withServer({}, async ({ world, owner }) => {
      world.telegram.fault({ match: { op }, ...fault, after: 1, times: 2 });

      const kept = await keep(owner, 3 * MIB + 7);
      await becomes(kept, isDone);

      expect(sends(world)).toBeLessThanOrEqual(8 + more);
      await audit(world, [kept]);
    }),
  );

  it("a flipped byte of the right size is found, sent again, and its message removed", () =>
    withServer({}, async ({ world, owner }) => {
      world.telegram.fault({ match: sending, kind: "corrupt", every: 3 });

      const kept = await keep(owner, 4 * MIB);
      await becomes(kept, isDone);

      await audit(world, [kept]);
      const { faults } = world.telegram.stats();
      await eventually(
        () => world.telegram.ledger().filter(({ deleted }) => deleted).length,
        (removed) => removed === faults["corrupt"],
      );
    }));
});

describe.concurrent("a chat that refuses", { timeout: 120_000 }, () => {
  it("is passed by while another one is left", () =>
    withServer({ chats: ["-1001", "-1002", "-1003"] }, async ({ world, owner }) => {
      world.telegram.config({ rights: [{ chat: "-1001", status: "kicked" }] });

      const kept = await keep(owner, 4 * MIB);
      await becomes(kept, isDone);

      expect(messagesIn(world, "-1001")).toEqual([]);
      await audit(world, [kept]);
    }));

  it("leaves a file stored in the chat that is left, says why it waits, and is filled when it takes documents", () =>
    withServer({}, async ({ t, world, owner }) => {
      const [, refusing = ""] = world.telegram.chats;
      world.telegram.config({ rights: [{ chat: refusing, status: "kicked" }] });

      const kept = await keep(owner, 7 * MIB);
      const short = await becomes(
        kept,
        ({ state, transfer }) => state === "STORED" && transfer?.error != null,
      );
      const { file: seen } = await (await t.administrator()).file({ id: kept.id });
      world.telegram.config({ rights: [] });
      await hurry(world, kept.id);

      expect(short.transfer?.error).toMatchObject({
        code: "CHAT_REFUSED",
        message: `A chat in Telegram refuses documents. ${FOR_OWNERS}`,
      });
      expect(seen.transfer?.error?.message).toContain("Make it an administrator of the chat.");
      await becomes(kept, isDone);
      await audit(world, [kept]);
    }));
});

describe.concurrent("a chat that is left alone because it refused", { timeout: 120_000 }, () => {
  it("holds up no file, whichever copy of a part got the other chat", () =>
    withServer({ environment: { TELEGRAM_LANE_PER_MINUTE: "200" } }, async ({ world, owner }) => {
      const [, refusing] = world.telegram.chats;
      const database = await openDatabase(world);
      const later = new Date(Date.now() + 3_600_000);
      const closed = { blockedUntil: later, nextFreeAt: later, pacedFreeAt: later, refusal: "Ask it." };
      await database.db.collection("lanes").updateMany({ chat: refusing }, { $set: closed });
      await database.close();

      const kept = await keep(owner, 12 * MIB);
      await becomes(kept, ({ state, transfer }) => state === "STORED" && transfer?.error != null);
      const hasStayedClosed = messagesIn(world, refusing).length === 0;
      await hurry(world, kept.id);

      expect(hasStayedClosed).toBe(true);
      await becomes(kept, isDone);
      await audit(world, [kept]);
    }));
});

describe.concurrent("a staging area that fails", { timeout: 120_000 }, () => {
  it("loses nothing when it gives wrong bytes once", () =>
    withServer({}, async ({ world, owner }) => {
      world.drive.fault({ match: { op: "download" }, kind: "corrupt", times: 1 });

      const kept = await keep(owner, 2 * MIB);
      await becomes(kept, isDone);

      await audit(world, [kept]);
    }));

  it("makes a transfer fail, never a wrong file, when its bytes are wrong for good; a retry makes it right", () =>
    withServer({}, async ({ world, owner }) => {
      world.drive.fault({ match: { op: "download" }, kind: "corrupt" });

      const kept = await keep(owner, MIB + 5);
      const transferId = (await fileOf(kept)).transfer?.id ?? "";
      const tried = await becomes(kept, ({ transfer }) => transfer?.error != null);
      await hurry(world, kept.id, { attempt: 4 });
      const failed = await becomes(kept, ({ transfer }) => transfer?.state === "FAILED");
      const download = await downloaded(owner, kept.id);

      expect(tried.transfer).toMatchObject({
        ...{ state: "WAITING", waitingFor: "RETRY", attempt: 1 },
        error: { code: "BYTES_DAMAGED", part: expect.any(Number) as number },
      });
      expect(failed).toMatchObject({
        state: "FAILED",
        transfer: { attempt: 5, error: { code: "BYTES_DAMAGED" } },
      });
      expect(download).toBeUndefined();
      expect(world.telegram.ledger()).toEqual([]);
      world.drive.reset();
      await audit(world, [kept]);
      await owner.retryTransfer({ id: transferId });
      await becomes(kept, isDone);
      await expect(owner.retryTransfer({ id: transferId })).rejects.toMatchObject({ code: "CONFLICT" });
      await audit(world, [kept]);
    }));

  it("takes no upload that it stores wrong, and nothing of it stays", () =>
    withServer({}, async ({ world, owner }) => {
      world.drive.fault({ match: { op: "piece" }, kind: "corrupt", times: 1 });

      const upload = keep(owner, 3 * MIB);

      await expect(upload).rejects.toMatchObject({ code: "UNAVAILABLE" });
      expect((await owner.files()).files.nodes).toEqual([]);
      await audit(world, []);
    }));

  it("says that it is full, and moves what it has", () =>
    withServer({}, async ({ world, owner }) => {
      const kept = await keep(owner, 3 * MIB);
      world.drive.fault({ kind: "storageQuota" });

      const upload = keep(owner, MIB);

      await expect(upload).rejects.toMatchObject({
        code: "UNAVAILABLE",
        message: expect.stringContaining("full") as string,
      });
      await becomes(kept, isDone);
      await audit(world, [kept]);
    }));

  it("whose authorization has expired makes transfers wait with that reason, and go on afterwards", () =>
    withServer({}, async ({ t, world, owner }) => {
      const administrator = await t.administrator();
      world.drive.fault({ match: { op: "download" }, kind: "401" });
      const kept = await keep(owner, 2 * MIB);
      world.drive.fault({ match: { op: "token" }, kind: "expiredRefresh" });

      const waiting = await becomes(
        kept,
        ({ transfer }) => transfer?.error?.message.includes("authorization") ?? false,
      );
      const said = await Promise.all([owner, administrator].flatMap((person) => refusalsOf(t.url, person)));
      const { file: seen } = await administrator.file({ id: kept.id });

      expect(waiting.transfer).toMatchObject({ state: "WAITING", error: { code: "UNAVAILABLE" } });
      const [byOwner, putByOwner, byAdministrator, putByAdministrator] = said;
      for (const text of [waiting.transfer?.error?.message, byOwner, putByOwner]) {
        expect(text).toContain(FOR_OWNERS);
        expect(text).not.toContain("GDRIVE");
      }
      for (const text of [seen.transfer?.error?.message, byAdministrator, putByAdministrator]) {
        expect(text).toContain("Set a new GDRIVE_REFRESH_TOKEN.");
        expect(text).not.toContain(FOR_OWNERS);
      }
      world.drive.reset();
      await hurry(world, kept.id);
      await becomes(kept, isDone);
      await audit(world, [kept]);
    }));
});
