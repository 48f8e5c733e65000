import "reflect-metadata";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../support/audit.js";
import type { Database } from "../support/audit.js";
import { expectFolderTree } from "../support/folder-tree.js";
import { UploadFilesDocument } from "../support/generated/sdk.js";
import { sendMultipart } from "../support/graphql.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";

interface Batch {
  id: string;
  name: string;
  fileCount: number;
  failedUploads: { path: string; code: string }[];
}

interface FailedRow {
  _id: string;
  failedUploads: { path: string }[];
}

let t: TestServer;
let database: Database;
let owner: Person;

beforeAll(async () => {
  t = await startServer({ environment: { QUOTA_FREE: "1GiB, 10000, 1MiB, 4" } });
  database = await openDatabase(t.world);
  owner = await t.user();
});
afterAll(async () => {
  await database.close();
  await t.close();
});

async function send(
  sizes: Record<string, number>,
  where: { folderId?: string; parentId?: string } = {},
  person = owner,
): Promise<Batch> {
  const paths = Object.keys(sizes);
  const body = { files: paths.map(() => null), paths, folderName: "Batch", ...where };
  const files = Object.values(sizes).map((size, i) => ({
    ...{ path: `variables.files.${i}`, name: "upload", bytes: randomBytes(size) },
  }));
  const answer = await sendMultipart(t.url, person.accessToken, UploadFilesDocument, body, files);
  return (answer as { uploadFiles: Batch }).uploadFiles;
}

async function contents(folderId: string): Promise<string[]> {
  const { nodes } = (await owner.files({ where: { folderId }, first: 100 })).files;
  const { folders } = await owner.folders({ parentId: folderId, first: 100 });
  const inside = await Promise.all(
    folders.nodes.map(async ({ id, name }) => (await contents(id)).map((path) => `${name}/${path}`)),
  );
  return [...nodes.map(({ name }) => name), ...inside.flat()].sort();
}

describe("an upload of a folder that goes on with an earlier one", () => {
  it("uses the folders that are there, and forgets what failed then and is there now", async () => {
    const begun = await send({ "a.txt": 10, "in/b.txt": 2 ** 21, "in/c.txt": 10, "in/d.txt": 2 ** 21 });
    expect(begun.failedUploads.map(({ path, code }) => [path, code]).sort()).toEqual([
      ["in/b.txt", "FILE_TOO_LARGE"],
      ["in/d.txt", "FILE_TOO_LARGE"],
    ]);

    const whole = await send({ "IN/b.txt": 10, "in/deep/e.txt": 10, "in/b.txt": 20 }, { folderId: begun.id });

    expect(whole).toMatchObject({ id: begun.id, name: "Batch", fileCount: 5, failedUploads: [] });
    expect(await contents(begun.id)).toEqual([
      "a.txt",
      "in/b (2).txt",
      "in/b.txt",
      "in/c.txt",
      "in/deep/e.txt",
    ]);
    const row = await database.db.collection<FailedRow>("folders").findOne({ _id: begun.id });
    expect(row?.failedUploads).toMatchObject([{ path: "in/d.txt" }]);
  });

  it("fills one folder twenty-fold at once, each of its folders made once and nothing lost", async () => {
    const { id } = await send({ "first.txt": 1 });

    const sent = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        send({ [`${i % 2 === 0 ? "Same" : "same"}/deep/${i}.txt`]: 5 }, { folderId: id }),
      ),
    );

    expect(sent.flatMap(({ failedUploads }) => failedUploads)).toEqual([]);
    const names = await contents(id);
    expect(names).toHaveLength(21);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(21);
    expect(names.filter((name) => /^same\/deep\/\d+\.txt$/i.test(name))).toHaveLength(20);
    await expectFolderTree(database);
  });

  it("goes into no folder that is archived, missing or somebody else's, also not for administrators", async () => {
    const { id } = await send({ "mine.txt": 1 });
    const [stranger, admin] = [await t.user(), await t.administrator()];

    for (const person of [stranger, admin])
      await expect(send({ "x.txt": 1 }, { folderId: id }, person)).rejects.toMatchObject({
        code: "NOT_FOUND",
      });
    await expect(send({ "x.txt": 1 }, { folderId: "nothing" })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await owner.archiveFolders({ ids: [id] });
    await expect(send({ "x.txt": 1 }, { folderId: id })).rejects.toMatchObject({ code: "CONFLICT" });
  });
});
