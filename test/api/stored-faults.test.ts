import "reflect-metadata";
import { createHash } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { audit, downloaded, openDatabase } from "../support/audit.js";
import type { Kept, PartRecord } from "../support/audit.js";
import { eventually } from "../support/eventually.js";
import type { World } from "../support/start-server.js";
import {
  MIB,
  becomes,
  collectWarnings,
  dice,
  isDone,
  keep,
  seeds,
  sends,
  withServer,
} from "../support/transfers.js";

const warnings = collectWarnings();

afterAll(() => expect(warnings).toEqual([]));

async function partsOf(world: World): Promise<PartRecord[]> {
  const database = await openDatabase(world);
  const parts = await database.parts.find().sort({ index: 1 }).toArray();
  await database.close();
  return parts;
}

/** Somebody deletes a copy in Telegram. */
async function lose(world: World, index: number, copy: number): Promise<void> {
  const replica = (await partsOf(world))[index]?.replicas[copy];
  world.telegram.lose({ chat_id: replica?.chat ?? "", message_id: replica?.messageId ?? 0 });
}

/** Done, and nothing left in the staging area that a download could fall back on. */
async function isStored(world: World, kept: Kept): Promise<void> {
  await becomes(kept, isDone);
  await eventually(() => world.drive.files().length === 0);
}

describe.concurrent("a stored file", { timeout: 120_000 }, () => {
  it("comes back right when a copy was deleted, is shown degraded, and has two copies again", () =>
    withServer({}, async ({ world, owner }) => {
      const kept = await keep(owner, 3 * MIB);
      await isStored(world, kept);
      await lose(world, 1, 0);
      world.telegram.fault({ match: { op: "sendDocument" }, kind: "latency", ms: 500 });

      const found = await downloaded(owner, kept.id);

      expect(found).toBe(kept.sha256);
      await becomes(kept, ({ state }) => state === "DEGRADED");
      await becomes(kept, ({ state }) => state === "STORED");
      await audit(world, [kept]);
    }));

  it("is lost, and says so, when no copy of a part is left: its download is refused, never short", () =>
    withServer({}, async ({ world, owner }) => {
      const kept = await keep(owner, 3 * MIB);
      await isStored(world, kept);
      for (const copy of [0, 1]) await lose(world, 2, copy);

      const found = await downloaded(owner, kept.id);

      expect(found).toBeUndefined();
      await becomes(kept, ({ state }) => state === "LOST");
      await audit(world, [kept]);
      // What is left of it stays known: a chat may come back.
      expect((await partsOf(world))[2]?.replicas).toHaveLength(2);
    }));

  it("comes back from the other chat when one gives wrong bytes, whose copy is replaced", () =>
    withServer({}, async ({ world, owner }) => {
      const kept = await keep(owner, MIB);
      await isStored(world, kept);
      const chat = (await partsOf(world))[0]?.replicas[0]?.chat;
      const before = sends(world);
      // Twice for the reader, then three times for the repair that reads it back.
      world.telegram.fault({ match: { op: "download", chat }, kind: "corrupt", times: 5 });

      const found = await downloaded(owner, kept.id);

      expect(found).toBe(kept.sha256);
      await audit(world, [kept]);
      expect(sends(world)).toBeGreaterThan(before);
    }));

  it("keeps its copies when only the line was bad", () =>
    withServer({}, async ({ world, owner }) => {
      const kept = await keep(owner, 2 * MIB);
      await isStored(world, kept);
      const before = sends(world);
      world.telegram.fault({ match: { op: "download" }, kind: "corrupt", times: 1 });
      world.telegram.fault({
        match: { op: "download" },
        kind: "resetMidBody",
        bytes: 1000,
        after: 1,
        times: 1,
      });

      const found = await downloaded(owner, kept.id);

      expect(found).toBe(kept.sha256);
      await audit(world, [kept]);
      expect(sends(world)).toBe(before);
    }));

  it("is repaired again when a copy is found missing behind a repair that is under way", () =>
    withServer({}, async ({ world, owner }) => {
      const kept = await keep(owner, 3 * MIB);
      await isStored(world, kept);
      await lose(world, 2, 0);
      world.telegram.fault({ match: { op: "sendDocument" }, kind: "latency", ms: 1_000, times: 1 });
      await downloaded(owner, kept.id);
      await becomes(kept, ({ state }) => state === "DEGRADED");

      await lose(world, 0, 0);
      const found = await downloaded(owner, kept.id);

      expect(found).toBe(kept.sha256);
      await audit(world, [kept]);
    }));

  it("comes whole to a reader that began before it was stored", () =>
    withServer({}, async ({ world, owner }) => {
      world.telegram.fault({ match: { op: "sendDocument" }, kind: "latency", ms: 300 });
      const kept = await keep(owner, 12 * MIB);
      const { file } = await owner.file({ id: kept.id });
      const answer = await owner.download(file.downloadUrl);
      const pieces = (answer.body as unknown as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
      const hash = createHash("sha256");
      let piece = await pieces.next();

      world.telegram.reset();
      await isStored(world, kept);
      for (; piece.done !== true; piece = await pieces.next()) hash.update(piece.value);

      expect(hash.digest("hex")).toBe(kept.sha256);
      await audit(world, [kept]);
    }));
});

describe.concurrent("whatever goes wrong together", { timeout: 120_000 }, () => {
  it.each(seeds)("nothing is lost (SEED=%i)", (seed) =>
    withServer({ chats: ["-1001", "-1002", "-1003"] }, async ({ world, owner }) => {
      const random = dice(seed);
      const prob = (most: number): number => random() * most;
      const { telegram, drive } = world;
      telegram.config({ seed });
      for (const kind of ["5xx", "reset", "lostResponse", "truncateResponse", "corrupt"]) {
        telegram.fault({ match: { op: "sendDocument" }, kind, prob: prob(0.08) });
      }
      telegram.fault({ match: { op: "sendDocument" }, kind: "429", retryAfter: 1, prob: prob(0.2) });
      for (const kind of ["5xx", "reset", "429"])
        telegram.fault({ match: { op: "getFile" }, kind, prob: prob(0.05) });
      for (const kind of ["corrupt", "truncate", "stalePath"]) {
        telegram.fault({ match: { op: "download" }, kind, prob: prob(0.1) });
      }
      drive.fault({ match: { op: "download" }, kind: "corrupt", prob: prob(0.1) });
      drive.fault({ match: { op: ["piece", "delete"] }, kind: "5xx", prob: prob(0.2) });

      const uploads = Array.from({ length: 3 }, () => keep(owner, Math.ceil(random() * 5 * MIB)));
      const kept = await Promise.all(uploads);
      await Promise.race(kept.map((file) => becomes(file, isDone)));
      telegram.reset();
      drive.reset();

      await Promise.all(kept.map((file) => becomes(file, isDone, 60_000)));
      await audit(world, kept);
    }),
  );
});

describe("the pace", { timeout: 120_000 }, () => {
  it("is never faster than a chat allows: a minute's worth and more without one refusal", () =>
    withServer(
      { limits: true, environment: { TELEGRAM_LANE_PER_MINUTE: "120" } },
      async ({ world, owner }) => {
        // A minute passes in five seconds, in the chats as in the pace.
        world.telegram.config({ timeScale: 12 });

        const kept = await Promise.all([keep(owner, 14 * MIB), keep(owner, 10 * MIB)]);
        await Promise.all(kept.map((file) => becomes(file, isDone)));

        expect(world.telegram.stats()).toMatchObject({ tooManyRequests: 0, calls: { sendDocument: 48 } });
        await audit(world, kept);
      },
    ));
});
