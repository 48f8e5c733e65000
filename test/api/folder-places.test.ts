import "reflect-metadata";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../support/audit.js";
import type { Database } from "../support/audit.js";
import { eventually } from "../support/eventually.js";
import { UploadFilesDocument } from "../support/generated/sdk.js";
import { sendMultipart } from "../support/graphql.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";

let t: TestServer;
let database: Database;
let owner: Person;
let stranger: Person;

beforeAll(async () => {
  t = await startServer();
  database = await openDatabase(t.world);
  [owner, stranger] = await Promise.all([t.user(), t.user()]);
});
afterAll(async () => {
  await database.close();
  await t.close();
});

async function folder(name: string, parentId?: string): Promise<string> {
  const input = { name, ...(parentId === undefined ? {} : { parentId }) };
  return (await owner.createFolder({ input })).createFolder.id;
}

async function file(name: string, folderId: string): Promise<string> {
  return (await owner.upload(randomBytes(100), { name, folderId })).id;
}

async function countOf(id: string): Promise<number> {
  return (await owner.folder({ id })).folder.fileCount;
}

interface FolderRow {
  _id: string;
  parentId?: string;
  path: string[];
}

/** Every folder's path is its parent's and the parent; every file's are its folder's and the folder. */
async function expectWhole(): Promise<void> {
  const folders = await database.db.collection<FolderRow>("folders").find().toArray();
  const byId = new Map(folders.map((one) => [one._id, one]));
  const pathOf = (id: string | undefined): string[] => {
    const parent = id === undefined ? undefined : byId.get(id);
    return parent === undefined ? [] : [...pathOf(parent.parentId), parent._id];
  };
  for (const one of folders) expect(one.path).toEqual(pathOf(one.parentId));
  const files = database.db
    .collection<{ _id: string; folderId?: string; folderIds: string[] }>("files")
    .find();
  for (const one of await files.toArray()) expect(one.folderIds).toEqual(pathOf(one.folderId));
}

describe("a folder", () => {
  it("is renamed by its owner only", async () => {
    const id = await folder("old");

    expect((await owner.renameFolder({ id, name: "new" })).renameFolder.name).toBe("new");
    await expect(stranger.renameFolder({ id, name: "mine" })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(owner.renameFolder({ id, name: ".." })).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
  });

  it("shows the way to it, and what lies in no folder apart from what does", async () => {
    const [a, b] = [await folder("way"), await folder("beside")];
    const inner = await folder("further", a);
    const body = { files: [null], folderName: "batch", parentId: inner };
    const files = [{ path: "variables.files.0", name: "in.bin", bytes: randomBytes(10) }];
    const sent = await sendMultipart(t.url, owner.accessToken, UploadFilesDocument, body, files);
    const batch = (sent as { uploadFiles: { id: string } }).uploadFiles.id;
    const { id: loose } = await owner.upload(randomBytes(10), { name: "loose.bin" });

    const { folderPath } = await owner.folderPath({ id: batch });
    const top = (await owner.files({ where: { atTop: true } })).files.nodes;

    expect(folderPath.map(({ id }) => id)).toEqual([a, inner, batch]);
    expect(top.map(({ id }) => id)).toEqual([loose]);
    expect(await countOf(a)).toBe(1);
    await owner.archiveFolders({ ids: [b] });
    const closed = { ...body, parentId: b };
    await expect(
      sendMultipart(t.url, owner.accessToken, UploadFilesDocument, closed, files),
    ).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("moves with all that is in it, and its sums with it", async () => {
    const [a, b] = [await folder("a"), await folder("b")];
    const inner = await folder("inner", a);
    const deep = await folder("deep", inner);
    await Promise.all([file("1", inner), file("2", deep)]);

    const { moveFolders } = await owner.moveFolders({ ids: [inner], folderId: b });

    expect(moveFolders).toMatchObject([{ id: inner, parent: { id: b } }]);
    expect([await countOf(a), await countOf(b), await countOf(deep)]).toEqual([0, 2, 1]);
    await expectWhole();
    await owner.moveFolders({ ids: [inner] });
    expect([await countOf(b), await countOf(inner)]).toEqual([0, 2]);
    await expectWhole();
  });

  it("never moves into itself or below, and not into what is archived or foreign", async () => {
    const a = await folder("a");
    const below = await folder("below", await folder("middle", a));
    const shut = await folder("shut");
    await owner.archiveFolders({ ids: [shut] });
    const { createFolder: theirs } = await stranger.createFolder({ input: { name: "theirs" } });

    for (const folderId of [a, below])
      await expect(owner.moveFolders({ ids: [a], folderId })).rejects.toMatchObject({
        code: "BAD_USER_INPUT",
      });
    await expect(owner.moveFolders({ ids: [a], folderId: shut })).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(owner.moveFolders({ ids: [shut] })).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(owner.moveFolders({ ids: [a], folderId: theirs.id })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });

  it("and another one, moved into each other at once, make no circle", async () => {
    for (let i = 0; i < 5; i += 1) {
      const [a, b] = [await folder("a"), await folder("b")];

      const outcomes = await Promise.allSettled([
        owner.moveFolders({ ids: [a], folderId: b }),
        owner.moveFolders({ ids: [b], folderId: a }),
      ]);

      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    }
    await expectWhole();
  });

  it("keeps its paths right while it is moved, filled and archived from all sides", async () => {
    const roots = await Promise.all([1, 2, 3].map((n) => folder(`root ${n}`)));
    const moving = await folder("moving", roots[0]);
    const inside = await folder("inside", moving);
    const work = Array.from({ length: 8 }, (_, i) => [
      owner.moveFolders({ ids: [moving], folderId: roots[i % 3] ?? "" }),
      file(`file ${i}`, inside),
      folder(`new ${i}`, inside),
    ]).flat();

    await Promise.allSettled([...work, owner.archiveFolders({ ids: [roots[1] ?? ""] })]);

    await expectWhole();
    await owner.restoreFolders({ ids: [roots[1] ?? ""] });
    const { files } = await owner.files({ where: { folderId: inside }, first: 100 });
    expect(files.nodes.length).toBeGreaterThan(0);
  });

  it("whose move died after it was decided takes its contents along by itself", async () => {
    const [a, b] = [await folder("a"), await folder("b")];
    const inner = await folder("inner", a);
    await file("1", inner);
    const change = { to: "PLACED", unit: "dead", through: [a, b], dueAt: new Date(0) };

    await database.db
      .collection<FolderRow>("folders")
      .updateOne({ _id: inner }, { $set: { parentId: b, path: [b], change } });

    await eventually(
      () => countOf(b),
      (count) => count === 1,
      20_000,
    );
    await expectWhole();
  });
});
