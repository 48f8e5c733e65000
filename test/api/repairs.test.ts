import "reflect-metadata";
import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { SignedInViewer } from "../../server/kernel/context.js";
import { isHealthy } from "../../server/vault/blob.js";
import type { Part, Replica } from "../../server/vault/blob.js";
import { never, readAll } from "../support/chats.js";
import { idleServices } from "../support/idle-services.js";
import type { IdleServices } from "../support/idle-services.js";
import { startWorld } from "../support/start-server.js";
import type { World } from "../support/start-server.js";
import { MIB } from "../support/transfers.js";

const BYTES = randomBytes(3 * MIB);
const owner: SignedInViewer = { kind: "user", userId: "somebody", sessionId: "x", role: "FREE" };

let world: World;
let t: IdleServices;

beforeAll(async () => {
  world = await startWorld({ chats: ["-1001", "-1002", "-1003"] });
  t = await idleServices(world);
});
afterAll(async () => {
  await t.close();
  await world.close();
});
afterEach(() => world.telegram.reset());

async function stored(): Promise<{ fileId: string; blobId: string }> {
  const made = await t.stage(BYTES);
  await t.store(made.blobId);
  await t.services.store.releaseStaged(never);
  return made;
}

async function read(fileId: string): Promise<Buffer> {
  const open = await t.services.files.open(owner, fileId);
  return readAll(await open.read({ start: 0, end: BYTES.length - 1 }, never));
}

const partsOf = (blobId: string): Promise<Part[]> => t.stores.parts.range(blobId, 0, 9);
const healthyOf = (part?: Part) => part?.replicas.filter(isHealthy) ?? [];
const forwards = (): number => world.telegram.stats().calls["forwardMessage"] ?? 0;

async function change(
  blobId: string,
  index: number,
  to: (copy: Replica, i: number) => object,
): Promise<void> {
  const replicas = ((await partsOf(blobId))[index]?.replicas ?? []).map((one, i) => ({
    ...one,
    ...to(one, i),
  }));
  const healthy = (replicas as Replica[]).filter(isHealthy).length;
  await t.collection("parts").updateOne({ blobId, index }, { $set: { replicas, healthy } });
}

/** Puts copies out of everybody's reach: those of a bot that is not configured, in chats that no other one is in. */
function putAway(blobId: string, index: number, copies: readonly number[], more: object = {}): Promise<void> {
  return change(blobId, index, (_, i) =>
    copies.includes(i) ? { bot: "999", chat: `-99${i}`, ...more } : {},
  );
}

async function lose(blobId: string, index: number, copy: number): Promise<void> {
  const replica = (await partsOf(blobId))[index]?.replicas[copy];
  world.telegram.lose({ chat_id: replica?.chat ?? "", message_id: replica?.messageId ?? 0 });
}

describe("a repair", () => {
  it("goes on with the parts behind one that cannot be repaired now", async () => {
    const { fileId, blobId } = await stored();
    await lose(blobId, 2, 0);
    await read(fileId);
    await putAway(blobId, 0, [0, 1], { suspectAt: new Date() });

    await t.services.repairs.repair(blobId, never);

    expect(healthyOf((await partsOf(blobId))[2])).toHaveLength(2);
    expect(await t.collection("files").findOne({ _id: fileId })).toMatchObject({ state: "DEGRADED" });
    expect(await t.collection("blobs").findOne({ _id: blobId })).toHaveProperty("repair");
  });

  it("makes a copy for one that nobody can reach before somebody mends something, who is not asked on and on", async () => {
    const { fileId, blobId } = await stored();
    await putAway(blobId, 0, [0]);

    expect((await read(fileId)).equals(BYTES)).toBe(true);
    const asked = forwards();
    await read(fileId);

    expect(forwards()).toBe(asked);
    await t.services.repairs.repair(blobId, never);
    const [part] = await partsOf(blobId);
    expect(new Set(healthyOf(part).map(({ chat }) => chat))).toHaveProperty("size", 2);
    // It may be reached again one day.
    expect(part?.replicas).toHaveLength(3);
    expect(await t.collection("files").findOne({ _id: fileId })).toMatchObject({ state: "STORED" });
  });

  it("of lost bytes does not wait for a day when something else is found to be wrong", async () => {
    const { fileId, blobId } = await stored();
    for (const copy of [0, 1]) await lose(blobId, 2, copy);
    await expect(read(fileId)).rejects.toMatchObject({ name: "AppError" });
    await t.services.repairs.repair(blobId, never);
    expect(await t.collection("files").findOne({ _id: fileId })).toMatchObject({ state: "LOST" });

    await expect(read(fileId)).rejects.toMatchObject({ name: "AppError" });
    expect(await t.stores.blobs.needingRepair(100)).not.toContain(blobId);

    await lose(blobId, 0, 0);
    await expect(read(fileId)).rejects.toMatchObject({ name: "AppError" });
    expect(await t.stores.blobs.needingRepair(100)).toContain(blobId);
    await t.services.repairs.repair(blobId, never);
    expect(healthyOf((await partsOf(blobId))[0])).toHaveLength(2);
  });

  it("is made at once when what was taken for lost can be read", async () => {
    const { fileId, blobId } = await stored();
    const later = new Date(Date.now() + 86_000_000);
    await change(blobId, 0, () => ({ suspectAt: new Date() }));
    await t.collection("blobs").updateOne({ _id: blobId }, { $set: { repair: { dueAt: later } } });
    await t.collection("files").updateOne({ _id: fileId }, { $set: { state: "LOST" } });

    await read(fileId);
    await t.services.repairs.repair(blobId, never);

    expect(await t.collection("files").findOne({ _id: fileId })).toMatchObject({ state: "STORED" });
  });
});
