import "reflect-metadata";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../support/audit.js";
import type { Database } from "../support/audit.js";
import { eventually } from "../support/eventually.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";
import { changeFile } from "../support/stored-files.js";
import { MIB } from "../support/transfers.js";

let t: TestServer;
let database: Database;
let owner: Person;
let stranger: Person;
let admin: Person;

beforeAll(async () => {
  t = await startServer();
  database = await openDatabase(t.world);
  [owner, stranger, admin] = await Promise.all([t.user(), t.user(), t.administrator()]);
});
afterAll(async () => {
  await database.close();
  await t.close();
});

async function upload(name: string, folderId?: string): Promise<string> {
  const { id } = await owner.upload(randomBytes(1_000), {
    name,
    ...(folderId === undefined ? {} : { folderId }),
  });
  return id;
}

async function folder(name: string, parentId?: string): Promise<string> {
  const input = { name, ...(parentId === undefined ? {} : { parentId }) };
  return (await owner.createFolder({ input })).createFolder.id;
}

async function stored(id: string, person = owner): Promise<void> {
  await eventually(
    async () => (await person.file({ id })).file,
    ({ state, transfer }) => state === "STORED" && transfer?.state === "DONE",
  );
}

async function statusOf(person: Person, id: string): Promise<number> {
  const { file } = await person.file({ id });
  return (await person.download(file.downloadUrl)).status;
}

async function listed(person: Person, archived: boolean | null): Promise<string[]> {
  return (await person.files({ where: { archived }, first: 100 })).files.nodes.map(({ id }) => id);
}

describe("an archived file", () => {
  it("is listed among archived files only, says who did it and why, and gives nobody its bytes", async () => {
    const id = await upload("hidden.bin");
    const { file } = await owner.file({ id });

    const { archiveFiles } = await owner.archiveFiles({ ids: [id], reason: "old" });

    expect(archiveFiles).toMatchObject([{ id, archivedReason: "old", expiresAt: null }]);
    expect(archiveFiles[0]?.archivedAt).toBeTruthy();
    expect(archiveFiles[0]?.archivedBy).toBe((await owner.me()).me.username);
    expect(await listed(owner, false)).not.toContain(id);
    expect((await owner.files({ first: 100 })).files.nodes.map((one) => one.id)).not.toContain(id);
    expect(await listed(owner, true)).toContain(id);
    expect(await listed(admin, true)).toContain(id);
    expect(await listed(owner, null)).toContain(id);
    expect((await owner.download(file.downloadUrl)).status).toBe(404);
    expect(await statusOf(owner, id)).toBe(404);
    expect(await statusOf(admin, id)).toBe(404);
  });

  it("comes back as it was, and doing either twice changes nothing", async () => {
    const id = await upload("back.bin");

    await Promise.all([owner.archiveFiles({ ids: [id] }), owner.archiveFiles({ ids: [id, id] })]);
    const { restoreFiles } = await owner.restoreFiles({ ids: [id] });
    await owner.restoreFiles({ ids: [id] });

    expect(restoreFiles).toMatchObject([{ id, archivedAt: null, archivedBy: null, archivedReason: null }]);
    expect(await statusOf(owner, id)).toBe(200);
    const actions = await database.db.collection("audit").find({ "target.id": id }).sort({ at: 1 }).toArray();
    expect(actions.map(({ action }) => action as string)).toEqual(["file.archived", "file.restored"]);
  });

  it("goes on with its transfer and comes back once", async () => {
    t.world.telegram.fault({ match: { op: "sendDocument" }, kind: "latency", ms: 300, times: 4 });
    const { id } = await owner.upload(randomBytes(2 * MIB), { name: "moving.bin" });

    await owner.archiveFiles({ ids: [id] });

    await stored(id);
    expect(await statusOf(owner, id)).toBe(404);
    await owner.restoreFiles({ ids: [id] });
    expect(await statusOf(owner, id)).toBe(200);
    expect((await listed(owner, false)).filter((one) => one === id)).toHaveLength(1);
  });

  it("of an administrator is not the owner's to restore or purge, who is told why", async () => {
    const id = await upload("forbidden.bin");
    await owner.archiveFiles({ ids: [id] });

    await admin.archiveFiles({ ids: [id], reason: "a complaint" });

    const refusal = { code: "FORBIDDEN", message: expect.stringContaining("a complaint") as string };
    await expect(owner.restoreFiles({ ids: [id] })).rejects.toMatchObject(refusal);
    await expect(owner.purgeFiles({ ids: [id] })).rejects.toMatchObject(refusal);
    await admin.restoreFiles({ ids: [id] });
    expect(await statusOf(owner, id)).toBe(200);
  });
});

