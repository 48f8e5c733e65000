import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { crashingServer, expireLeases } from "../support/crashes.js";
import { eventually } from "../support/eventually.js";
import { putFiles } from "../support/stored-files.js";

const FILES = 200;
const KILLED_AT = [20, 80];

const crashing = crashingServer();

describe("a server killed while a folder is copied", { timeout: 90_000 }, () => {
  it("copies every file once, after the next starts, without a click", async () => {
    const { server, database } = crashing;
    const owner = await server.user();
    const source = (await owner.createFolder({ input: { name: "many" } })).createFolder.id;
    const bytes = randomBytes(100);
    const one = await owner.upload(bytes, { name: "0.bin", folderId: source });
    await eventually(
      async () => (await owner.file({ id: one.id })).file.state,
      (state) => state === "STORED",
    );
    const stored = await database.files.findOne({ _id: one.id });
    const more = Array.from({ length: FILES - 1 }, (_, i) => ({
      ...{ _id: `${i}`.padStart(24, "a"), name: `${i + 1}.bin`, slot: `${source}/${i + 1}.bin` },
      ...{ ownerId: owner.id, folderId: source, folderIds: [source], sizeBytes: bytes.length },
      ...{ blobId: stored?.blobId, sha256: one.sha256, createdAt: new Date(one.createdAt) },
    }));
    await putFiles(database.files, more);
    const holders = { $each: more.map(({ _id }) => _id) };
    await database.db
      .collection<{ _id: string }>("blobs")
      .updateOne({ _id: stored?.blobId ?? "" }, { $push: { holders } });

    const { copyFolders } = await owner.copyFolders({ ids: [source] });
    const id = copyFolders[0]?.id ?? "";
    const copied = () => database.files.countDocuments({ folderId: id });
    for (const count of KILLED_AT) {
      await eventually(copied, (soFar) => soFar >= count, 30_000);
      await crashing.crash();
    }

    const { folder } = await eventually(
      () => owner.copiedFolder({ id }),
      ({ folder: now }) => now.copy?.state !== "RUNNING",
      40_000,
    );
    expect(folder).toMatchObject({ fileCount: FILES, failedUploads: [] });
    expect(folder.copy).toMatchObject({ state: "DONE", done: FILES, failed: 0 });
    const names = await database.files.distinct("nameKey", { folderId: id, state: "STORED" });
    expect(names).toHaveLength(FILES);
    // What was there but not counted when the server died is due for the sweep.
    await expireLeases(database);
    await eventually(
      async () => (await owner.me()).me.fileCount,
      (count) => count === 1 + FILES,
      30_000,
    );
  });
});
