import "reflect-metadata";
import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../server/kernel/ids.js";
import { openDatabase } from "../support/audit.js";
import type { Database } from "../support/audit.js";
import { expireLeases } from "../support/crashes.js";
import { eventually } from "../support/eventually.js";
import type { CopiedFolderFieldsFragment } from "../support/generated/sdk.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";
import { changeFile, putFiles } from "../support/stored-files.js";

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

async function folder(name: string, parentId?: string, whose = owner): Promise<string> {
  const input = { name, ...(parentId === undefined ? {} : { parentId }) };
  return (await whose.createFolder({ input })).createFolder.id;
}

const BYTES = randomBytes(700);

async function file(name: string, folderId: string, whose = owner): Promise<string> {
  const { id } = await whose.upload(BYTES, { name, folderId });
  await eventually(
    async () => (await whose.file({ id })).file.state,
    (state) => state === "STORED",
  );
  return id;
}

async function ended(id: string): Promise<CopiedFolderFieldsFragment> {
  const find = async () => (await owner.copiedFolder({ id })).folder;
  return eventually(find, ({ copy }) => copy?.state !== "RUNNING", 20_000);
}

async function copy(
  id: string,
  more: { folderId?: string; onConflict?: "FAIL" | "RENAME" | "REPLACE" } = {},
) {
  const { copyFolders } = await owner.copyFolders({ ids: [id], ...more });
  return ended(copyFolders[0]?.id ?? "");
}

/** What is in a folder: names, those in folders by their paths. */
async function contents(id: string): Promise<string[]> {
  const [{ files }, { folders }] = await Promise.all([
    owner.files({ where: { folderId: id }, first: 100 }),
    owner.folders({ parentId: id, first: 100 }),
  ]);
  const below = await Promise.all(
    folders.nodes.map(async (one) => [
      `${one.name}/`,
      ...(await contents(one.id)).map((n) => `${one.name}/${n}`),
    ]),
  );
  return [...files.nodes.map(({ name }) => name), ...below.flat()].sort();
}

async function download(id: string): Promise<Buffer> {
  const { downloadUrl } = (await owner.file({ id })).file;
  return Buffer.from(await (await owner.download(downloadUrl)).arrayBuffer());
}

