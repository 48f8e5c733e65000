import "reflect-metadata";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openDatabase } from "../support/audit.js";
import type { Database } from "../support/audit.js";
import { eventually } from "../support/eventually.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";
import { MIB } from "../support/transfers.js";

let t: TestServer;
let database: Database;
let owner: Person;
let admin: Person;

beforeAll(async () => {
  t = await startServer();
  database = await openDatabase(t.world);
  [owner, admin] = await Promise.all([t.user(), t.administrator()]);
});
afterAll(async () => {
  await database.close();
  await t.close();
});
beforeEach(() => t.world.telegram.reset());

async function upload(size: number, folderId?: string, person = owner): Promise<string> {
  const more = folderId === undefined ? {} : { folderId };
  return (await person.upload(randomBytes(size), { name: `${size}.bin`, ...more })).id;
}

async function archived(size: number): Promise<{ id: string; blobId: string }> {
  const id = await upload(size);
  await eventually(
    async () => (await owner.file({ id })).file,
    ({ state, transfer }) => state === "STORED" && transfer?.state === "DONE",
  );
  await owner.archiveFiles({ ids: [id] });
  return { id, blobId: await blobOf(id) };
}

async function blobOf(id: string): Promise<string> {
  return (await database.files.findOne({ _id: id }))?.blobId ?? "";
}

function done(id: string, person = owner) {
  return eventually(
    async () => (await person.purge({ id })).purge,
    ({ state }) => state === "DONE",
    40_000,
    100,
  );
}

/** What Telegram has of a blob: neither deleted nor overwritten. */
function left(blobId: string): number {
  return t.world.telegram
    .ledger()
    .filter(({ caption, deleted, edited }) => caption?.includes(blobId) === true && !deleted && !edited)
    .length;
}

async function nothingIsLeft(id: string, blobId: string): Promise<void> {
  expect(left(blobId)).toBe(0);
  expect(await database.files.countDocuments({ _id: id })).toBe(0);
  expect(await database.transfers.countDocuments({ fileId: id })).toBe(0);
  expect(await database.blobs.countDocuments({ _id: blobId })).toBe(0);
  expect(await database.parts.countDocuments({ blobId })).toBe(0);
  expect(t.world.drive.files().filter(({ name }) => name === blobId)).toEqual([]);
}

async function usage(id: string): Promise<{ bytesUsed: number; fileCount: number }> {
  const { bytesUsed = -1, fileCount = -1 } = (await database.users.findOne({ _id: id })) ?? {};
  return { bytesUsed, fileCount };
}

