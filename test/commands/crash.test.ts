import "reflect-metadata";
import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { audit, openDatabase } from "../support/audit.js";
import type { Database } from "../support/audit.js";
import { childServer, holdingDoor } from "../support/child-server.js";
import type { ChildServer } from "../support/child-server.js";
import { DERIVED } from "../../server/adapters/mongo/file-lists.js";
import { eventually } from "../support/eventually.js";
import { startWorld } from "../support/start-server.js";
import type { Person, World } from "../support/start-server.js";
import { MIB, becomes, dice, fileOf, isDone, keep, seeds, sends } from "../support/transfers.js";

/** Parts under way at once, each in two chats. */
const IN_FLIGHT = 4 * 2;

let world: World;
let door: Awaited<ReturnType<typeof holdingDoor>>;
let server: ChildServer;
let database: Database;
let owner: Person;

beforeAll(async () => {
  world = await startWorld();
  door = await holdingDoor(world.telegram.url);
  server = await childServer(world, { TELEGRAM_API_ROOT: door.url });
  database = await openDatabase(world);
  await server.start();
  owner = await server.user();
}, 60_000);
afterAll(async () => {
  await server.end("SIGKILL");
  await database.close();
  await door.close();
  await world.close();
});
beforeEach(() => {
  world.telegram.reset();
  world.drive.reset();
  door.hold(undefined);
});

async function killAndStart(): Promise<void> {
  await server.end("SIGKILL");
  door.hold(undefined);
  await server.start();
}

/** A dead worker's lease and turn run out by themselves after 15 s; here at once. */
async function expireLeases(): Promise<void> {
  await database.db.collection("turns").updateMany({}, { $set: { taken: [] } });
  await database.transfers.updateMany({ dueAt: { $exists: true } }, { $set: { dueAt: new Date(0) } });
}

/** Sends a first piece of a file, and no more. @returns ends the connection */
async function beginUpload(name: string): Promise<() => void> {
  const upload = httpRequest(`${server.url}/files?name=${name}`, {
    method: "PUT",
    headers: { authorization: `Bearer ${owner.accessToken}`, "content-length": 40 * MIB },
  });
  upload.on("error", () => undefined);
  upload.write(Buffer.alloc(9 * MIB));
  await eventually(() => world.drive.stats().bytesIn > 4 * MIB);
  return () => upload.destroy();
}

