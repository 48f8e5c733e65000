import { InMemoryNotificationChannel } from "agenda";
import { AgendaQueue } from "../../server/adapters/agenda/agenda-queue.js";
import { connectMongo } from "../../server/adapters/mongo/connection.js";
import { openEvents } from "../../server/compose/events.js";
import { configurationOf } from "../../server/compose/configuration.js";
import { connectOutside } from "../../server/compose/outside.js";
import { buildServices } from "../../server/compose/services.js";
import { openStores } from "../../server/compose/stores.js";
import { newId } from "../../server/kernel/ids.js";
import { BLOCK_BYTES } from "../../server/vault/blob.js";
import { IngestService } from "../../server/vault/ingest.service.js";
import type { StoreWatcher } from "../../server/vault/store.service.js";
import { Readable } from "node:stream";
import { never, silentLog } from "./chats.js";
import type { World } from "./start-server.js";
import { putFiles } from "./stored-files.js";

export type IdleServices = Awaited<ReturnType<typeof idleServices>>;

/** All services over a world, of which nothing runs by itself: each sweep and each job when a test says so. */
export async function idleServices(world: World, environment: Record<string, string> = {}) {
  const config = configurationOf({ ...world.environment, ...environment });
  const log = silentLog;
  const connection = await connectMongo(config.mongo.uri, config.mongo.database);
  const outside = connectOutside(config, log);
  const stores = openStores(connection, config, log);
  for (const store of Object.values(stores)) if ("syncIndexes" in store) await store.syncIndexes();
  await stores.lanes.register(outside.telegram.lanes);
  const events = openEvents(undefined, "all", stores.transfers, log);
  const queue = new AgendaQueue(connection, {
    name: "idle",
    channel: new InMemoryNotificationChannel(),
    log,
  });
  const services = buildServices({ config, log, outside, stores, events, queue, worker: "idle" });
  await queue.ready();
  const limits = {
    blocksPerPart: config.telegram.partBytes / BLOCK_BYTES,
    maxFileBytes: config.maxFileBytes,
  };
  const ingest = new IngestService(outside.drive, stores.blobs, limits);
  const { db } = connection;
  if (db === undefined) throw new Error("no database");
  return {
    services,
    stores,
    outside,
    /** A collection, whatever its documents are. */
    collection: (name: string) => db.collection<{ _id: string } & Record<string, unknown>>(name),
    /** Takes bytes in for a file of its own, archived or not. */
    async stage(
      bytes: Buffer,
      facts: Record<string, unknown> = {},
    ): Promise<{ fileId: string; blobId: string }> {
      const [fileId, blobId] = [newId(), newId()];
      const order = { blobId, holder: fileId, cover: () => Promise.resolve(), trim: () => Promise.resolve() };
      const { sha256, sizeBytes } = await ingest.receive(Readable.from([bytes]), order, never);
      const file = { _id: fileId, name: `${fileId}.bin`, ownerId: "somebody", blobId, sha256, sizeBytes };
      await putFiles(db.collection("files"), [{ ...file, ...facts }]);
      return { fileId, blobId };
    },
    /** Moves what is staged into the chats; the staged bytes stay until they are released. */
    async store(blobId: string): Promise<void> {
      const order = { blobId, ownerId: "somebody", run: newId(), watch: nobody };
      await services.store.store(order, { beginning: never, finishing: never });
    },
    async close(): Promise<void> {
      await queue.close();
      await events.close();
      outside.telegram.close();
      outside.drive.close();
      await connection.close();
    },
  };
}

const nothing = (): void => undefined;
const nobody: StoreWatcher = {
  resumed: nothing,
  partStarted: nothing,
  copySent: nothing,
  partWaits: () => nothing,
  partDone: nothing,
  partLeft: nothing,
};