describe("a purge", { timeout: 120_000 }, () => {
  it("removes every message, everything staged and the documents, with a result for each message", async () => {
    const before = await usage(owner.id);
    const { id, blobId } = await archived(3 * MIB);

    const { purgeFiles } = await owner.purgeFiles({ ids: [id] });

    expect(purgeFiles).toMatchObject([{ id, kind: "FILE", state: "PENDING" }]);
    await expect(owner.file({ id })).rejects.toMatchObject({ code: "NOT_FOUND" });
    const purge = await done(id);
    expect(purge).toMatchObject({ copies: 6, removed: 6, error: null, messages: { totalCount: 6 } });
    expect(purge.messages.nodes.every(({ removed }) => removed)).toBe(true);
    await nothingIsLeft(id, blobId);
    expect(await usage(owner.id)).toEqual(before);
  });

  it("asked for many times is one purge, also afterwards, and nobody else's", async () => {
    const before = await usage(owner.id);
    const { id } = await archived(10);
    const stranger = await t.user();

    await Promise.all([1, 2, 3].map(() => owner.purgeFiles({ ids: [id] })));
    await done(id);
    const { purgeFiles } = await owner.purgeFiles({ ids: [id] });

    expect(purgeFiles).toMatchObject([{ id, state: "DONE" }]);
    expect(await usage(owner.id)).toEqual(before);
    await expect(stranger.purge({ id })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(stranger.purgeFiles({ ids: [id] })).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect((await stranger.purges()).purges.nodes).toEqual([]);
    expect((await owner.purges()).purges.nodes.filter((purge) => purge.id === id)).toHaveLength(1);
  });

  it("overwrites what is too old to be deleted", async () => {
    const { id, blobId } = await archived(MIB);
    t.world.telegram.advance(49 * 3_600_000);

    await owner.purgeFiles({ ids: [id] });

    await done(id);
    await nothingIsLeft(id, blobId);
    const edited = t.world.telegram.ledger().filter(({ edited: isEdited }) => isEdited);
    expect(edited.length).toBeGreaterThanOrEqual(2);
  });

  it.each([
    ["429", { kind: "429", retryAfter: 1 }],
    ["500", { kind: "5xx" }],
  ])("that Telegram refuses with %s says so, and goes on until it is confirmed", async (_what, fault) => {
    const { id, blobId } = await archived(MIB);
    t.world.telegram.fault({ match: { op: "deleteMessages" }, ...fault });
    t.world.telegram.fault({ match: { op: "deleteMessage" }, ...fault });

    await owner.purgeFiles({ ids: [id] });
    const failed = await eventually(
      async () => (await owner.purge({ id })).purge,
      ({ state }) => state === "FAILED",
    );
    expect(failed).toMatchObject({ removed: 0, error: { code: "UNAVAILABLE" } });
    expect(failed.error?.nextTryAt).toBeTruthy();
    expect(await database.files.countDocuments({ _id: id })).toBe(1);
    t.world.telegram.reset();

    expect(await done(id)).toMatchObject({ copies: 2, removed: 2, error: null });
    await nothingIsLeft(id, blobId);
  });

  it("leaves bytes alone that another file has", async () => {
    const { id, blobId } = await archived(MIB);
    await database.db
      .collection<{ _id: string; holders: string[] }>("blobs")
      .updateOne({ _id: blobId }, { $push: { holders: "another" } });

    await owner.purgeFiles({ ids: [id] });

    expect(await done(id)).toMatchObject({ copies: 0, removed: 0 });
    expect(left(blobId)).toBe(2);
    expect(await database.files.countDocuments({ _id: id })).toBe(0);
  });

  it("in the middle of a transfer stops it, and leaves nothing of it", async () => {
    t.world.telegram.fault({ match: { op: "sendDocument" }, kind: "latency", ms: 400 });
    const id = await upload(6 * MIB);
    await eventually(async () => (await owner.file({ id })).file.transfer?.state === "RUNNING");
    await owner.archiveFiles({ ids: [id] });
    const blobId = await blobOf(id);

    await owner.purgeFiles({ ids: [id] });

    await done(id);
    await eventually(() => left(blobId) === 0, Boolean, 30_000);
    await nothingIsLeft(id, blobId);
  });
});

describe("a folder's purge", { timeout: 120_000 }, () => {
  it("removes all that is in it", async () => {
    const before = await usage(owner.id);
    const top = (await owner.createFolder({ input: { name: "gone" } })).createFolder.id;
    const below = (await owner.createFolder({ input: { name: "below", parentId: top } })).createFolder.id;
    const ids = [await upload(MIB, top), await upload(10, below), await upload(0, below)];
    const blobs = await Promise.all(ids.map(blobOf));
    await owner.archiveFolders({ ids: [top] });

    const { purgeFolders } = await owner.purgeFolders({ ids: [top] });

    expect(purgeFolders).toMatchObject([{ id: top, kind: "FOLDER", name: "gone", state: "PENDING" }]);
    const purge = await done(top);
    expect(purge.removed).toBe(purge.copies);
    for (const [i, id] of ids.entries()) await nothingIsLeft(id, blobs[i] ?? "");
    await expect(owner.folder({ id: below })).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await usage(owner.id)).toEqual(before);
    const listed = (await owner.purges()).purges.nodes.map(({ id }) => id);
    expect(listed).toContain(top);
    expect(listed).not.toContain(ids[0]);
  });
});

