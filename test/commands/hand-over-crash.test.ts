import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit, openDatabase } from "../support/audit.js";
import type { Database } from "../support/audit.js";
import { childServer } from "../support/child-server.js";
import type { ChildServer } from "../support/child-server.js";
import { expireLeases, underWay } from "../support/crashes.js";
import { eventually } from "../support/eventually.js";
import { startWorld } from "../support/start-server.js";
import type { World } from "../support/start-server.js";
import { dice, seeds } from "../support/transfers.js";

const FILES = 40;
const KILLS = 2;

let world: World;
let server: ChildServer;
let database: Database;

beforeAll(async () => {
  world = await startWorld();
  server = await childServer(world, { QUOTA_FREE: "10GiB, 100000, 1GiB, 4" });
  database = await openDatabase(world);
  await server.start();
}, 60_000);
afterAll(async () => {
  await server.end("SIGKILL");
  await database.close();
  await world.close();
});

describe("a server killed while an account's files are handed over", { timeout: 120_000 }, () => {
  it.each(seeds)("gives each to the heir, and counts it once (SEED=%i)", async (seed) => {
    const random = dice(seed);
    const [giver, heir, admin] = [await server.user(), await server.user(), await server.administrator()];
    const folder = (await giver.createFolder({ input: { name: "heritage" } })).createFolder.id;
    const hashes = new Map<string, string>();
    for (let i = 0; i < FILES; i += 1) {
      const bytes = Buffer.from(`file ${i}`);
      const to = i % 2 === 0 ? { folderId: folder } : {};
      const { id } = await giver.upload(bytes, { name: `${i}.txt`, ...to });
      hashes.set(id, createHash("sha256").update(bytes).digest("hex"));
    }
    await admin.archiveUsers({ ids: [giver.id] });
    await admin.purgeUsers({ ids: [giver.id], handOverTo: heir.id });

    for (let kill = 0; kill < KILLS; kill += 1) {
      const wanted = Math.floor(random() * FILES);
      const given = () => database.files.countDocuments({ ownerId: heir.id });
      await eventually(given, (count) => count >= wanted, 30_000, 2);
      await server.end("SIGKILL");
      await expireLeases(database);
      await server.start();
    }

    await eventually(
      () => underWay(database),
      (left) => left.length === 0,
      60_000,
    );
    expect(await database.users.countDocuments({ _id: giver.id })).toBe(0);
    const sizes = [...hashes.keys()].map((_, i) => Buffer.byteLength(`file ${i}`));
    const bytesUsed = sizes.reduce((sum, size) => sum + size, 0);
    expect((await heir.me()).me).toMatchObject({ fileCount: FILES, bytesUsed });
    const files = [...hashes].map(([id, sha256]) => ({ owner: heir, id, sha256 }));
    await audit(world, files, { killed: true, timeoutMs: 60_000 });
  });
});
