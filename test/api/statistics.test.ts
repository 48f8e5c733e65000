import "reflect-metadata";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openDatabase } from "../support/audit.js";
import type { Database } from "../support/audit.js";
import { eventually } from "../support/eventually.js";
import type { StatsFieldsFragment } from "../support/generated/sdk.js";
import { startServer, startWorld } from "../support/start-server.js";
import type { Person, TestServer, World } from "../support/start-server.js";
import { changeFile } from "../support/stored-files.js";
import { MIB, becomes, isDone, keep } from "../support/transfers.js";

type Stats = StatsFieldsFragment;

let world: World;
let t: TestServer;
let admin: Person;
let owner: Person;
let database: Database;

beforeAll(async () => {
  world = await startWorld();
  t = await startServer({ world });
  database = await openDatabase(world);
  [admin, owner] = [await t.administrator(), await t.user()];
});
afterAll(async () => {
  await database.close();
  await t.close();
  await world.close();
});
beforeEach(() => world.drive.reset());

function statsWhen(isDone: (stats: Stats) => boolean): Promise<Stats> {
  return eventually(async () => (await admin.stats()).stats, isDone, 20_000, 100);
}

async function first<T>(events: AsyncIterable<T>): Promise<T | undefined> {
  for await (const event of events) return event;
  return undefined;
}

function filesIn({ totals }: Pick<Stats, "totals">, state: string): number {
  return totals.filesByState.find((count) => count.state === state)?.files ?? 0;
}