describe("a server killed", { timeout: 90_000 }, () => {
  it.each(seeds)("at any time goes on by itself and loses nothing (SEED=%i)", async (seed) => {
    const random = dice(seed);
    world.telegram.fault({ match: { op: "sendDocument" }, kind: "latency", ms: 50 });
    const kept = [await keep(owner, 7 * MIB), await keep(owner, Math.ceil(random() * 3 * MIB))];
    const kills = 2;

    for (let kill = 0; kill < kills; kill += 1) {
      const seen = sends(world);
      const wanted = seen + Math.floor(random() * 8);
      await eventually(
        async () => sends(world) >= wanted || (await Promise.all(kept.map(fileOf))).every(isDone),
      );
      await killAndStart();
      await expireLeases();
    }

    for (const file of kept) await becomes(file, isDone);
    await audit(world, kept);
    const parts = await database.parts.countDocuments({ blobId: { $in: await blobsOf(kept) } });
    expect(sends(world)).toBeLessThanOrEqual(parts * 2 + kills * IN_FLIGHT);
  });

  it("after a transfer was paused leaves it paused, and it goes on where it was when it is resumed", async () => {
    world.telegram.fault({ match: { op: "sendDocument" }, kind: "latency", ms: 300 });
    const kept = await keep(owner, 6 * MIB);
    const id = (await fileOf(kept)).transfer?.id ?? "";
    await eventually(() => sends(world) >= 2);
    await owner.pauseTransfer({ id });
    const sentBefore = sends(world);

    await killAndStart();
    await expireLeases();
    world.telegram.reset();
    const later = await keep(owner, MIB);
    await becomes(later, isDone);

    expect(await fileOf(kept)).toMatchObject({ transfer: { state: "PAUSED" } });
    const meanwhile = sends(world);
    await owner.resumeTransfer({ id });
    await becomes(kept, isDone);
    await audit(world, [kept, later]);
    // What was on its way when the server died may be sent twice; what had arrived is not.
    expect(sentBefore + sends(world) - meanwhile).toBeLessThanOrEqual(6 * 2 + IN_FLIGHT);
  });

  it("after Telegram has a document and before anybody knows sends it again, and lists the message", async () => {
    door.hold("sendDocument");
    const kept = await keep(owner, MIB);
    await eventually(() => door.held() === 2);

    await killAndStart();
    await expireLeases();

    await becomes(kept, isDone);
    expect(sends(world)).toBe(4);
    const [blobId] = await blobsOf([kept]);
    expect(await database.orphans.countDocuments({ blobId: blobId ?? "" })).toBe(2);
    await audit(world, [kept]);
  });

  it("after the last document is there reads it back, and sends nothing again", async () => {
    door.hold("getFile");
    const kept = await keep(owner, 2 * MIB);
    await eventually(async () => {
      const parts = await database.parts.find({ blobId: (await blobsOf([kept]))[0] ?? "" }).toArray();
      return parts.reduce((sum, { replicas }) => sum + replicas.length, 0) === 4;
    });

    await killAndStart();
    await expireLeases();

    await becomes(kept, isDone);
    expect(sends(world)).toBe(4);
    await audit(world, [kept]);
  });

  it("between the end of a transfer and the deletion of the staged bytes deletes them later", async () => {
    world.drive.fault({ match: { op: "delete" }, kind: "hang" });
    const kept = await keep(owner, MIB);
    await becomes(kept, isDone);
    await eventually(() => world.drive.stats().calls.delete);
    expect(world.drive.files()).toHaveLength(1);

    world.drive.reset();
    await killAndStart();

    await audit(world, [kept]);
  });

  it("while files are purged removes every copy all the same, and says so only then", async () => {
    const kept = await Promise.all([keep(owner, 3 * MIB), keep(owner, 2 * MIB)]);
    for (const file of kept) await becomes(file, isDone);
    const ids = kept.map(({ id }) => id);
    const blobIds = await blobsOf(kept);
    await owner.archiveFiles({ ids });
    door.hold("deleteMessages");

    await owner.purgeFiles({ ids });
    await eventually(() => door.held() > 0);
    await killAndStart();
    const meanwhile = await Promise.all(ids.map(async (id) => (await owner.purge({ id })).purge.state));
    await database.db
      .collection("purges")
      .updateMany({ dueAt: { $exists: true } }, { $set: { dueAt: new Date(0) } });

    expect(meanwhile).toContain("PENDING");
    for (const id of ids) {
      await eventually(
        async () => (await owner.purge({ id })).purge.state,
        (state) => state === "DONE",
      );
    }
    const left = world.telegram
      .ledger()
      .filter(({ deleted, caption }) => !deleted && blobIds.some((blobId) => caption?.includes(blobId)));
    expect(left).toEqual([]);
    await audit(world, []);
  });

  it("in the middle of an upload leaves nothing of it once it is found abandoned", async () => {
    const before = (await owner.files()).files.totalCount;
    const endUpload = await beginUpload("half.bin");

    await killAndStart();
    endUpload();
    await database.db
      .collection("files")
      .updateMany({ state: "RECEIVING" }, [{ $set: { receivingUntil: new Date(0) } }, DERIVED]);

    await audit(world, []);
    expect((await owner.files()).files.totalCount).toBe(before);
  });
});

describe("a client that goes away in the middle of an upload", { timeout: 120_000 }, () => {
  it("leaves no file and nothing staged", async () => {
    const before = (await owner.files()).files.totalCount;
    const endUpload = await beginUpload("cut.bin");

    endUpload();

    await eventually(async () => (await owner.files()).files.totalCount === before);
    await audit(world, []);
  });
});

describe("a server told to stop", { timeout: 120_000 }, () => {
  it("ends within 10 s with a transfer and a download running, and the next one goes on at once", async () => {
    const stored = await keep(owner, 12 * MIB);
    await becomes(stored, isDone);
    const { file } = await owner.file({ id: stored.id });
    const reader = (await owner.download(file.downloadUrl)).body?.getReader();
    await reader?.read();
    world.telegram.fault({ match: { op: "sendDocument" }, kind: "latency", ms: 700 });
    const kept = await keep(owner, 6 * MIB);
    await becomes(kept, ({ transfer }) => (transfer?.partsDone ?? 0) > 0);

    const { code, ms, stderr } = await server.end("SIGTERM");
    const handedBack = await database.transfers.findOne({ fileId: kept.id });
    world.telegram.reset();
    await server.start();
    const began = performance.now();
    await becomes(kept, isDone);

    await reader?.cancel().catch(() => undefined);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(ms).toBeLessThan(10_000);
    expect(handedBack).toMatchObject({ state: "QUEUED" });
    expect(performance.now() - began).toBeLessThan(10_000);
    await audit(world, [stored, kept]);
  });
});

async function blobsOf(kept: { id: string }[]): Promise<string[]> {
  const found = await database.files.find({ _id: { $in: kept.map(({ id }) => id) } }).toArray();
  return found.map(({ blobId }) => blobId ?? "");
}
