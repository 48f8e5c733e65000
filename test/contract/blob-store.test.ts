import "reflect-metadata";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Connection } from "mongoose";
import { startDatabase } from "../support/database.js";
import { connectMongo } from "../../server/adapters/mongo/connection.js";
import { MongoBlobs } from "../../server/adapters/mongo/mongo-blobs.js";
import { MongoThumbnails } from "../../server/adapters/mongo/mongo-thumbnails.js";
import { MongoParts } from "../../server/adapters/mongo/mongo-parts.js";
import { newId } from "../../server/kernel/ids.js";
import { newTagKey } from "../../server/vault/block-tags.js";

let mongo: Awaited<ReturnType<typeof startDatabase>>;
let connection: Connection;
let blobs: MongoBlobs;
let parts: MongoParts;
let thumbnails: MongoThumbnails;
let id: string;

beforeAll(async () => {
  mongo = await startDatabase();
  connection = await connectMongo(mongo.uri, "blobs");
  parts = new MongoParts(connection);
  thumbnails = new MongoThumbnails(connection);
  blobs = new MongoBlobs(connection, parts, thumbnails);
  await parts.syncIndexes();
  await blobs.syncIndexes();
});
afterAll(async () => {
  await connection.close();
  await mongo.close();
});
beforeEach(async () => {
  id = newId();
  await blobs.create({ id, blocksPerPart: 1, tagKey: newTagKey(), holder: "first" });
});

describe("a blob's holders", () => {
  it("keep it as long as one is left", async () => {
    expect(await blobs.acquire(id, "second")).toBe(true);

    expect(await blobs.release(id, "first")).toBe(false);
    expect(await blobs.release(id, "second")).toBe(true);
  });

  it("count once, however often they are added and taken away", async () => {
    await Promise.all([blobs.acquire(id, "second"), blobs.acquire(id, "second")]);

    await Promise.all([blobs.release(id, "second"), blobs.release(id, "second")]);
    expect(await blobs.release(id, "second")).toBe(false);
    expect(await blobs.release(id, "nobody")).toBe(false);
    expect(await blobs.release(id, "first")).toBe(true);
    expect(await blobs.release(id, "first")).toBe(true);
  });

  it("are no more once the last one let go: it is condemned for good", async () => {
    await blobs.release(id, "first");

    expect(await blobs.acquire(id, "late")).toBe(false);
    expect(await blobs.acquire(id, "first")).toBe(false);
    expect(await blobs.release(id, "late")).toBe(true);
  });

  it("either get the blob or see it condemned when they come as the last one goes", async () => {
    for (let round = 0; round < 20; round += 1) {
      const blobId = newId();
      await blobs.create({ id: blobId, blocksPerPart: 1, tagKey: newTagKey(), holder: "first" });

      const [acquired, condemned] = await Promise.all([
        blobs.acquire(blobId, "second"),
        blobs.release(blobId, "first"),
      ]);

      expect(acquired).toBe(!condemned);
    }
  });

  it("are never more than a document can list", async () => {
    const holders = Array.from({ length: 1_000 }, (_, i) => String(i));
    await connection.collection("blobs").updateOne({ _id: id as never }, { $set: { holders } });

    expect(await blobs.acquire(id, "one too many")).toBe(false);
    expect(await blobs.acquire(id, "999")).toBe(true);
  });

  it("cannot be had of a blob that does not exist", async () => {
    expect(await blobs.acquire(newId(), "somebody")).toBe(false);
    expect(await blobs.release(newId(), "somebody")).toBe(true);
  });
});

describe("a condemned blob", () => {
  it("has no thumbnail, also not one that was being made when it was removed", async () => {
    const thumbnail = { webp: Buffer.from("small") };
    await thumbnails.put(id, 128, thumbnail);
    expect(await thumbnails.find(id, 128)).toEqual(thumbnail);

    await blobs.release(id, "first");
    await thumbnails.put(id, 512, thumbnail);
    await blobs.remove(id);
    await thumbnails.put(id, 1024, thumbnail);

    for (const size of [128, 512, 1024] as const) expect(await thumbnails.find(id, size)).toBeUndefined();
  });

  it("is not repaired, and is found by the sweep only when whoever condemned it does not come back", async () => {
    await blobs.markStored(id);
    await blobs.requestRepair(id);
    await blobs.release(id, "first");

    expect(await blobs.needingRepair(10)).not.toContain(id);
    expect(await blobs.takeRepair(id, "run", 1_000)).toBeUndefined();
    expect(await blobs.condemned(10)).not.toContain(id);
    await connection
      .collection("blobs")
      .updateOne({ _id: id as never }, { $set: { disposeAt: new Date(Date.now() - 1_000) } });
    expect(await blobs.condemned(10)).toContain(id);
  });

  it("takes no intent any more once its parts are closed", async () => {
    await parts.add(id, [{ index: 0, sizeBytes: 1, blockTags: Buffer.alloc(16) }]);
    const intent = { id: newId(), bot: "1", chat: "-1", run: "run" };
    expect(await parts.recordIntent(id, 0, intent)).toBe(true);

    await parts.close(id);

    expect(await parts.recordIntent(id, 0, { ...intent, id: newId() })).toBe(false);
    expect(await parts.recordIntent(newId(), 0, intent)).toBe(false);
  });
});
