import "reflect-metadata";
import { randomBytes } from "node:crypto";
import type { Collection } from "mongodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FolderArchiveService } from "../../server/archives/folder-archive.service.js";
import { newId } from "../../server/kernel/ids.js";
import { never } from "../support/chats.js";
import { idleServices } from "../support/idle-services.js";
import type { IdleServices } from "../support/idle-services.js";
import { putFiles } from "../support/stored-files.js";
import { eventually } from "../support/eventually.js";
import { startWorld } from "../support/start-server.js";
import type { World } from "../support/start-server.js";
import { MIB } from "../support/transfers.js";

let world: World;
let t: IdleServices;

beforeAll(async () => {
  world = await startWorld();
  t = await idleServices(world);
});
afterAll(async () => {
  await t.close();
  await world.close();
});
beforeEach(async () => {
  world.telegram.reset();
  world.drive.reset({ files: true });
  for (const name of ["blobs", "parts", "folders", "purges"]) await t.collection(name).deleteMany({});
});

const ago = (ms: number): Date => new Date(Date.now() - ms);

/** A copy in a chat that is not there any more. */
const GONE = {
  bot: "700000001",
  chat: "-999",
  messageId: 1,
  fileId: "x",
  fileUniqueId: "x",
  sizeBytes: 1,
  sha256: "",
};
const aPart = (blobId: string) => {
  return { _id: newId(), blobId, index: 0, sizeBytes: 1, blockTags: Buffer.alloc(16), intents: [] };
};

/** A condemned blob with a message in a chat that is not there any more. */
async function undeletable(condemnedAt: Date): Promise<string> {
  const id = newId();
  const [{ bot } = { bot: "" }] = t.outside.telegram.lanes;
  await t.collection("parts").insertOne({ ...aPart(id), replicas: [{ ...GONE, bot }], healthy: 1 });
  const blob = {
    _id: id,
    holders: [],
    tagKey: Buffer.alloc(32),
    blocksPerPart: 1,
    sizeBytes: 1,
    partsTotal: 1,
  };
  await t.collection("blobs").insertOne({ ...blob, condemnedAt, disposeAt: condemnedAt });
  return id;
}

const isThere = async (blobId: string): Promise<boolean> =>
  (await t.collection("blobs").findOne({ _id: blobId })) !== null;

