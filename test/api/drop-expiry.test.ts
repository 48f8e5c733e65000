import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DERIVED } from "../../server/adapters/mongo/file-lists.js";
import { openDatabase } from "../support/audit.js";
import type { Database } from "../support/audit.js";
import { aDropper } from "../support/drops.js";
import { eventually } from "../support/eventually.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";
import { aVisitor } from "../support/visitor.js";

const LONG_PAST = new Date(1);
const SWEEP_MS = 25_000;

let t: TestServer;
let api: TestServer;
let database: Database;
let admin: Person;
let picture: Buffer;

/** Two processes: here only `t` has a worker, so what is dropped at `api` of the other world stays until it is looked at. */
beforeAll(async () => {
  const environment = { TRUST_PROXY: "true" };
  [t, api] = await Promise.all([
    startServer({ environment }),
    startServer({ environment: { ...environment, PORT: "0" }, role: "api" }),
  ]);
  database = await openDatabase(t.world);
  admin = await t.administrator();
  const blank = { width: 64, height: 64, channels: 3 as const, background: "red" };
  picture = await sharp({ create: blank }).png().toBuffer();
});
afterAll(async () => {
  await database.close();
  await Promise.all([t.close(), api.close()]);
});

/** Lets the time of a drop be over. @param alsoLinks as it happens by itself; without, the things must see to it */
async function over(world: TestServer["world"], ids: string[], alsoLinks: boolean): Promise<void> {
  const db = await openDatabase(world);
  try {
    const past = { $set: { expiresAt: LONG_PAST } };
    const theirs = { $or: [{ _id: { $in: ids } }, { folderIds: { $in: ids } }] };
    await db.files.updateMany(theirs, [past, DERIVED]);
    await db.folders.updateMany({ $or: [{ _id: { $in: ids } }, { path: { $in: ids } }] }, past);
    if (alsoLinks) await db.shareLinks.updateMany({ targetId: { $in: ids } }, past);
  } finally {
    await db.close();
  }
}

async function statusOf(url: string): Promise<number> {
  return (await aVisitor().get(url, { accept: "text/html" })).status;
}

describe("what was dropped and whose time is over", () => {
  it.each([true, false])("is gone on every route at once, links that end with it: %s", async (alsoLinks) => {
    const world = api.world;
    const operator = await api.administrator();
    const file = await aDropper(api.url).dropFile("a.png", picture);
    const folder = await aDropper(api.url).dropFiles("f", {
      "b.png": picture,
      "in/c.txt": Buffer.from("text"),
    });
    const [link, folderLink] = [file.shareLink?.url ?? "", folder.shareLink?.url ?? ""];
    const { nodes } = (await operator.adminFiles({ where: { anonymous: true } })).files;
    const mine = nodes.find(({ id }) => id === file.id);
    const ids = [file.id, folder.files.nodes[0]?.id ?? ""];
    const zips = [
      (await operator.createZipLink({ ids })).createZipLink.url,
      (await operator.createZipLink({ folderId: folder.id })).createZipLink.url,
    ];
    const own = (await operator.createShareLink({ input: { fileId: file.id } })).createShareLink.url;
    const routes = [
      ...[link, `${link}/content`, `${link}/thumbnail`, own, `${own}/content`],
      ...[folderLink, `${folderLink}/zip`, folder.files.nodes[0]?.downloadUrl ?? ""],
      ...[mine?.downloadUrl ?? "", mine?.preview.url ?? "", mine?.preview.thumbnailUrl ?? "", ...zips],
    ];
    for (const url of routes) expect([url, await statusOf(url)]).toEqual([url, 200]);

    await over(world, [file.id, folder.id], alsoLinks);

    for (const url of routes) expect([url, await statusOf(url)]).toEqual([url, 410]);
  });

  it(
    "is purged with every message and all that is staged, and its link stays gone",
    { timeout: 2 * SWEEP_MS },
    async () => {
      const file = await aDropper(t.url).dropFile("a.bin", Buffer.alloc(1_500_000, 1));
      const folder = await aDropper(t.url).dropFiles("f", {
        "a.bin": Buffer.alloc(100),
        "in/b.bin": Buffer.alloc(50),
      });
      const kept = await aDropper(t.url).dropFile("kept.bin", Buffer.alloc(10));
      const ids = await database.files.find({ _id: { $ne: kept.id } }).toArray();
      await eventually(
        async () => (await admin.file({ id: file.id })).file,
        ({ state, transfer }) => state === "STORED" && transfer?.state === "DONE",
      );

      await over(t.world, [file.id, folder.id], true);

      await eventually(
        () => database.files.countDocuments({}),
        (count) => count === 1,
        SWEEP_MS,
      );
      await eventually(
        () => database.folders.countDocuments({}),
        (count) => count === 0,
      );
      expect(await database.transfers.countDocuments({})).toBe(1);
      const left = t.world.telegram
        .ledger()
        .filter(
          ({ caption, deleted, edited }) =>
            !deleted && !edited && ids.some(({ blobId }) => caption?.includes(String(blobId))),
        );
      expect(left).toEqual([]);
      const blobs = ids.map(({ blobId }) => blobId);
      expect(t.world.drive.files().filter(({ name }) => blobs.includes(name))).toEqual([]);
      expect(await statusOf(file.shareLink?.url ?? "")).toBe(410);
      expect(await statusOf(folder.shareLink?.url ?? "")).toBe(410);
      expect(await statusOf(kept.shareLink?.url ?? "")).toBe(200);
      const { auditLog } = await admin.auditLog({ where: { targetId: file.id } });
      expect(auditLog.nodes).toMatchObject([{ action: "file.purged", actorKind: "SYSTEM" }]);
    },
  );
});