describe("a user", { timeout: 120_000 }, () => {
  it("archived can do nothing from the next request on, and has everything again when restored", async () => {
    const user = await t.user();
    const id = await upload(10, undefined, user);
    const { downloadUrl } = (await user.file({ id })).file;
    const { username, email } = (await user.me()).me;

    const { archiveUsers } = await admin.archiveUsers({ ids: [user.id], reason: "spam" });

    expect(archiveUsers).toMatchObject([{ id: user.id, archivedBy: "admin", archivedReason: "spam" }]);
    await expect(user.me()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect((await user.download(downloadUrl)).status).toBe(401);
    const forAdmin = (await admin.file({ id })).file.downloadUrl;
    expect((await admin.download(forAdmin)).status).toBe(404);
    const login = { login: email, password: "a long enough password" };
    await expect(t.anonymous.login({ input: login })).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    const input = { username, email, password: login.password, acceptTerms: true, acceptPrivacy: true };
    await expect(t.anonymous.register({ input })).rejects.toMatchObject({ code: "CONFLICT" });

    await admin.restoreUsers({ ids: [user.id] });

    expect((await t.anonymous.login({ input: login })).login.user).toMatchObject({
      id: user.id,
      fileCount: 1,
    });
    expect((await admin.download(forAdmin)).status).toBe(200);
  });

  it("that is the last administrator stays, and so does everybody in that list", async () => {
    const user = await t.user();

    const refusal = admin.archiveUsers({ ids: [user.id, admin.id] });

    await expect(refusal).rejects.toMatchObject({ code: "CONFLICT" });
    await admin.restoreUsers({ ids: [user.id] });
    expect(await database.db.collection("users").findOne({ _id: user.id as never })).not.toHaveProperty(
      "archivedAt",
    );
    await expect(admin.deleteAccount({ password: t.admin.password })).rejects.toMatchObject({
      code: "CONFLICT",
    });
    await expect(user.archiveUsers({ ids: [admin.id] })).rejects.toMatchObject({ code: "FORBIDDEN" });
  });

  it("purged takes the files along", async () => {
    const user = await t.user();
    const id = await upload(MIB, undefined, user);
    const blobId = await blobOf(id);
    await expect(admin.purgeUsers({ ids: [user.id] })).rejects.toMatchObject({ code: "CONFLICT" });
    await admin.archiveUsers({ ids: [user.id] });

    await admin.purgeUsers({ ids: [user.id] });

    await done(user.id, admin);
    await nothingIsLeft(id, blobId);
    expect(await database.users.countDocuments({ _id: user.id })).toBe(0);
    await expect(owner.purge({ id: user.id })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("purged may hand the files over, counted once", async () => {
    const user = await t.user();
    const heir = await t.user();
    const folder = (await user.createFolder({ input: { name: "heritage" } })).createFolder.id;
    const id = await upload(1_000, folder, user);
    // As clients do that name an upload after its bytes.
    const uploadKey = "a".repeat(64);
    const [same] = await Promise.all(
      [user, heir].map((one) => one.upload(Buffer.from("same"), { uploadKey })),
    );
    await admin.archiveUsers({ ids: [user.id] });
    await expect(admin.purgeUsers({ ids: [user.id], handOverTo: user.id })).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
    });

    await admin.purgeUsers({ ids: [user.id], handOverTo: heir.id });

    await done(user.id, admin);
    expect((await heir.file({ id })).file).toMatchObject({ folder: { id: folder }, owner: { id: heir.id } });
    expect((await heir.file({ id: same?.id ?? "" })).file.owner?.id).toBe(heir.id);
    expect(await usage(heir.id)).toEqual({ bytesUsed: 1_008, fileCount: 3 });
  });

  it("may delete the own account, with the password", async () => {
    const user = await t.user();
    const id = await upload(10, undefined, user);
    await expect(user.deleteAccount({ password: "wrong" })).rejects.toMatchObject({ code: "BAD_USER_INPUT" });

    await user.deleteAccount({ password: "a long enough password" });

    await expect(user.me()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    await done(user.id, admin);
    expect(await database.files.countDocuments({ _id: id })).toBe(0);
  });

  it("whose heir was archived meanwhile waits for another one, and cannot be restored", async () => {
    const [user, former, heir] = await Promise.all([t.user(), t.user(), t.user()]);
    const id = await upload(10, undefined, user);
    await admin.archiveUsers({ ids: [user.id, former.id] });
    // As a crash leaves it between the mark and the purge.
    const mark = { purgingAt: new Date(), openPurgeBy: new Date(), handOverTo: former.id };
    await database.db.collection<{ _id: string }>("users").updateOne({ _id: user.id }, { $set: mark });
    const failed = { where: { state: ["FAILED" as const] } };
    await eventually(
      async () => (await admin.purges(failed)).purges.nodes,
      (purges) => purges.some((purge) => purge.id === user.id && purge.error?.code === "CONFLICT"),
    );
    await expect(admin.restoreUsers({ ids: [user.id] })).rejects.toMatchObject({ code: "NOT_FOUND" });

    await eventually(async () => admin.purgeUsers({ ids: [user.id], handOverTo: heir.id }));

    await done(user.id, admin);
    expect((await heir.file({ id })).file.name).toBe("10.bin");
    expect((await heir.me()).me.fileCount).toBe(1);
    const { purgeUsers } = await admin.purgeUsers({ ids: [user.id] });
    expect(purgeUsers).toMatchObject([{ id: user.id, state: "DONE" }]);
  });
});
