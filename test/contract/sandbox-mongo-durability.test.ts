import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, rm, truncate, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MongoClient } from "mongodb";
import type { Collection } from "mongodb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startMongo } from "../../sandbox/mongo/server.js";

const MAIN = join(import.meta.dirname, "../../dist/sandbox/mongo/main.js");

/** More with `SEEDS=300`. */
const ROUNDS = Math.ceil(Number(process.env.SEEDS ?? 20) / 6);

interface Counter {
  _id: number;
  round: number;
  n: number;
}

let folder: string;
let clients: MongoClient[] = [];
let children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sandbox-mongo-"));
});
afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  await Promise.all(clients.map((client) => client.close()));
  [clients, children] = [[], []];
  await rm(folder, { recursive: true, force: true });
});

async function connect(uri: string): Promise<Collection<Counter>> {
  const client = await MongoClient.connect(uri, { serverSelectionTimeoutMS: 5000 });
  clients.push(client);
  return client.db("test").collection<Counter>("counters");
}

async function startChild(): Promise<{ child: ChildProcess; counters: Collection<Counter> }> {
  const child = spawn(process.execPath, [MAIN, "--port", "0", "--data-dir", folder, "--exit-with-parent"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, MONGO_CENSUS: undefined },
  });
  children.push(child);
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const { uri } = JSON.parse(line.toString()) as { uri: string };
  return { child, counters: await connect(uri) };
}

async function inProcess<T>(work: (counters: Collection<Counter>) => Promise<T>): Promise<T> {
  const mongo = await startMongo({ dataDir: folder });
  try {
    return await work(await connect(mongo.uri));
  } finally {
    await clients.pop()?.close();
    await mongo.close();
  }
}

describe("a server with a data folder", () => {
  it("has every acknowledged write after being killed again and again while several clients write", async () => {
    const acknowledged = new Map<number, number>();
    let next = 0;

    for (let round = 0; round < ROUNDS; round++) {
      const { child, counters } = await startChild();
      const stored = new Map((await counters.find().toArray()).map(({ _id, n }) => [_id, n]));
      for (const [id, n] of acknowledged)
        expect(stored.get(id), `of counter ${id}`).toBeGreaterThanOrEqual(n);
      if (round === 0) await counters.createIndex({ round: 1, n: 1 });
      const write = async (): Promise<void> => {
        for (;;) {
          const _id = next++;
          await counters.insertOne({ _id, round, n: 1 });
          acknowledged.set(_id, 1);
          const updated = await counters.findOneAndUpdate(
            { _id },
            { $inc: { n: 1 } },
            { returnDocument: "after" },
          );
          acknowledged.set(_id, updated?.n ?? -1);
        }
      };
      const writers = Array.from({ length: 8 }, () => write().catch(() => undefined));
      const target = acknowledged.size + 100 + (round % 7) * 37;
      await expect.poll(() => acknowledged.size, { interval: 1, timeout: 20_000 }).toBeGreaterThan(target);
      child.kill("SIGKILL");
      await Promise.all(writers);
      await clients.pop()?.close();
    }

    const counters = await startChild().then((started) => started.counters);
    expect(acknowledged.size).toBeGreaterThan(100 * ROUNDS);
    expect(await counters.countDocuments({ n: { $gte: 1 } })).toBeGreaterThanOrEqual(acknowledged.size);
    expect((await counters.indexes()).map((index) => index.name)).toEqual(["_id_", "round_1_n_1"]);
  }, 600_000);

  it("keeps documents, their order and the indexes that are left over a restart", async () => {
    await inProcess(async (counters) => {
      await counters.createIndex({ n: 1 }, { unique: true });
      await counters.insertMany([3, 1, 2].map((n) => ({ _id: n, round: 0, n })));
      await counters.deleteOne({ _id: 1 });
      await counters.updateOne({ _id: 3 }, { $set: { round: 7 } });
      await counters.createIndex({ round: 1 });
      await counters.dropIndex("round_1");
    });

    await inProcess(async (counters) => {
      expect(await counters.find().toArray()).toEqual([
        { _id: 3, round: 7, n: 3 },
        { _id: 2, round: 0, n: 2 },
      ]);
      await expect(counters.insertOne({ _id: 9, round: 0, n: 3 })).rejects.toMatchObject({ code: 11000 });
      expect((await counters.indexes()).map(({ name }) => name)).toEqual(["_id_", "n_1"]);
    });
  });

  it.each([1, 7, 40])("leaves off a write that was cut short by %i bytes, and goes on", async (bytes) => {
    await inProcess((counters) => counters.insertMany([1, 2].map((n) => ({ _id: n, round: 0, n }))));
    const log = join(folder, "log-000001");

    await truncate(log, (await stat(log)).size - bytes);
    const left = await inProcess(async (counters) => {
      const ids = (await counters.find().toArray()).map(({ _id }) => _id);
      await counters.insertOne({ _id: 5, round: 0, n: 5 });
      return ids;
    });

    expect(left).toEqual([1]);
    await inProcess(async (counters) =>
      expect((await counters.find().toArray()).map(({ _id }) => _id)).toEqual([1, 5]),
    );
  });

  it("ignores what does not check out at the end of the log", async () => {
    await inProcess((counters) => counters.insertOne({ _id: 1, round: 0, n: 1 }));

    await appendFile(join(folder, "log-000001"), Buffer.alloc(100, 20));

    await inProcess(async (counters) => expect(await counters.countDocuments()).toBe(1));
  });
});
