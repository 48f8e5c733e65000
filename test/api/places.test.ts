import "reflect-metadata";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../support/audit.js";
import type { Database } from "../support/audit.js";
import { eventually } from "../support/eventually.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";
import { changeFile } from "../support/stored-files.js";

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

type Policy = "FAIL" | "RENAME" | "REPLACE";

async function upload(name: string, folderId?: string, onConflict?: Policy) {
  const more = { ...(folderId === undefined ? {} : { folderId }), ...(onConflict && { onConflict }) };
  return owner.upload(randomBytes(500), { name, ...more });
}

async function folder(name: string, parentId?: string): Promise<string> {
  const input = { name, ...(parentId === undefined ? {} : { parentId }) };
  return (await owner.createFolder({ input })).createFolder.id;
}

async function namesIn(folderId: string, archived = false): Promise<string[]> {
  const { files } = await owner.files({ where: { folderId, archived }, first: 100 });
  return files.nodes.map(({ name }) => name).sort();
}

async function stored(id: string): Promise<void> {
  await eventually(
    async () => (await owner.file({ id })).file,
    ({ state, transfer }) => state === "STORED" && transfer?.state === "DONE",
  );
}

describe("two files of one name in one folder", () => {
  it("get numbers when they are uploaded, without regard to case, however many come at once", async () => {
    const into = await folder("busy");

    await Promise.all(Array.from({ length: 6 }, (_, i) => upload(i % 2 === 0 ? "a.txt" : "A.TXT", into)));

    const names = await namesIn(into);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(6);
    expect(names.map((name) => name.toLowerCase())).toEqual(expect.arrayContaining(["a.txt", "a (2).txt"]));
  });

  it("are refused under FAIL with the field, before and beside another upload, and leave nothing", async () => {
    const into = await folder("strict");

    const outcomes = await Promise.allSettled([1, 2, 3].map(() => upload("only.txt", into, "FAIL")));

    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await expect(upload("ONLY.txt", into, "FAIL")).rejects.toMatchObject({
      code: "CONFLICT",
      extensions: { field: ["name"] },
    });
    expect(await namesIn(into)).toEqual(["only.txt"]);
  });

  it("replace each other under REPLACE: the older one is archived, and can be restored under a number", async () => {
    const into = await folder("replacing");
    const old = await upload("r.txt", into);

    const fresh = await upload("R.txt", into, "REPLACE");

    expect(fresh.name).toBe("R.txt");
    expect(await namesIn(into)).toEqual(["R.txt"]);
    expect(await namesIn(into, true)).toEqual(["r.txt"]);
    const { restoreFiles } = await owner.restoreFiles({ ids: [old.id] });
    expect(restoreFiles).toMatchObject([{ id: old.id, name: "r (2).txt", archivedAt: null }]);
  });

  it("do not lose the older one when the upload that replaces it fails", async () => {
    const into = await folder("failing");
    await upload("kept.txt", into);
    const wrong = {
      name: "kept.txt",
      folderId: into,
      onConflict: "REPLACE" as const,
      sha256: "0".repeat(64),
    };

    await expect(owner.upload(randomBytes(10), wrong)).rejects.toThrow();

    expect(await namesIn(into)).toEqual(["kept.txt"]);
  });

  it("follow the policy of PUT /files too, which refuses an unknown one", async () => {
    const into = await folder("put");
    const put = (policy: string) =>
      fetch(`${t.url}/files?name=p.txt&folder=${into}&onConflict=${policy}`, {
        method: "PUT",
        body: "bytes",
        headers: { authorization: `Bearer ${owner.accessToken}` },
      });

    const statuses = [];
    for (const policy of ["fail", "FAIL", "rename", "replace", "ask"])
      statuses.push((await put(policy)).status);

    expect(statuses).toEqual([201, 409, 201, 201, 400]);
    expect(await namesIn(into)).toEqual(["p (2).txt", "p.txt"]);
  });
});