describe("what cannot be done does not keep waiting what can", () => {
  it("when condemned bytes are removed", async () => {
    for (let i = 0; i < 20; i += 1) await undeletable(ago(200_000 + i));
    const { blobId, fileId } = await t.stage(randomBytes(10));
    await t.store(blobId);
    await t.stores.blobs.release(blobId, fileId);
    await t
      .collection("blobs")
      .updateOne({ _id: blobId }, { $set: { condemnedAt: ago(61_000), disposeAt: ago(61_000) } });

    await t.services.disposal.sweep(never);
    await t.services.disposal.sweep(never);

    expect(await isThere(blobId)).toBe(false);
  });

  it("when one of the condemned cannot even be looked at", async () => {
    const broken = await t.stage(randomBytes(10));
    const { blobId, fileId } = await t.stage(randomBytes(10));
    for (const [i, one] of [broken, { blobId, fileId }].entries()) {
      await t.stores.blobs.release(one.blobId, one.fileId);
      const at = ago(100_000 - i);
      await t
        .collection("blobs")
        .updateOne({ _id: one.blobId }, { $set: { condemnedAt: at, disposeAt: at } });
    }
    // Refused once and once more with another token: Drive is not asked again for a while.
    world.drive.fault({ match: { op: "delete" }, kind: "401", times: 2 });

    await t.services.disposal.sweep(never).catch(() => undefined);

    expect(await isThere(broken.blobId)).toBe(true);
    expect(await isThere(blobId)).toBe(false);
  });

  it("when staged bytes are deleted", async () => {
    const stuck = { holders: ["x"], tagKey: Buffer.alloc(32), blocksPerPart: 1, sizeBytes: 1, partsTotal: 1 };
    for (let i = 0; i < 100; i += 1) {
      const _id = newId();
      await t.collection("blobs").insertOne({ _id, ...stuck, stagedId: "x", releaseStaged: true });
      // Its only copy was lost: the staged bytes are all there is.
      await t.collection("parts").insertOne({ ...aPart(_id), replicas: [], healthy: 0 });
    }
    const { blobId } = await t.stage(randomBytes(10));
    await t.store(blobId);

    await t.services.store.releaseStaged(never);
    await t.services.store.releaseStaged(never);

    expect(world.drive.files().filter(({ name }) => name === blobId)).toEqual([]);
  });

  it("when changes of folders are finished", async () => {
    const folder = { ownerId: "somebody", path: [], createdAt: new Date(), archivedAt: new Date() };
    const change = { to: "ARCHIVED", unit: "u", through: [], dueAt: ago(1) };
    const ids = [newId(), newId()];
    await t
      .collection("folders")
      .insertMany(
        ids.map((_id) => ({ _id, name: _id, nameKey: _id, ...folder, change: { ...change, run: newId() } })),
      );
    const { folderArchive, folderPlaces, audit } = t.stores;
    const failing = new Proxy(folderArchive, {
      get: (target, name): unknown =>
        name === "isMovedThrough" ? throwingOnce : (Reflect.get(target, name) as unknown),
    });
    let calls = 0;
    const throwingOnce = (id: string): Promise<boolean> => {
      calls += 1;
      return calls === 1 ? Promise.reject(new Error("at this moment not")) : folderArchive.isMovedThrough(id);
    };

    const sweep = new FolderArchiveService(failing, folderPlaces, t.services.folders, audit).sweep();

    await expect(sweep).rejects.toThrow("at this moment not");
    expect(await t.collection("folders").countDocuments({ change: { $exists: true } })).toBe(1);
  });

  it("when what has been archived for long enough is purged", async () => {
    const sweeping = await idleServices(world, { RETENTION_DAYS: "1" });
    const archived = (at: Date, more = {}) => {
      const _id = newId();
      const facts = { ownerId: "somebody", path: [], createdAt: at, archivedAt: at };
      return { _id, name: _id, nameKey: _id, ...facts, ...more };
    };
    // Being changed at this moment, each of them: none may be purged now.
    const change = { to: "PLACED", run: "x", unit: "x", through: [], dueAt: new Date(Date.now() + 600_000) };
    const busy = Array.from({ length: 100 }, () => archived(ago(200_000_000), { change }));
    const free = archived(ago(100_000_000));
    await t.collection("folders").insertMany([...busy, free]);

    await sweeping.services.archives.retention.sweep(never);
    await sweeping.close();

    expect(await t.collection("purges").findOne({ _id: free._id })).toMatchObject({ kind: "FOLDER" });
    expect(await t.collection("purges").countDocuments({ _id: { $in: busy.map(({ _id }) => _id) } })).toBe(0);
  });

  it("when uploads are counted", async () => {
    const [userId, dead, whole] = [newId(), newId(), newId()];
    const reserved = [{ key: whole, bytes: 5, at: ago(61_000) }];
    const account = { _id: userId, usernameKey: userId, emailKey: userId, bytesUsed: 0, fileCount: 0 };
    await t.collection("users").insertOne({ ...account, reserved });
    const blob = {
      holders: [dead],
      tagKey: Buffer.alloc(32),
      blocksPerPart: 1,
      receipt: "/upload/drive/v3/files?uploadType=resumable&upload_id=x",
    };
    await t.collection("blobs").insertOne({ _id: dead, ...blob });
    const given = { ownerId: userId, blobId: dead, state: "RECEIVING", receivingUntil: ago(1) };
    await putFiles(t.collection("files"), [
      { _id: dead, name: "dead", ...given },
      { _id: whole, name: "whole", ownerId: userId, countedBy: ago(1), sizeBytes: 5 },
    ]);
    world.drive.fault({ kind: "hang" });
    const stopping = new AbortController();

    const sweep = t.services.uploads.sweep(stopping.signal);

    await eventually(
      () => t.collection("users").findOne({ _id: userId }),
      (user) => user?.["fileCount"] === 1,
      5_000,
    );
    stopping.abort();
    await sweep.catch(() => undefined);
    await t.collection("files").deleteMany({ _id: { $in: [dead, whole] } });
  });

  it("when room that was reserved is given back", async () => {
    const [busy, dead] = ["aaa", "bbb"].map((name) => `${name}${newId()}`);
    const reserved = (key: string) => [{ key, bytes: 5, at: new Date(1) }];
    const account = (id = "") => ({ _id: id, usernameKey: id, emailKey: id, bytesUsed: 0, fileCount: 0 });
    await t.collection("users").insertMany([
      { ...account(busy), reserved: reserved("its upload goes on") },
      { ...account(dead), reserved: reserved("it died") },
    ]);
    const uploads = (ids: readonly string[]) =>
      Promise.resolve(
        ids.filter((id) => id === "its upload goes on").map((id) => ({ id, ownerId: busy ?? "" })),
      );

    for (let i = 0; i < 2; i += 1) await t.services.quotas.sweep(1, uploads);

    expect(await t.collection("users").findOne({ _id: dead ?? "" })).toMatchObject({ reserved: [] });
    expect(await t.collection("users").findOne({ _id: busy ?? "" })).toMatchObject({
      reserved: [{ key: "its upload goes on" }],
    });
  });
});

