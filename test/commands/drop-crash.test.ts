import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DERIVED } from "../../server/adapters/mongo/file-lists.js";
import { openDatabase } from "../support/audit.js";
import type { Database } from "../support/audit.js";
import { childServer, holdingDoor } from "../support/child-server.js";
import type { ChildServer } from "../support/child-server.js";
import { aDropper } from "../support/drops.js";
import { eventually } from "../support/eventually.js";
import { startWorld } from "../support/start-server.js";
import type { World } from "../support/start-server.js";
import { MIB } from "../support/transfers.js";

let world: World;
let door: Awaited<ReturnType<typeof holdingDoor>>;
let server: ChildServer;
let database: Database;

beforeAll(async () => {
  world = await startWorld();
  door = await holdingDoor(world.telegram.url);
  server = await childServer(world, { TELEGRAM_API_ROOT: door.url });
  database = await openDatabase(world);
  await server.start();
}, 60_000);
afterAll(async () => {
  await server.end("SIGKILL");
  await database.close();
  await door.close();
  await world.close();
});

async function killAndStart(): Promise<void> {
  await server.end("SIGKILL");
  door.hold(undefined);
  await server.start();
}

describe("a server killed while what was dropped is purged", { timeout: 90_000 }, () => {
  it("removes all of it after the next start, with or without a link to it", async () => {
    const dropper = aDropper(server.url);
    const linked = await dropper.dropFile("a.bin", randomBytes(2 * MIB));
    const folder = await dropper.dropFiles("f", { "b.bin": randomBytes(100), "in/c.bin": randomBytes(100) });
    const unlinked = await dropper.dropFile("d.bin", randomBytes(100));
    // As if the server had died between the file and its link.
    await database.shareLinks.deleteMany({ targetId: unlinked.id });
    await eventually(
      () => database.transfers.find({}).toArray(),
      (transfers) => transfers.every(({ state }) => state === "DONE"),
      30_000,
    );
    door.hold("deleteMessages");

    await database.files.updateMany({}, [{ $set: { expiresAt: new Date(1) } }, DERIVED]);
    await database.folders.updateMany({}, { $set: { expiresAt: new Date(1) } });
    await database.shareLinks.updateMany({}, { $set: { expiresAt: new Date(1) } });
    await eventually(() => door.held() > 0, undefined, 30_000);
    await killAndStart();
    await database.db
      .collection("purges")
      .updateMany({ dueAt: { $exists: true } }, { $set: { dueAt: new Date(0) } });

    await eventually(
      () => Promise.all([database.files.countDocuments({}), database.folders.countDocuments({})]),
      ([files, folders]) => files + folders === 0,
      40_000,
    );
    expect(world.telegram.ledger().filter(({ deleted, edited }) => !deleted && !edited)).toEqual([]);
    expect(await database.blobs.countDocuments({})).toBe(0);
    expect(world.drive.files()).toEqual([]);
    for (const url of [linked.shareLink?.url, folder.shareLink?.url]) {
      const { pathname } = new URL(url ?? "");
      expect((await fetch(`${server.url}${pathname}`)).status).toBe(410);
    }
  });
});
