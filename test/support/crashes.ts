import { afterAll, beforeAll } from "vitest";
import { DERIVED } from "../../server/adapters/mongo/file-lists.js";
import { openDatabase } from "./audit.js";
import type { Database } from "./audit.js";
import { childServer, holdingDoor } from "./child-server.js";
import type { ChildServer } from "./child-server.js";
import { startWorld } from "./start-server.js";
import type { World } from "./start-server.js";

/** What a thing's record says until when somebody is busy with it. */
const LEASES = {
  transfers: "dueAt",
  purges: "dueAt",
  folderCopies: "dueAt",
  folders: "change.dueAt",
};
/** The same of files, whose lists are derived from it. */
const MARKS = ["receivingUntil", "countedBy", "openPurgeBy", "claim.dueAt"];
/** Not the epoch itself, with which reservations begin that are not held by anybody. */
const LONG_AGO = new Date(1_000);

/** A server over its own stand-ins, which stands in the file's `beforeAll`. */
export interface Crashing {
  world: World;
  /** Before the Telegram stand-in. */
  door: Awaited<ReturnType<typeof holdingDoor>>;
  server: ChildServer;
  database: Database;
  /** Kills the server, lets what it held run out, and starts the next one. */
  crash(): Promise<void>;
}

/** The server that the tests of one file kill and start again. */
export function crashingServer(settings: Record<string, string> = {}): Crashing {
  const crashing = {
    async crash(): Promise<void> {
      await crashing.server.end("SIGKILL");
      crashing.door.hold(undefined);
      await expireLeases(crashing.database);
      await crashing.server.start();
    },
  } as Crashing;
  beforeAll(async () => {
    const world = await startWorld();
    const door = await holdingDoor(world.telegram.url);
    const server = await childServer(world, { TELEGRAM_API_ROOT: door.url, ...settings });
    Object.assign(crashing, { world, door, server, database: await openDatabase(world) });
    await server.start();
  }, 60_000);
  afterAll(async () => {
    const { world, door, server, database } = crashing;
    await server.end("SIGKILL");
    await database.close();
    await door.close();
    await world.close();
  });
  return crashing;
}

/** What a dead process held runs out by itself within a minute; here at once. */
export async function expireLeases({ db, files, users }: Database): Promise<void> {
  await db.collection("turns").updateMany({}, { $set: { taken: [] } });
  for (const [name, lease] of Object.entries(LEASES)) {
    await db.collection(name).updateMany({ [lease]: { $exists: true } }, { $set: { [lease]: LONG_AGO } });
  }
  for (const mark of MARKS) {
    await files.updateMany({ [mark]: { $exists: true } }, [{ $set: { [mark]: LONG_AGO } }, DERIVED]);
  }
  const old = { $map: { input: "$reserved", in: { $mergeObjects: ["$$this", { at: LONG_AGO }] } } };
  await users.updateMany({ "reserved.0": { $exists: true } }, [{ $set: { reserved: old } }]);
}

/** What a server still has to do, in words. */
export async function underWay({ db, files }: Database): Promise<string[]> {
  // What was archived with its folder takes its place when that is restored.
  const isLive = { $or: [{ archivedAt: { $exists: false } }, { claim: { $exists: false } }] };
  const found = {
    purge: db.collection("purges").find({ dueAt: { $exists: true } }),
    copy: db.collection("folderCopies").find({ state: "RUNNING" }),
    folder: db.collection("folders").find({ "change.dueAt": { $exists: true } }),
    file: files.find({ "due.for": "SWEEP", ...isLive }),
  };
  const listed = Object.entries(found).map(async ([what, records]) =>
    (await records.toArray()).map((record) => `${what} ${JSON.stringify(record)}`),
  );
  return (await Promise.all(listed)).flat();
}