describe("a cancelled transfer", () => {
  it("whose bytes cannot be removed is tried less and less often", async () => {
    const _id = newId();
    await t
      .collection("transfers")
      .insertOne({ _id, fileId: "x", state: "CANCELLED", epoch: 1, cleanUpAt: ago(1) });

    for (let i = 0; i < 4; i += 1) await t.stores.controls.postponeCleaning(_id, 3_000);

    const later = await t.collection("transfers").findOne({ _id });
    expect((later?.["cleanUpAt"] as Date).getTime() - Date.now()).toBeGreaterThan(20_000);
    for (let i = 0; i < 20; i += 1) await t.stores.controls.postponeCleaning(_id, 3_000);
    const last = await t.collection("transfers").findOne({ _id });
    expect((last?.["cleanUpAt"] as Date).getTime() - Date.now()).toBeLessThanOrEqual(600_000);
    await t.collection("transfers").deleteOne({ _id });
  });
});

describe("a purge", () => {
  const aPurge = async (bytes: Buffer, { isStaged = false } = {}) => {
    const mark = { archivedAt: ago(1_000), purgingAt: ago(1_000) };
    const made = await t.stage(bytes, mark);
    await t.store(made.blobId);
    if (!isStaged) await t.services.store.releaseStaged(never);
    const thing = { id: made.fileId, name: "x", ownerId: "somebody" };
    const nobody = { purgeById: undefined, parentId: undefined, handOverTo: undefined };
    await t.stores.purges.open([{ ...thing, ...nobody, kind: "FILE" }]);
    return made;
  };
  const run = async (id: string) => {
    await t.collection("purges").updateOne({ _id: id }, { $set: { dueAt: ago(1) } });
    await t.services.archives.worker.run(id, never);
    return t.stores.purges.find(id);
  };

  it("says of each message that it is gone once it is, whoever removed it", async () => {
    const { fileId, blobId } = await aPurge(randomBytes(MIB));
    const [chat = ""] = world.telegram.chats;
    world.telegram.config({ rights: [{ chat, status: "kicked" }] });
    expect(await run(fileId)).toMatchObject({ state: "FAILED", copies: 2, removed: 1 });
    world.telegram.reset();
    await t.services.disposal.dispose(blobId, () => Promise.resolve(), never);

    expect(await run(fileId)).toMatchObject({ state: "DONE", copies: 2, removed: 2 });
  });

  it("removes what is in the chats while the staging area is away", async () => {
    const { fileId, blobId } = await aPurge(randomBytes(10), { isStaged: true });
    world.drive.fault({ match: { op: "delete" }, kind: "401" });

    expect(await run(fileId)).toMatchObject({ state: "FAILED", copies: 2, removed: 2 });
    world.drive.reset();

    expect(await run(fileId)).toMatchObject({ state: "DONE", copies: 2, removed: 2 });
    expect(world.drive.files().filter(({ name }) => name === blobId)).toEqual([]);
  });

  it("is not swept up by others while it waits for its next try", async () => {
    const { fileId, blobId } = await aPurge(randomBytes(10));
    world.telegram.config({ rights: [{ status: "kicked" }] });
    await run(fileId);
    await t.collection("blobs").updateOne({ _id: blobId }, { $set: { condemnedAt: ago(3_600_000) } });

    expect(await t.stores.blobs.condemned(100)).not.toContain(blobId);
  });

  it("removes what can be removed behind a page of what cannot", async () => {
    const { fileId, blobId } = await aPurge(randomBytes(2 * MIB));
    const parts = t.collection("parts") as unknown as Collection<{ _id: string; index: number }>;
    await parts.updateMany({ blobId }, { $inc: { index: 50 } });
    const lost = Array.from({ length: 50 }, (_, index) => ({ ...aPart(blobId), index, replicas: [GONE] }));
    await parts.insertMany(lost);

    const purge = await run(fileId);

    expect(purge).toMatchObject({ state: "FAILED", removed: 4 });
    expect(purge?.error?.forOperators).toContain("chat not found");
  });

  it("that goes on bit by bit is not put off for longer and longer", async () => {
    const { fileId } = await aPurge(randomBytes(3 * MIB));
    await t.collection("purges").updateOne({ _id: fileId }, { $set: { attempts: 20, fruitless: 20 } });
    world.telegram.advance(49 * 3_600_000);
    world.telegram.fault({ match: { op: "editMessageMedia" }, kind: "429", retryAfter: 3, after: 2 });

    const purge = await run(fileId);

    expect(purge?.state).toBe("FAILED");
    expect(purge?.removed).toBeGreaterThan(0);
    expect(purge?.error?.nextTryAt?.getTime()).toBeLessThan(Date.now() + 60_000);
  });

  it("says what keeps a message of a send that was cut short, to administrators how to mend it", async () => {
    const { fileId, blobId } = await aPurge(randomBytes(10));
    const { chat, messageId } = GONE;
    await t.stores.orphans.addMessage({ ...GONE, intentId: `${chat}/${messageId}`, blobId, index: 0 });
    await t.services.orphans.sweep(never);

    const purge = await run(fileId);

    expect(purge?.error?.forOperators).toContain("chat not found");
    expect(purge?.error?.message).toMatch(/^1 messages .* administrator/);
    const [letter] = (await t.stores.deadLetters.list(10)).filter(({ kind }) => kind === "REMOVAL");
    expect(letter?.reason).toContain("chat not found");
    await t.collection("orphans").deleteMany({});
  });

  it("of a folder says what keeps one of its files", async () => {
    const folderId = newId();
    const mark = { archivedAt: ago(1_000), purgingAt: ago(1_000) };
    const folder = { name: "f", nameKey: "f", ownerId: "somebody", path: [], createdAt: ago(2_000) };
    await t.collection("folders").insertOne({ _id: folderId, ...folder, ...mark });
    const { fileId, blobId } = await t.stage(randomBytes(10), { ...mark, folderId, folderIds: [folderId] });
    await t.store(blobId);
    await t.services.store.releaseStaged(never);
    const thing = { name: "x", ownerId: "somebody", purgeById: undefined, handOverTo: undefined };
    await t.stores.purges.open([{ id: folderId, ...thing, parentId: undefined, kind: "FOLDER" }]);
    await t.stores.purges.open([{ id: fileId, ...thing, parentId: folderId, kind: "FILE" }]);
    world.telegram.config({ rights: [{ status: "kicked" }] });

    await run(fileId);
    const purge = await run(folderId);

    expect(purge?.error?.forOperators).toContain("kicked");
    expect(purge?.error?.message).not.toContain("kicked");
  });
});
