import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { audit } from "../support/audit.js";
import { crashingServer, underWay } from "../support/crashes.js";
import { eventually } from "../support/eventually.js";
import { dice, seeds } from "../support/transfers.js";

const FILES = 40;
const KILLS = 2;

const crashing = crashingServer({ QUOTA_FREE: "10GiB, 100000, 1GiB, 4" });

describe("a server killed while an account's files are handed over", { timeout: 120_000 }, () => {
  it.each(seeds)("gives each to the heir, and counts it once (SEED=%i)", async (seed) => {
    const { world, server, database } = crashing;
    const random = dice(seed);
    const [giver, heir, admin] = [await server.user(), await server.user(), await server.administrator()];
    const folder = (await giver.createFolder({ input: { name: "heritage" } })).createFolder.id;
    const hashes = new Map<string, string>();
    let bytesUsed = 0;
    for (let i = 0; i < FILES; i += 1) {
      const bytes = Buffer.from(`file ${i}`);
      const to = i % 2 === 0 ? { folderId: folder } : {};
      const { id } = await giver.upload(bytes, { name: `${i}.txt`, ...to });
      bytesUsed += bytes.length;
      hashes.set(id, createHash("sha256").update(bytes).digest("hex"));
    }
    await admin.archiveUsers({ ids: [giver.id] });
    await admin.purgeUsers({ ids: [giver.id], handOverTo: heir.id });

    for (let kill = 0; kill < KILLS; kill += 1) {
      const wanted = Math.floor(random() * FILES);
      const given = () => database.files.countDocuments({ ownerId: heir.id });
      await eventually(given, (count) => count >= wanted, 30_000, 2);
      await crashing.crash();
    }

    await eventually(
      () => underWay(database),
      (left) => left.length === 0,
      60_000,
    );
    expect(await database.users.countDocuments({ _id: giver.id })).toBe(0);
    expect((await heir.me()).me).toMatchObject({ fileCount: FILES, bytesUsed });
    const files = [...hashes].map(([id, sha256]) => ({ owner: heir, id, sha256 }));
    await audit(world, files, { killed: true, timeoutMs: 60_000 });
  });
});