describe("the statistics", { timeout: 120_000 }, () => {
  it("follow uploads, an archived file, a purge, a failure and a cancelled transfer", async () => {
    const today = new Date().toISOString().slice(0, 10);
    const files = [await keep(owner, 2 * MIB + 5), await keep(owner, 10)];
    const { id: image } = await owner.upload(Buffer.concat([Buffer.from("GIF89a"), Buffer.alloc(10)]));
    const { id: empty } = await owner.upload(Buffer.alloc(0), { name: "empty.bin" });
    for (const file of files) await becomes(file, isDone);
    await becomes({ owner, id: image, sha256: "" }, isDone);

    const stored = await statsWhen(
      (stats) =>
        stats.today.transfersDone === 4 && stats.today.uploads === 4 && filesIn(stats, "STORED") === 4,
    );
    const bytes = 2 * MIB + 31;
    const counts = { uploads: 4, uploadedBytes: bytes, transfersDone: 4, transferredBytes: bytes };
    expect(stored.today).toEqual({ name: today, ...counts, transfersFailed: 0 });
    expect(stored.days).toHaveLength(7);
    expect(stored.days.at(-1)).toEqual(stored.today);
    expect(stored.days[0]).toMatchObject({ uploads: 0, transfersDone: 0 });
    expect(stored.types).toEqual([
      { name: "application", files: 3, bytes: bytes - 16 },
      { name: "image", files: 1, bytes: 16 },
    ]);
    expect(stored.topUsers).toEqual([{ id: owner.id, bytesUsed: bytes }]);
    expect(stored.transfers).toEqual({ underWay: 0, failed: 0 });
    expect(stored.totals).toMatchObject({
      users: 2,
      usersByRole: [
        { role: "FREE", users: 1 },
        { role: "PREMIUM", users: 0 },
        { role: "ADMIN", users: 1 },
      ],
      ...{ archivedUsers: 0, files: 4, archivedFiles: 0, anonymousFiles: 0, bytes },
    });

    await owner.archiveFiles({ ids: [image, empty] });
    const archived = await statsWhen(({ totals }) => totals.archivedFiles === 2);
    expect(archived.totals).toMatchObject({ files: 2, bytes });

    await owner.purgeFiles({ ids: [image] });
    const purged = await statsWhen(({ totals }) => totals.bytes === bytes - 16);
    expect(purged.totals).toMatchObject({ files: 2, archivedFiles: 1 });
    expect(purged.types.map(({ name }) => name)).toEqual(["application"]);
    expect(purged.today).toEqual(stored.today);

    world.drive.fault({ match: { op: "download" }, kind: "corrupt" });
    const failing = await keep(owner, 100);
    await becomes(failing, ({ transfer }) => transfer?.state === "WAITING");
    await database.transfers.updateOne(
      { fileId: failing.id },
      { $set: { attempt: 4, dueAt: new Date(0) } as object },
    );
    await becomes(failing, ({ transfer }) => transfer?.state === "FAILED");
    const failed = await statsWhen((stats) => stats.today.transfersFailed === 1);
    expect(failed.transfers).toEqual({ underWay: 0, failed: 1 });
    expect(filesIn(failed, "FAILED")).toBe(1);

    await owner.cancelTransfer({ id: (await owner.file({ id: failing.id })).file.transfer?.id ?? "" });
    const cancelled = await statsWhen((stats) => filesIn(stats, "CANCELLED") === 1);
    expect(cancelled.transfers).toEqual({ underWay: 0, failed: 0 });
    expect(cancelled.totals).toMatchObject({ files: 3, bytes: bytes - 16 });
    expect(cancelled.today).toMatchObject({ uploads: 5, transfersDone: 4, transfersFailed: 1 });
  });

  it("count archived accounts, and those of each role", async () => {
    const before = (await admin.recountStats()).recountStats.totals;
    const [leaving, rising] = [await t.user(), await t.user()];
    await admin.archiveUsers({ ids: [leaving.id] });
    await admin.updateUser({ id: rising.id, input: { role: "PREMIUM" } });

    const { totals } = (await admin.recountStats()).recountStats;

    expect(totals).toMatchObject({ users: before.users + 1, archivedUsers: before.archivedUsers + 1 });
    expect(totals.usersByRole).toContainEqual({ role: "PREMIUM", users: 1 });
  });

  it("count totals anew when what was kept is wrong", async () => {
    const right = { ...(await admin.recountStats()).recountStats.totals, asOf: expect.any(String) as string };
    const kept = database.db.collection<{ _id: string }>("totals");
    await kept.updateOne(
      { _id: "totals" },
      { $set: { bytes: 5, archivedUsers: 12, "filesByState.STORED": 99 } },
    );

    await statsWhen(({ totals }) => totals.bytes === right.bytes);
    await kept.updateOne({ _id: "totals" }, { $set: { bytes: 5, freshMs: 3_600_000 } });
    const { recountStats } = await admin.recountStats();

    expect(recountStats.totals).toMatchObject(right);
    expect((await admin.stats()).stats.totals).toMatchObject(right);
  });

  it("count an upload once that was recorded when its worker died", async () => {
    const { id } = await owner.upload(randomBytes(100));
    const file = () => database.db.collection<{ _id: string }>("files").findOne({ _id: id });
    const isRecorded = async () => !Object.hasOwn((await file()) ?? {}, "unrecordedUpload");
    await eventually(isRecorded);
    const before = (await admin.recountStats()).recountStats.today;

    await changeFile(database.db.collection("files"), id, { unrecordedUpload: new Date() });
    await eventually(isRecorded);

    const after = (await admin.recountStats()).recountStats.today;
    expect(after.uploads).toBe(before.uploads);
  });

  it("refuse numbers of days that make no sense", async () => {
    for (const days of [0, -1, 367]) {
      await expect(admin.stats({ days })).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
    }
  });

  it("are for administrators", async () => {
    for (const ask of [owner.stats(), owner.recountStats(), first(owner.counters())]) {
      await expect(ask).rejects.toMatchObject({ code: "FORBIDDEN" });
    }
    await expect(t.anonymous.stats()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });
});

describe("the counters", { timeout: 120_000 }, () => {
  it("come at once, and again when something changed", async () => {
    const before = (await admin.recountStats()).recountStats.totals.files;
    const seen: number[] = [];

    for await (const { counters } of admin.counters()) {
      seen.push(counters.totals.files);
      if (counters.totals.files > before) break;
      if (seen.length === 1) await owner.upload(randomBytes(10));
    }

    expect(seen[0]).toBe(before);
    expect(seen.at(-1)).toBe(before + 1);
  });
});
