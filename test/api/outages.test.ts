import "reflect-metadata";
import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { SharpImages } from "../../server/adapters/sharp/sharp-images.js";
import { PreviewService } from "../../server/files/preview.service.js";
import { ZipService } from "../../server/files/zip.service.js";
import type { SignedInViewer } from "../../server/kernel/context.js";
import { never, readAll, silentLog } from "../support/chats.js";
import { idleServices } from "../support/idle-services.js";
import type { IdleServices } from "../support/idle-services.js";
import { startWorld } from "../support/start-server.js";
import type { World } from "../support/start-server.js";
import { MIB } from "../support/transfers.js";

const BYTES = randomBytes(3 * MIB - 5);
const owner: SignedInViewer = { kind: "user", userId: "somebody", sessionId: "x", role: "FREE" };

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
afterEach(() => {
  world.telegram.reset();
  world.drive.reset({ files: true });
});

async function stored(bytes = BYTES, services = t): Promise<{ fileId: string; blobId: string }> {
  const made = await services.stage(bytes);
  await services.store(made.blobId);
  return made;
}

async function opened(fileId: string, services = t) {
  const open = await services.services.files.open(owner, fileId);
  return open.read({ start: 0, end: open.file.sizeBytes - 1 }, never);
}

/** Services that know nothing yet of what went before. */
async function withFresh<T>(play: (fresh: IdleServices) => Promise<T>): Promise<T> {
  const fresh = await idleServices(world);
  return play(fresh).finally(() => fresh.close());
}

const isWhole = (bytes: Buffer, original = BYTES): boolean => bytes.equals(original);
const driveReads = (): number => world.drive.stats().calls.download ?? 0;
const linksAskedFor = (): number => world.telegram.stats().calls["getFile"] ?? 0;

describe("a reader", () => {
  it("gets everything though no connection lasts longer than a block", async () => {
    const large = await idleServices(world, { TELEGRAM_PART_BYTES: String(8 * MIB) });
    const bytes = randomBytes(8 * MIB);
    const { fileId } = await stored(bytes, large);
    world.drive.reset({ files: true });
    world.telegram.fault({ match: { op: "download" }, kind: "resetMidBody", bytes: 1.5 * MIB });

    const found = await readAll(await opened(fileId, large));

    await large.close();
    expect(isWhole(found, bytes)).toBe(true);
  });

  it("who has begun waits while no copy can be reached, and goes on", async () => {
    const { fileId } = await stored();
    await t.services.store.releaseStaged(never);
    const stream = await opened(fileId);
    const pieces = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const found = [(await pieces.next()).value as Buffer];
    // Each of two copies, and each once more.
    world.telegram.fault({ match: { op: "download" }, kind: "5xx", times: 4 });

    for (let next = await pieces.next(); next.done !== true; next = await pieces.next())
      found.push(next.value);

    expect(isWhole(Buffer.concat(found))).toBe(true);
  });

  it("of a zip waits too, once something of it went out", async () => {
    const ids = [await stored(), await stored()].map(({ fileId }) => fileId);
    await t.services.store.releaseStaged(never);
    const zips = new ZipService(t.services.files, t.services.folders, {
      ...t.stores,
      selections: t.stores.zipSelections,
    });
    const zip = await zips.selection(owner, ids);
    // Beginning with the second file.
    world.telegram.fault({ match: { op: "download" }, kind: "5xx", after: 3, times: 4 });

    const { length } = await readAll(zip.read(never));

    expect(length).toBe(zip.sizeBytes);
  });

  it("who has not begun is told at once that no copy can be reached", async () => {
    const { fileId } = await stored();
    await t.services.store.releaseStaged(never);
    world.telegram.fault({ match: { op: "getFile" }, kind: "429", retryAfter: 40 });

    await withFresh(async (fresh) => {
      const before = linksAskedFor();

      const read = readAll(await opened(fileId, fresh));

      await expect(read).rejects.toMatchObject({ code: "UNAVAILABLE", details: { retryAfterSeconds: 40 } });
      // The bot was told to wait, so it is asked no more: not for the other copy, nor for the next part.
      expect(linksAskedFor() - before).toBeLessThanOrEqual(2);
    });
  });

  it("of what is stored does not wait for a staging area that is away", async () => {
    const { fileId } = await stored();
    world.drive.reset();
    world.drive.fault({ match: { op: "download" }, kind: "5xx" });

    const found = await readAll(await opened(fileId));

    expect(isWhole(found)).toBe(true);
    expect(driveReads()).toBe(0);
  });

  it("of what is on its way asks a staging area that is away once, not for each part", async () => {
    const { fileId, blobId } = await stored();
    await t.collection("blobs").updateOne({ _id: blobId }, { $unset: { storedAt: 1 } });
    world.drive.reset();
    world.drive.fault({ match: { op: "download" }, kind: "401" });

    const found = await withFresh(async (fresh) => readAll(await opened(fileId, fresh)));

    expect(isWhole(found)).toBe(true);
    // With another token once more.
    expect(driveReads()).toBe(2);
  });

  it("of a thumbnail whose image does not come in time is told to try again", async () => {
    const { fileId } = await t.stage(BYTES, { name: "a.png", mimeType: "image/png" });
    const { file } = await t.services.files.open(owner, fileId);
    const read = () => Promise.reject(new DOMException("too long", "TimeoutError"));
    const files = { open: () => Promise.resolve({ file, read }) };
    const previews = new PreviewService(files, new SharpImages(silentLog), t.stores.thumbnails, silentLog);

    const thumbnail = previews.thumbnail(owner, fileId, 128);

    await expect(thumbnail).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  it("who began before anything was stored gets the rest from where it is by then", async () => {
    const { fileId, blobId } = await t.stage(BYTES);
    const stream = await opened(fileId);
    const pieces = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const found = [(await pieces.next()).value as Buffer];

    await t.store(blobId);
    await t.services.store.releaseStaged(never);

    for (let next = await pieces.next(); next.done !== true; next = await pieces.next())
      found.push(next.value);
    expect(isWhole(Buffer.concat(found))).toBe(true);
  });

  it("who began before the staged bytes were deleted asks for them once", async () => {
    const { fileId, blobId } = await stored();
    await t.collection("blobs").updateOne({ _id: blobId }, { $unset: { storedAt: 1 } });

    const found = await withFresh(async (fresh) => {
      const stream = await opened(fileId, fresh);
      world.drive.reset({ files: true });
      return readAll(stream);
    });

    expect(isWhole(found)).toBe(true);
    expect(driveReads()).toBe(1);
  });
});