describe("a file", () => {
  it("is renamed: in lists, sorting and its download", async () => {
    const into = await folder("renaming");
    const { id } = await upload("before.txt", into);

    const { renameFile } = await owner.renameFile({ id, name: "$after ü.txt" });

    expect(renameFile.name).toBe("$after ü.txt");
    expect(await namesIn(into)).toEqual(["$after ü.txt"]);
    const answer = await owner.download(renameFile.downloadUrl);
    expect(answer.headers.get("content-disposition")).toContain("%24after%20%C3%BC.txt");
    await expect(owner.renameFile({ id, name: "a/b" })).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
    expect((await owner.renameFile({ id, name: "$AFTER Ü.txt" })).renameFile.name).toBe("$AFTER Ü.txt");
  });

  it("does not take another one's name unless told, and only one of many gets a free one", async () => {
    const into = await folder("contended");
    await upload("taken.txt", into);
    const ids = (await Promise.all([1, 2, 3].map((n) => upload(`${n}.txt`, into)))).map(({ id }) => id);
    const [first = "", second = ""] = ids;

    await expect(owner.renameFile({ id: first, name: "TAKEN.txt" })).rejects.toMatchObject({
      code: "CONFLICT",
      extensions: { field: ["name"] },
    });
    const outcomes = await Promise.allSettled(ids.map((id) => owner.renameFile({ id, name: "free.txt" })));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const numbered = await owner.renameFile({ id: second, name: "taken.txt", onConflict: "RENAME" });
    expect(numbered.renameFile.name).toBe("taken (2).txt");
  });

  it("moves into a folder and to the top, all or none", async () => {
    const [from, to] = [await folder("from"), await folder("to")];
    const ids = [(await upload("one.txt", from)).id, (await upload("two.txt", from)).id];
    await upload("two.txt", to);

    await expect(owner.moveFiles({ ids, folderId: to })).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await namesIn(from)).toEqual(["one.txt", "two.txt"]);
    const { moveFiles } = await owner.moveFiles({ ids, folderId: to, onConflict: "REPLACE" });

    expect(moveFiles.map(({ id, folder: there }) => [id, there?.id])).toEqual(ids.map((id) => [id, to]));
    expect(await namesIn(to)).toEqual(["one.txt", "two.txt"]);
    expect(await namesIn(to, true)).toEqual(["two.txt"]);
    expect((await owner.folder({ id: to })).folder.fileCount).toBe(2);
    const top = await owner.moveFiles({ ids, onConflict: "RENAME" });
    expect(top.moveFiles.every((file) => file.folder === null)).toBe(true);
    expect((await owner.folder({ id: to })).folder.fileCount).toBe(0);
  });

  it("is not moved while archived, into an archived folder, or into somebody else's, also by an administrator", async () => {
    const { id } = await upload("stays.txt");
    const shut = await folder("shut");
    await owner.archiveFolders({ ids: [shut] });
    const { createFolder: theirs } = await stranger.createFolder({ input: { name: "theirs" } });

    await expect(owner.moveFiles({ ids: [id], folderId: shut })).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(admin.moveFiles({ ids: [id], folderId: theirs.id })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    await expect(stranger.moveFiles({ ids: [id], folderId: theirs.id })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    await owner.archiveFiles({ ids: [id] });
    await expect(owner.moveFiles({ ids: [id] })).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(owner.renameFile({ id, name: "x" })).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("whose move died half-way gets there by itself", async () => {
    const into = await folder("later");
    const { id } = await upload("half.txt");
    const claim = { name: "half.txt", folderId: into, onConflict: "RENAME", run: "dead", dueAt: new Date(0) };

    await changeFile(database.db.collection("files"), id, { claim });

    await eventually(
      () => namesIn(into),
      (names) => names.includes("half.txt"),
      20_000,
    );
  });

  it("renamed by an administrator is in the audit log", async () => {
    const { id } = await upload("watched.txt");

    await admin.renameFile({ id, name: "seen.txt" });

    const entry = await database.db.collection("audit").findOne({ "target.id": id });
    expect(entry).toMatchObject({ action: "file.renamed", before: { name: "watched.txt" } });
  });
});

describe("a copy", () => {
  it("has the same bytes without moving them, is counted, and outlives the original's purge", async () => {
    const bytes = randomBytes(3_000);
    const original = await owner.upload(bytes, { name: "c.txt" });
    await stored(original.id);
    const before = (await owner.me()).me;
    const sent = t.world.telegram.stats();

    const { copyFiles } = await owner.copyFiles({ ids: [original.id] });

    const [copy] = copyFiles;
    expect(copy).toMatchObject({ name: "c (2).txt", state: "STORED", sha256: original.sha256, size: 3_000 });
    expect(t.world.telegram.stats().messages).toBe(sent.messages);
    const after = (await owner.me()).me;
    expect([after.bytesUsed - before.bytesUsed, after.fileCount - before.fileCount]).toEqual([3_000, 1]);
    await owner.archiveFiles({ ids: [original.id] });
    await owner.purgeFiles({ ids: [original.id] });
    await eventually(
      async () => (await owner.purge({ id: original.id })).purge.state,
      (state) => state === "DONE",
    );
    const answer = await owner.download(copy?.downloadUrl ?? "");
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it("beside a purge of the original is whole or refused, and the last one's purge removes every message", async () => {
    for (let i = 0; i < 2; i += 1) {
      const bytes = randomBytes(1_000);
      const original = await owner.upload(bytes, { name: `race ${i}.txt` });
      await stored(original.id);
      await owner.archiveFiles({ ids: [original.id] });
      await owner.restoreFiles({ ids: [original.id] });

      const [copied] = await Promise.allSettled([
        owner.copyFiles({ ids: [original.id] }),
        owner.archiveFiles({ ids: [original.id] }).then(() => owner.purgeFiles({ ids: [original.id] })),
      ]);

      await eventually(
        async () => (await owner.purge({ id: original.id })).purge.state,
        (state) => state === "DONE",
      );
      if (copied.status === "rejected") continue;
      const answer = await owner.download(copied.value.copyFiles[0]?.downloadUrl ?? "");
      expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    }
  });

  it("is refused for what is not stored yet, and for somebody else's file", async () => {
    t.world.telegram.fault({ match: { op: "sendDocument" }, kind: "latency", ms: 500, times: 4 });
    const { id } = await upload("early.txt");

    await expect(owner.copyFiles({ ids: [id] })).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(stranger.copyFiles({ ids: [id] })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});
