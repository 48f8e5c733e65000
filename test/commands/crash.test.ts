import "reflect-metadata";
import { request as httpRequest } from "node:http";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { audit } from "../support/audit.js";
import { crashingServer, expireLeases } from "../support/crashes.js";
import { eventually } from "../support/eventually.js";
import type { Person } from "../support/start-server.js";
import { MIB, becomes, dice, fileOf, isDone, keep, seeds, sends } from "../support/transfers.js";

/** Parts under way at once, each in two chats. */
const IN_FLIGHT = 4 * 2;

const crashing = crashingServer();
let owner: Person;
beforeAll(async () => {
  owner = await crashing.server.user();
});
beforeEach(() => {
  const { world, door } = crashing;
  world.telegram.reset();
  world.drive.reset();
  door.hold(undefined);
});

/** Sends a first piece of a file, and no more. @returns ends the connection */
async function beginUpload(name: string): Promise<() => void> {
  const upload = httpRequest(`${crashing.server.url}/files?name=${name}`, {
    method: "PUT",
    headers: { authorization: `Bearer ${owner.accessToken}`, "content-length": 40 * MIB },
  });
  upload.on("error", () => undefined);
  upload.write(Buffer.alloc(9 * MIB));
  await eventually(() => crashing.world.drive.stats().bytesIn > 4 * MIB);
  return () => upload.destroy();
}

describe("a server killed", { timeout: 90_000 }, () => {
  it.each(seeds)("at any time goes on by itself and loses nothing (SEED=%i)", async (seed) => {
    const random = dice(seed);
    crashing.world.telegram.fault({ match: { op: "sendDocument" }, kind: "latency", ms: 50 });
    const kept = [await keep(owner, 7 * MIB), await keep(owner, Math.ceil(random() * 3 * MIB))];
    const kills = 2;

    for (let kill = 0; kill < kills; kill += 1) {
      const seen = sends(crashing.world);
      const wanted = seen + Math.floor(random() * 8);
      await eventually(
        async () => sends(crashing.world) >= wanted || (await Promise.all(kept.map(fileOf))).every(isDone),
      );
      await crashing.crash();
    }

    for (const file of kept) await becomes(file, isDone);
    await audit(crashing.world, kept);
    const parts = await crashing.database.parts.countDocuments({ blobId: { $in: await blobsOf(kept) } });
    expect(sends(crashing.world)).toBeLessThanOrEqual(parts * 2 + kills * IN_FLIGHT);
  });

  it("after a transfer was paused leaves it paused, and it goes on where it was when it is resumed", async () => {
    crashing.world.telegram.fault({ match: { op: "sendDocument" }, kind: "latency", ms: 300 });
    const kept = await keep(owner, 6 * MIB);
    const id = (await fileOf(kept)).transfer?.id ?? "";
    await eventually(() => sends(crashing.world) >= 2);
    await owner.pauseTransfer({ id });
    const sentBefore = sends(crashing.world);

    await crashing.crash();
    crashing.world.telegram.reset();
    const later = await keep(owner, MIB);
    await becomes(later, isDone);

    expect(await fileOf(kept)).toMatchObject({ transfer: { state: "PAUSED" } });
    const meanwhile = sends(crashing.world);
    await owner.resumeTransfer({ id });
    await becomes(kept, isDone);
    await audit(crashing.world, [kept, later]);
    // What was on its way when the server died may be sent twice; what had arrived is not.
    expect(sentBefore + sends(crashing.world) - meanwhile).toBeLessThanOrEqual(6 * 2 + IN_FLIGHT);
  });

  it("after Telegram has a document and before anybody knows sends it again, and lists the message", async () => {
    crashing.door.hold("sendDocument");
    const kept = await keep(owner, MIB);
    await eventually(() => crashing.door.held() === 2);

    await crashing.crash();

    await becomes(kept, isDone);
    expect(sends(crashing.world)).toBe(4);
    const [blobId] = await blobsOf([kept]);
    expect(await crashing.database.orphans.countDocuments({ blobId: blobId ?? "" })).toBe(2);
    await audit(crashing.world, [kept]);
  });

  it("after the last document is there reads it back, and sends nothing again", async () => {
    crashing.door.hold("getFile");
    const kept = await keep(owner, 2 * MIB);
    await eventually(async () => {
      const parts = await crashing.database.parts
        .find({ blobId: (await blobsOf([kept]))[0] ?? "" })
        .toArray();
      return parts.reduce((sum, { replicas }) => sum + replicas.length, 0) === 4;
    });

    await crashing.crash();

    await becomes(kept, isDone);
    expect(sends(crashing.world)).toBe(4);
    await audit(crashing.world, [kept]);
  });

  it("between the end of a transfer and the deletion of the staged bytes deletes them later", async () => {
    crashing.world.drive.fault({ match: { op: "delete" }, kind: "hang" });
    const kept = await keep(owner, MIB);
    await becomes(kept, isDone);
    await eventually(() => crashing.world.drive.stats().calls.delete);
    expect(crashing.world.drive.files()).toHaveLength(1);

    crashing.world.drive.reset();
    await crashing.crash();

    await audit(crashing.world, [kept]);
  });

  it("while files are purged removes every copy all the same, and says so only then", async () => {
    const kept = await Promise.all([keep(owner, 3 * MIB), keep(owner, 2 * MIB)]);
    for (const file of kept) await becomes(file, isDone);
    const ids = kept.map(({ id }) => id);
    const blobIds = await blobsOf(kept);
    await owner.archiveFiles({ ids });
    crashing.door.hold("deleteMessages");

    await owner.purgeFiles({ ids });
    await eventually(() => crashing.door.held() > 0);
    await crashing.server.end("SIGKILL");
    crashing.door.hold(undefined);
    await crashing.server.start();
    const meanwhile = await Promise.all(ids.map(async (id) => (await owner.purge({ id })).purge.state));
    await expireLeases(crashing.database);

    expect(meanwhile).toContain("PENDING");
    for (const id of ids) {
      await eventually(
        async () => (await owner.purge({ id })).purge.state,
        (state) => state === "DONE",
      );
    }
    const left = crashing.world.telegram
      .ledger()
      .filter(({ deleted, caption }) => !deleted && blobIds.some((blobId) => caption?.includes(blobId)));
    expect(left).toEqual([]);
    await audit(crashing.world, []);
  });

  it("in the middle of an upload leaves nothing of it once it is found abandoned", async () => {
    const before = (await owner.files()).files.totalCount;
    const endUpload = await beginUpload("half.bin");

    await crashing.crash();
    endUpload();

    await audit(crashing.world, []);
    expect((await owner.files()).files.totalCount).toBe(before);
  });
});