describe("a copy of a folder", () => {
  it("has all that is in it, at any depth, without moving a byte, and outlives the original's purge", async () => {
    const source = await folder("album");
    const inner = await folder("inner", source);
    await folder("empty", inner);
    await file("a.txt", source);
    await file("b.txt", inner);
    const hidden = await file("archived.txt", inner);
    await owner.archiveFiles({ ids: [hidden] });
    const before = (await owner.me()).me;
    const { messages } = t.world.telegram.stats();

    const made = await copy(source);

    expect(made).toMatchObject({ name: "album (2)", state: "STORED", fileCount: 2, size: 2 * BYTES.length });
    expect(made.copy).toMatchObject({ state: "DONE", total: 2, done: 2, failed: 0, stopped: null });
    const all = ["a.txt", "inner/", "inner/b.txt", "inner/empty/"];
    expect(await contents(made.id)).toEqual(all);
    expect(await contents(source)).toEqual(all);
    expect(t.world.telegram.stats().messages).toBe(messages);
    const after = (await owner.me()).me;
    expect(after.fileCount - before.fileCount).toBe(2);
    expect(after.bytesUsed - before.bytesUsed).toBe(2 * BYTES.length);
    await owner.archiveFolders({ ids: [source] });
    await owner.purgeFolders({ ids: [source] });
    await eventually(
      async () => (await owner.purge({ id: source })).purge.state,
      (state) => state === "DONE",
      20_000,
    );
    const { files } = await owner.files({ where: { folderId: made.id } });
    expect((await download(files.nodes[0]?.id ?? "")).equals(BYTES)).toBe(true);
  });

  it("has the name that the policy gives it, and replaces another folder only when it is complete", async () => {
    const [source, into] = [await folder("Plan"), await folder("shelf")];
    await file("p.txt", source);
    const old = await folder("plan", into);

    await expect(copy(source, { folderId: into, onConflict: "FAIL" })).rejects.toMatchObject({
      code: "CONFLICT",
      extensions: { field: ["onConflict"] },
    });
    expect((await copy(source, { folderId: into })).name).toBe("Plan (2)");
    const early = await owner.upload(BYTES, { name: "early.txt", folderId: source });
    await eventually(
      async () => (await owner.file({ id: early.id })).file.state,
      (state) => state === "STORED",
    );
    await changeFile(database.db.collection("files"), early.id, { state: "FAILED" });
    const partial = await copy(source, { folderId: into, onConflict: "REPLACE" });
    expect(partial).toMatchObject({ name: "Plan (3)", copy: { done: 1, failed: 1 } });
    expect(partial.failedUploads).toMatchObject([{ path: "early.txt", code: "CONFLICT" }]);
    const there = (await owner.folders({ parentId: into })).folders.nodes.map(({ id }) => id);
    expect(there).toContain(old);
    await changeFile(database.db.collection("files"), early.id, { state: "STORED" });

    const whole = await copy(source, { folderId: into, onConflict: "REPLACE" });

    expect(whole).toMatchObject({ name: "Plan", copy: { done: 2, failed: 0 } });
    expect(await contents(into)).toEqual([
      "Plan (2)/",
      "Plan (2)/p.txt",
      "Plan (3)/",
      "Plan (3)/p.txt",
      "Plan/",
      "Plan/early.txt",
      "Plan/p.txt",
    ]);
    expect((await copy(source, { onConflict: "REPLACE" })).name).toBe("Plan (2)");
  });

  it.each(["RENAME", "FAIL", "REPLACE"] as const)(
    "has a name of its own, or none is made, when twenty begin at once: %s",
    async (onConflict) => {
      const [source, into] = [await folder("Same"), await folder(`into ${onConflict}`)];

      const copies = Array.from({ length: 20 }, () => copy(source, { folderId: into, onConflict }));
      const made = (await Promise.allSettled(copies)).filter(({ status }) => status === "fulfilled");

      const live = await eventually(
        async () => (await owner.folders({ parentId: into, first: 100 })).folders.nodes,
        (nodes) => onConflict !== "REPLACE" || nodes.length === 1,
        90_000,
      );
      expect(made.length).toBe(onConflict === "FAIL" ? 1 : 20);
      expect(live.length).toBe(onConflict === "RENAME" ? 20 : 1);
      expect(new Set(live.map(({ name }) => name)).size).toBe(live.length);
    },
    120_000,
  );

  it("waits for files that are still on their way, and says of those that never come what became of them", async () => {
    const source = await folder("arriving");
    const inner = await folder("inner", source);
    await file("there.txt", source);
    const files = database.db.collection("files");
    const ids = [
      await file("late.txt", inner),
      await file("gone.txt", inner),
      await file("failed.txt", inner),
    ];
    for (const id of ids) await changeFile(files, id, { state: "TRANSFERRING" });
    const { copyFolders } = await owner.copyFolders({ ids: [source] });
    const id = copyFolders[0]?.id ?? "";
    const found = async () => (await owner.copiedFolder({ id })).folder;
    await eventually(found, ({ copy }) => copy?.awaited === 3 && copy.done === 1);
    expect((await found()).state).toBe("TRANSFERRING");

    await changeFile(files, ids[0] ?? "", { state: "STORED" });
    await owner.archiveFiles({ ids: [ids[1] ?? ""] });
    await changeFile(files, ids[2] ?? "", { state: "FAILED" });

    const made = await ended(id);
    expect(made.copy).toMatchObject({ state: "DONE", total: 4, done: 2, failed: 2, awaited: 0 });
    expect(await contents(id)).toEqual(["inner/", "inner/late.txt", "there.txt"]);
    expect(made.failedUploads.map(({ path, code }) => [path, code]).sort()).toEqual([
      ["inner/failed.txt", "CONFLICT"],
      ["inner/gone.txt", "NOT_FOUND"],
    ]);
  });

  it("is refused into itself, into what is archived or foreign, and where it does not fit, and leaves nothing", async () => {
    const source = await folder("outer");
    const below = await folder("below", await folder("middle", source));
    const shut = await folder("shut");
    await owner.archiveFolders({ ids: [shut] });
    const theirs = await folder("theirs", undefined, stranger);
    const refusal = (folderId: string) => expect(copy(source, { folderId })).rejects;

    await refusal(source).toMatchObject({ code: "BAD_USER_INPUT" });
    await refusal(below).toMatchObject({ code: "BAD_USER_INPUT" });
    await refusal(shut).toMatchObject({ code: "CONFLICT" });
    await refusal(theirs).toMatchObject({ code: "NOT_FOUND" });
    await expect(copy(shut)).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(admin.copyFolders({ ids: [source], folderId: theirs })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    const full = await t.user();
    const mine = await folder("mine", undefined, full);
    await file("one", mine, full);
    await file("two", mine, full);
    await admin.setUserQuota({ id: full.id, input: { files: 3 } });
    await expect(full.copyFolders({ ids: [mine] })).rejects.toMatchObject({ code: "QUOTA_EXCEEDED" });
    expect((await full.folders({})).folders.nodes.map(({ id }) => id)).toEqual([mine]);
  });

  it("goes on where it was when its worker died, with each file once", async () => {
    const source = await folder("again");
    const inner = await folder("inner", source);
    for (const name of ["1", "2", "3"]) await file(name, inner);
    const made = await copy(source);
    const id = made.id as never;
    const { fileCount } = (await owner.me()).me;
    // As if it had died right after the beginning, with files and folders made that it had not noted; one of them half.
    const copies = database.db.collection("folderCopies");
    const way = [{ fromId: source, toId: made.id, name: "again", isAtFolders: false }];
    const [half] = (await owner.files({ where: { search: "3" } })).files.nodes;
    await changeFile(database.db.collection("files"), half?.id ?? "", {
      ...{ state: "RECEIVING", receivingUntil: new Date(Date.now() + 60_000) },
    });
    await database.users.updateOne(
      { _id: owner.id },
      {
        $push: { reserved: { key: half?.id ?? "", bytes: BYTES.length, at: new Date() } },
        $inc: { fileCount: -1, bytesUsed: -BYTES.length },
      },
    );

    await copies.updateOne(
      { _id: id },
      {
        $set: { state: "RUNNING", way, done: 0, lease: "dead", dueAt: new Date(0) },
        $unset: { finishedAt: 1 },
      },
    );

    expect((await ended(made.id)).copy).toMatchObject({ state: "DONE", done: 3, failed: 0 });
    expect(await contents(made.id)).toEqual(["inner/", "inner/1", "inner/2", "inner/3"]);
    expect((await owner.me()).me.fileCount).toBe(fileCount);
  });

  it("has each file once, held and counted, though its workers overlap and each removes what the others began", async () => {
    const person = await t.user();
    const source = await folder("raced", undefined, person);
    const one = await file("0", source, person);
    const blob = (await database.files.findOne({ _id: one }))?.blobId ?? "";
    const others = Array.from({ length: 299 }, (_, i) => ({
      ...{ _id: newId(), name: `${i + 1}`, slot: `${source}/${i + 1}` },
      ...{ ownerId: person.id, folderId: source, folderIds: [source], sizeBytes: BYTES.length },
      ...{ blobId: blob, sha256: createHash("sha256").update(BYTES).digest("hex"), createdAt: new Date() },
    }));
    await putFiles(database.files, others);
    const holders = { $each: others.map(({ _id }) => _id) };
    await database.db
      .collection<{ _id: string }>("blobs")
      .updateOne({ _id: blob }, { $push: { holders } as object });

    const { copyFolders } = await person.copyFolders({ ids: [source] });
    const id = copyFolders[0]?.id ?? "";
    const { folder: made } = await eventually(
      async () => {
        await expireLeases(database);
        return person.copiedFolder({ id });
      },
      ({ folder: now }) => now.copy?.state !== "RUNNING",
      60_000,
    );

    expect(made.failedUploads).toEqual([]);
    expect(made.copy).toMatchObject({ state: "DONE", failed: 0 });
    const copies = await database.files.find({ folderId: id }).toArray();
    expect(new Set(copies.map(({ name }) => name)).size).toBe(300);
    expect(copies).toHaveLength(300);
    await expireLeases(database);
    await eventually(
      async () => (await person.me()).me.fileCount,
      (count) => count === 301,
    );
    const held = await database.db
      .collection<{ _id: string; holders: string[] }>("blobs")
      .findOne({ _id: blob });
    const files = await database.files.find({ ownerId: person.id }).toArray();
    expect(held?.holders.sort()).toEqual(files.map(({ _id }) => _id).sort());
  }, 90_000);

  it("begins by itself when whoever wrote it down died before the folder was there", async () => {
    const source = await folder("late");
    await file("l.txt", source);
    const _id = randomBytes(12).toString("hex") as never;

    await database.db.collection("folderCopies").insertOne({
      ...{ _id, sourceId: source, ownerId: owner.id, name: "late copy", replaces: [], state: "RUNNING" },
      ...{ startedById: owner.id, startedAt: new Date(), total: 1, done: 0, failed: 0, dueAt: new Date(0) },
    });

    const found = () =>
      owner.copiedFolder({ id: _id }).then(
        (reply) => reply.folder,
        () => undefined,
      );
    await eventually(found, (one) => one?.copy?.state === "DONE", 20_000);
    expect(await contents(_id)).toEqual(["l.txt"]);
  });

  it("stops when it is archived, and beside a purge of the original is whole or says what is missing", async () => {
    const source = await folder("doomed");
    for (const name of ["1", "2"]) await file(name, source);
    const { copyFolders } = await owner.copyFolders({ ids: [source] });
    await owner.archiveFolders({ ids: [source] });
    await owner.purgeFolders({ ids: [source] });

    const made = await ended(copyFolders[0]?.id ?? "");

    const { files } = await owner.files({ where: { folderId: made.id } });
    for (const { id } of files.nodes) expect((await download(id)).equals(BYTES)).toBe(true);
    const archived = await owner.copyFolders({ ids: [made.id] });
    const id = archived.copyFolders[0]?.id ?? "";
    await owner.archiveFolders({ ids: [id] });
    const way = [{ fromId: made.id, toId: id, name: "doomed", isAtFolders: false }];
    await ended(id);
    await database.db
      .collection("folderCopies")
      .updateOne({ _id: id as never }, { $set: { state: "RUNNING", way, dueAt: new Date(0) } });
    expect((await ended(id)).copy).toMatchObject({
      state: "STOPPED",
      stopped: expect.stringContaining("archived") as string,
    });
  });

  it("by an administrator belongs to the owner and is in the audit log", async () => {
    const source = await folder("watched");

    const { copyFolders } = await admin.copyFolders({ ids: [source] });

    const id = copyFolders[0]?.id ?? "";
    await ended(id);
    const entry = await database.db.collection("audit").findOne({ "target.id": source });
    expect(entry).toMatchObject({ action: "folder.copied", after: { copyId: id } });
  });
});