describe("a list of ids", () => {
  it("is done as a whole or not at all", async () => {
    const mine = await upload("mine.bin");
    const { id: theirs } = await stranger.upload(randomBytes(10), { name: "theirs.bin" });

    for (const wrong of [theirs, "nonsense", "0123456789abcdef01234567"]) {
      await expect(owner.archiveFiles({ ids: [mine, wrong] })).rejects.toMatchObject({ code: "NOT_FOUND" });
      await expect(owner.archiveFolders({ ids: [wrong] })).rejects.toMatchObject({ code: "NOT_FOUND" });
    }
    expect((await owner.archivedFile({ id: mine })).file.archivedAt).toBeNull();
    await owner.archiveFiles({ ids: [mine] });
    const live = await upload("live.bin");
    await expect(owner.restoreFiles({ ids: [mine, theirs] })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(owner.purgeFiles({ ids: [mine, theirs] })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(owner.purgeFiles({ ids: [mine, live] })).rejects.toMatchObject({ code: "CONFLICT" });
    expect((await owner.archivedFile({ id: mine })).file.archivedAt).not.toBeNull();
    expect((await owner.purges()).purges.nodes.map(({ id }) => id)).not.toContain(mine);
  });

  it("has an end", async () => {
    const ids = Array.from({ length: 1_001 }, (_, i) => String(i));

    await expect(owner.archiveFiles({ ids })).rejects.toMatchObject({ code: "CONFLICT" });
  });
});

describe("an archived folder", () => {
  it("hides all that is in it, and brings back exactly that", async () => {
    const top = await folder("top");
    const below = await folder("below", top);
    const [a, b, before] = [await upload("a", top), await upload("b", below), await upload("before", below)];
    await owner.archiveFiles({ ids: [before] });

    const { archiveFolders } = await owner.archiveFolders({ ids: [top] });

    expect(archiveFolders).toMatchObject([{ id: top, fileCount: 3, archivedWith: null }]);
    expect((await owner.folders()).folders.nodes.map(({ id }) => id)).not.toContain(top);
    expect((await owner.folders({ parentId: top })).folders.nodes.map(({ id }) => id)).toEqual([below]);
    const { archivedFolders } = await owner.archivedFolders();
    expect(archivedFolders.nodes.map(({ id }) => id)).toContain(top);
    expect(archivedFolders.nodes.map(({ id }) => id)).not.toContain(below);
    expect((await owner.archivedFile({ id: b })).file.archivedWith).toBe(top);
    expect(await statusOf(owner, b)).toBe(404);

    await owner.restoreFolders({ ids: [top] });

    expect(await statusOf(owner, a)).toBe(200);
    expect(await statusOf(owner, b)).toBe(200);
    expect(await statusOf(owner, before)).toBe(404);
    expect((await owner.folder({ id: top })).folder).toMatchObject({ fileCount: 2 });
  });

  it("takes nothing new, and what is restored out of it goes to the top", async () => {
    const top = await folder("shut");
    const below = await folder("shut below", top);
    const file = await upload("inside", below);
    await owner.archiveFolders({ ids: [top] });

    await expect(upload("late", top)).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(folder("late", below)).rejects.toMatchObject({ code: "CONFLICT" });
    await owner.restoreFiles({ ids: [file] });
    await owner.restoreFolders({ ids: [below] });

    expect((await owner.file({ id: file })).file).toMatchObject({ folder: null });
    expect((await owner.folder({ id: below })).folder).toMatchObject({ parent: null, fileCount: 0 });
    expect((await owner.folders()).folders.nodes.map(({ id }) => id)).toContain(below);
  });

  it("is finished by a sweep when its server died half way", async () => {
    const top = await folder("half");
    const file = await upload("half inside", top);
    const change = { to: "ARCHIVED", unit: top, dueAt: new Date(0) };
    await database.db
      .collection<{ _id: string }>("folders")
      .updateOne({ _id: top }, { $set: { archivedAt: new Date(), archivedById: owner.id, change } });

    await eventually(async () => (await owner.archivedFile({ id: file })).file.archivedWith === top);

    await owner.restoreFolders({ ids: [top] });
    expect(await statusOf(owner, file)).toBe(200);
  });

  it("may be archived and restored many times at once, and ends as one of them", async () => {
    const top = await folder("busy");
    const file = await upload("busy inside", top);

    await Promise.all(
      [1, 2, 3].flatMap(() => [owner.archiveFolders({ ids: [top] }), owner.restoreFolders({ ids: [top] })]),
    );

    await owner.restoreFolders({ ids: [top] });
    expect(await statusOf(owner, file)).toBe(200);
    await owner.archiveFolders({ ids: [top] });
    expect(await statusOf(owner, file)).toBe(404);
  });
});

describe("the retention time", () => {
  it("is shown as the day on which a thing is purged by itself, and holds", async () => {
    const keeping = await startServer({ world: t.world, environment: { RETENTION_DAYS: "7" }, role: "all" });
    const id = await upload("expires.bin");
    await stored(id);
    await owner.archiveFiles({ ids: [id] });
    const { personFor } = await import("../support/start-server.js");
    const there = await personFor(keeping.url, owner.accessToken);

    const { file } = await there.archivedFile({ id });
    await changeFile(database.files, id, { archivedAt: new Date(Date.now() - 8 * 86_400_000) });

    const days = Date.parse(file.expiresAt ?? "") - Date.parse(file.archivedAt ?? "");
    expect(days).toBe(7 * 86_400_000);
    await eventually(
      async () => (await there.purges()).purges.nodes.find((purge) => purge.id === id),
      (purge) => purge?.state === "DONE",
      30_000,
    );
    await keeping.close();
  });
});
