import "reflect-metadata";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { ObjectId } from "mongodb";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { audit, openDatabase } from "../support/audit.js";
import type { Database, Kept } from "../support/audit.js";
import { freePort, holdingDoor } from "../support/child-server.js";
import { eventually } from "../support/eventually.js";
import { personFor, startServer, startWorld } from "../support/start-server.js";
import type { Person, TestServer, World } from "../support/start-server.js";
import { MIB, becomes, collectWarnings, isDone, keep, sends } from "../support/transfers.js";

const REDIS = ["/usr/bin/redis-server", "/usr/local/bin/redis-server"].find((file) => existsSync(file));
const warnings = collectWarnings();

let world: World;
let api: TestServer;
let database: Database;
let owner: Person;
let others: TestServer[];

beforeAll(async () => {
  world = await startWorld();
  api = await startServer({ world, role: "api" });
  database = await openDatabase(world);
  owner = await api.user();
});
afterAll(async () => {
  await database.close();
  await api.close();
  await world.close();
  expect(warnings).toEqual([]);
});
beforeEach(() => {
  others = [];
  world.telegram.reset();
});
afterEach(async () => {
  await Promise.all(others.map((server) => server.close()));
});

async function start(role: "api" | "worker", environment: Record<string, string> = {}): Promise<TestServer> {
  others.push(await startServer({ world, role, environment }));
  return others.at(-1) as TestServer;
}

async function allDone(kept: readonly Kept[]): Promise<void> {
  await Promise.all(kept.map((file) => becomes(file, isDone)));
}

/** What somebody sees who follows a file's transfer at another server, from now to the end. */
async function follow(
  at: TestServer,
  person: Person,
  id: string,
): Promise<{ state: string; partsDone: number }[]> {
  const there = await personFor(at.url, person.accessToken);
  const seen = [];
  for await (const { transferProgress } of there.transferProgress({ fileId: id }))
    seen.push(transferProgress);
  return seen;
}

describe("two workers", { timeout: 120_000 }, () => {
  it("send each part once to each chat, whoever takes which file", async () => {
    const kept = await Promise.all([4, 3, 2, 1].map((parts) => keep(owner, parts * MIB)));

    await Promise.all([start("worker"), start("worker")]);
    await allDone(kept);

    expect(sends(world)).toBe((4 + 3 + 2 + 1) * 2);
    await audit(world, kept);
  });

  it("take one file of an owner at a time where the owner's role allows one", async () => {
    const free = await api.user();
    await Promise.all([start("worker"), start("worker")]);
    world.telegram.fault({ match: { op: "sendDocument" }, kind: "latency", ms: 100 });
    const atOnce: number[] = [];
    const kept = await Promise.all([1, 1, 1, 1, 1, 1].map((parts) => keep(free, parts * MIB)));

    await eventually(
      async () => {
        const ids = { $in: kept.map(({ id }) => id) };
        const working = { state: { $in: ["RUNNING", "WAITING", "VERIFYING"] }, waitingFor: { $ne: "RETRY" } };
        atOnce.push(await database.transfers.countDocuments({ fileId: ids, ...working }));
        return database.transfers.countDocuments({ fileId: ids, state: "DONE" });
      },
      (done) => done === kept.length,
      30_000,
      20,
    );

    expect(Math.max(...atOnce)).toBe(1);
    await audit(world, kept);
  });

  it("do the work once though its jobs are lost, doubled and broken", async () => {
    await Promise.all([start("worker"), start("worker")]);
    const jobs = database.db.collection("jobs");
    const kept = [await keep(owner, 3 * MIB), await keep(owner, 2 * MIB)];
    await jobs.deleteMany({});
    for (const { fileId } of await database.transfers.find().toArray()) {
      const found = await database.transfers.findOne({ fileId });
      const job = { name: "transfer.send", data: { transferId: found?._id }, type: "normal", priority: 0 };
      const due = { nextRunAt: new Date(), lockedAt: null };
      const stuck = { nextRunAt: null, lockedAt: null };
      const states = [...Array.from({ length: 10 }, () => due), stuck];
      await jobs.insertMany(states.map((state) => ({ _id: new ObjectId(), ...job, ...state })));
    }

    await allDone(kept);

    expect(sends(world)).toBe((3 + 2) * 2);
    await audit(world, kept);
  });

  it("of which one lost its lease in the middle of a send: the other finishes, and nothing comes of the late answer", async () => {
    const door = await holdingDoor(world.telegram.url);
    door.hold("sendDocument");
    await start("worker", { TELEGRAM_API_ROOT: door.url });
    const kept = await keep(owner, 2 * MIB);
    await eventually(() => door.held() === 4);

    door.hold(undefined);
    await database.transfers.updateOne({ fileId: kept.id }, { $set: { dueAt: new Date(0) } });
    await start("worker");
    await becomes(kept, isDone);
    // The statistics write the transfer once more when they count its end.
    const counted = { fileId: kept.id, unrecordedEnd: { $exists: false } };
    await eventually(async () => (await database.transfers.findOne(counted)) !== null);
    const blobId = (await database.transfers.findOne({ fileId: kept.id }))?.blobId ?? "";
    const written = () =>
      Promise.all([
        database.transfers.findOne({ fileId: kept.id }),
        database.parts.find({ blobId }).sort({ index: 1 }).toArray(),
      ]);
    const before = await written();
    door.release();

    // Four messages too many: each is removed as soon as it is known which it is, or listed.
    await audit(world, [kept]);
    const orphans = await database.orphans.countDocuments({ blobId });
    const removed = world.telegram
      .ledger()
      .filter(({ caption, deleted }) => deleted && caption?.includes(blobId));
    expect(orphans + removed.length).toBe(4);
    expect(await written()).toEqual(before);
    expect(before[0]?.epoch).toBe(2);
    await door.close();
  });
});

describe("a watcher at another api process", { timeout: 120_000 }, () => {
  it("sees the progress without Redis", async () => {
    await start("worker");
    const other = await start("api");
    world.telegram.fault({ match: { op: "sendDocument" }, kind: "latency", ms: 700 });
    const kept = await keep(owner, 5 * MIB);

    const seen = await follow(other, owner, kept.id);

    expect(seen.at(-1)).toMatchObject({ state: "DONE", partsDone: 5 });
    expect(seen.length).toBeGreaterThan(2);
    await audit(world, [kept]);
  });

  describe.skipIf(REDIS === undefined)("with Redis (apt-get install -y redis-server)", () => {
    let redis: ChildProcess;
    let url: string;
    beforeAll(async () => {
      const port = String(await freePort());
      redis = spawn(REDIS ?? "", ["--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
      let output = "";
      redis.stdout?.setEncoding("utf8").on("data", (text: string) => (output += text));
      await eventually(() => output.includes("Ready to accept connections"));
      url = `redis://127.0.0.1:${port}`;
    });
    afterAll(() => redis.kill());

    it("sees it at once, and the worker is woken at once", async () => {
      const environment = { REDIS_URL: url };
      const [, first, other] = await Promise.all([
        start("worker", environment),
        start("api", environment),
        start("api", environment),
      ]);
      world.telegram.fault({ match: { op: "sendDocument" }, kind: "latency", ms: 300 });
      const kept = await keep(await personFor(first.url, owner.accessToken), 5 * MIB);

      const seen = await follow(other, owner, kept.id);

      expect(seen.at(-1)).toMatchObject({ state: "DONE", partsDone: 5 });
      expect(seen.length).toBeGreaterThan(2);
      await audit(world, [{ ...kept, owner }]);
    });
  });
});
