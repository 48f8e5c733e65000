import "reflect-metadata";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../server/kernel/ids.js";
import { openDatabase } from "../support/audit.js";
import type { Database } from "../support/audit.js";
import { childServer } from "../support/child-server.js";
import { eventually } from "../support/eventually.js";
import { startServer, startWorld } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";
import { putFiles } from "../support/stored-files.js";

let t: TestServer;
let database: Database;
let admin: Person;

beforeAll(async () => {
  t = await startServer();
  database = await openDatabase(t.world);
  admin = await t.administrator();
});
afterAll(async () => {
  await database.close();
  await t.close();
});

function upload(person: Person, name: string): Promise<{ id: string }> {
  return person.upload(Buffer.from(name), { name });
}

/** Files that are there, without an upload each: runs look at documents only. */
async function seed(ownerId: string, count: number, name: string, into = database): Promise<void> {
  const createdAt = new Date(Date.now() - 60_000);
  await putFiles(
    into.files,
    Array.from({ length: count }, (_, i) => ({
      ...{ _id: newId(), name: `${name} ${i}`, ownerId, createdAt, blobId: `${name}-${i}` },
    })),
  );
}

function ended(person: Person, id: string, timeoutMs = 40_000) {
  return eventually(
    async () => (await person.bulkRun({ id })).bulkRun,
    ({ state }) => state !== "RUNNING",
    timeoutMs,
    100,
  );
}

describe("a run over all files that match", { timeout: 120_000 }, () => {
  it("archives, restores and purges the viewer's own, and only what matches", async () => {
    const [owner, other] = [await t.user(), await t.user()];
    const [one, two, rest] = [
      await upload(owner, "old a.txt"),
      await upload(owner, "old b.txt"),
      await upload(owner, "new c.txt"),
    ];
    const foreign = await upload(other, "old d.txt");
    const where = { search: "OLD" };

    const { archiveMatching } = await owner.archiveMatching({ where, reason: "tidying" });
    const archived = await ended(owner, archiveMatching.id);

    expect(archived).toMatchObject({ deed: "ARCHIVE", state: "DONE", total: 2, done: 2, failed: 0 });
    expect(archived.results).toMatchObject({ totalCount: 2 });
    expect(archived.results.nodes.map(({ fileId }) => fileId).toSorted()).toEqual(
      [one.id, two.id].toSorted(),
    );
    const { file } = await owner.archivedFile({ id: one.id });
    expect(file.archivedReason).toBe("tidying");
    expect((await owner.archivedFile({ id: rest.id })).file.archivedAt).toBeNull();
    expect((await other.archivedFile({ id: foreign.id })).file.archivedAt).toBeNull();

    const restored = await ended(owner, (await owner.restoreMatching({ where })).restoreMatching.id);
    expect(restored).toMatchObject({ state: "DONE", done: 2, failed: 0 });
    expect((await owner.archivedFile({ id: two.id })).file.archivedAt).toBeNull();

    await ended(owner, (await owner.archiveMatching({ where })).archiveMatching.id);
    const purged = await ended(owner, (await owner.purgeMatching({ where })).purgeMatching.id);
    expect(purged).toMatchObject({ state: "DONE", done: 2, failed: 0 });
    await expect(owner.file({ id: one.id })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await eventually(
      async () => (await owner.purge({ id: one.id })).purge.state,
      (state) => state === "DONE",
      40_000,
    );
  });

  it("says of each file why it refused", async () => {
    const owner = await t.user();
    const { id } = await upload(owner, "held.txt");
    await admin.archiveFiles({ ids: [id], reason: "a dispute" });

    const { restoreMatching } = await owner.restoreMatching({ where: {} });
    const run = await ended(owner, restoreMatching.id);

    expect(run).toMatchObject({ state: "DONE", total: 1, done: 0, failed: 1 });
    expect(run.results.nodes).toMatchObject([{ fileId: id, name: "held.txt", done: false }]);
    expect(run.results.nodes[0]?.reason).toContain("a dispute");
    expect((await owner.bulkRun({ id: run.id, done: true })).bulkRun.results.totalCount).toBe(0);
  });

  it("is nobody else's, and administrators see all", async () => {
    const [owner, stranger] = [await t.user(), await t.user()];
    await upload(owner, "mine.txt");
    const { id } = (await owner.archiveMatching({ where: {} })).archiveMatching;

    await expect(stranger.bulkRun({ id })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(stranger.cancelBulkRun({ id })).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect((await stranger.bulkRuns()).bulkRuns).toEqual({ nodes: [], totalCount: 0 });
    await expect(stranger.archiveMatching({ where: { ownerId: owner.id } })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    expect((await admin.bulkRun({ id })).bulkRun.id).toBe(id);
    await ended(owner, id);
    await expect(owner.cancelBulkRun({ id })).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("stops when it is cancelled, and when whoever began it is archived", async () => {
    const [owner, gone] = [await t.user(), await t.user()];
    await seed(owner.id, 2_000, `many-${owner.id}`);
    await seed(gone.id, 2_000, `many-${gone.id}`);

    const { id } = (await owner.archiveMatching({ where: {} })).archiveMatching;
    const cancelled = (await owner.cancelBulkRun({ id })).cancelBulkRun;
    const { archiveMatching } = await gone.archiveMatching({ where: {} });
    await admin.archiveUsers({ ids: [gone.id] });

    expect(cancelled).toMatchObject({ state: "CANCELLED", total: 2_000 });
    expect((await owner.cancelBulkRun({ id })).cancelBulkRun.state).toBe("CANCELLED");
    const stopped = await ended(admin, archiveMatching.id);
    expect(stopped.state).toBe("CANCELLED");
    expect(stopped.stopped).toContain("no active account");
    const { bulkRun } = await owner.bulkRun({ id });
    expect(bulkRun.done).toBeLessThan(2_000);
  });

  it("goes on after a crash, and counts each file once", { timeout: 120_000 }, async () => {
    const world = await startWorld();
    const kept = await openDatabase(world);
    const child = await childServer(world);
    await child.start();
    const owner = await child.user();
    const count = 150;
    await seed(owner.id, count, "crash", kept);

    const { id } = (await owner.archiveMatching({ where: { search: "crash" } })).archiveMatching;
    await eventually(
      async () => (await kept.bulkRuns.findOne({ _id: id }))?.done ?? 0,
      (done) => done > 0,
    );
    await child.end("SIGKILL");
    const done = (await kept.bulkRuns.findOne({ _id: id }))?.done;
    await child.start();

    const run = await ended(owner, id, 90_000);
    expect(done).toBeLessThan(count);
    expect(run).toMatchObject({ state: "DONE", total: count, done: count, failed: 0 });
    expect(run.results.totalCount).toBe(count);
    const isLive = { ownerId: owner.id, archivedAt: { $exists: false } };
    expect(await kept.files.countDocuments(isLive)).toBe(0);
    await child.end("SIGKILL");
    await kept.close();
    await world.close();
  });
});