describe("a client that goes away in the middle of an upload", { timeout: 120_000 }, () => {
  it("leaves no file and nothing staged", async () => {
    const before = (await owner.files()).files.totalCount;
    const endUpload = await beginUpload("cut.bin");

    endUpload();

    await eventually(async () => (await owner.files()).files.totalCount === before);
    await audit(crashing.world, []);
  });
});

describe("a server told to stop", { timeout: 120_000 }, () => {
  it("ends within 10 s with a transfer and a download running, and the next one goes on at once", async () => {
    const stored = await keep(owner, 12 * MIB);
    await becomes(stored, isDone);
    const { file } = await owner.file({ id: stored.id });
    const reader = (await owner.download(file.downloadUrl)).body?.getReader();
    await reader?.read();
    crashing.world.telegram.fault({ match: { op: "sendDocument" }, kind: "latency", ms: 700 });
    const kept = await keep(owner, 6 * MIB);
    await becomes(kept, ({ transfer }) => (transfer?.partsDone ?? 0) > 0);

    const { code, ms, stderr } = await crashing.server.end("SIGTERM");
    const handedBack = await crashing.database.transfers.findOne({ fileId: kept.id });
    crashing.world.telegram.reset();
    await crashing.server.start();
    const began = performance.now();
    await becomes(kept, isDone);

    await reader?.cancel().catch(() => undefined);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(ms).toBeLessThan(10_000);
    expect(handedBack).toMatchObject({ state: "QUEUED" });
    expect(performance.now() - began).toBeLessThan(10_000);
    await audit(crashing.world, [stored, kept]);
  });
});

async function blobsOf(kept: { id: string }[]): Promise<string[]> {
  const found = await crashing.database.files.find({ _id: { $in: kept.map(({ id }) => id) } }).toArray();
  return found.map(({ blobId }) => blobId ?? "");
}
