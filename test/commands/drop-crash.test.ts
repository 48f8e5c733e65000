import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { DERIVED } from "../../server/adapters/mongo/file-lists.js";
import { crashingServer } from "../support/crashes.js";
import { aDropper } from "../support/drops.js";
import { eventually } from "../support/eventually.js";
import { MIB } from "../support/transfers.js";

const crashing = crashingServer();

describe("a server killed while what was dropped is purged", { timeout: 90_000 }, () => {
  it("removes all of it after the next start, with or without a link to it", async () => {
    const { world, door, server, database } = crashing;
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
    await crashing.crash();

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
