import { MongoClient, ObjectId } from "mongodb";
import type { Collection, Db, Document, Long } from "mongodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startMongo } from "../../sandbox/mongo/server.js";
import type { RunningMongo } from "../../sandbox/mongo/server.js";

let mongo: RunningMongo;
let client: MongoClient;
let db: Db;
let things: Collection<Document>;
let runs = 0;
beforeAll(async () => {
  mongo = await startMongo({});
  client = await MongoClient.connect(mongo.uri, { monitorCommands: true });
});
beforeEach(() => {
  db = client.db(`test${runs++}`);
  things = db.collection("things");
});
afterAll(async () => {
  await client.close();
  await mongo.close();
});

const numbered = (count: number): Document[] =>
  Array.from({ length: count }, (_, n) => ({ _id: n as never, n }));

/** The reply to a `find`. */
interface Batch {
  cursor: { id: Long; firstBatch: Document[] };
}

describe("reads", () => {
  it("come in batches, and a cursor that was killed is gone", async () => {
    await things.insertMany(numbered(250));

    const cursor = things.find().batchSize(100);
    const all = await cursor.toArray();
    const first = (await db.command({ find: "things", batchSize: 10 })) as Batch;
    const { id } = first.cursor;
    const killed = await db.command({ killCursors: "things", cursors: [id] });

    expect(all.map(({ n }) => n as number)).toEqual(numbered(250).map(({ n }) => n as number));
    expect(first.cursor.firstBatch).toHaveLength(10);
    expect(killed.cursorsKilled).toEqual([id]);
    await expect(db.command({ getMore: id, collection: "things" })).rejects.toMatchObject({ code: 43 });
  });

  it("go on over documents that change meanwhile", async () => {
    await things.insertMany(numbered(500));
    await things.createIndex({ n: 1 });
    const seen: number[] = [];

    for await (const { n } of things
      .find({ n: { $gte: 0 } })
      .sort({ n: 1 })
      .batchSize(20)) {
      seen.push(n as number);
      if (seen.length === 100) await things.deleteMany({ n: { $gte: 200, $lt: 300 } });
    }

    expect(seen).toEqual(
      numbered(500)
        .map(({ n }) => n as number)
        .filter((n) => n < 200 || n >= 300),
    );
  });

  it("order values of all kinds as MongoDB does", async () => {
    const values = [null, 1, 2.5, "a", "b", { a: 1 }, { a: 2 }, new ObjectId(), false, true, new Date(0)];
    await things.insertMany([...values].reverse().map((v) => ({ v })));
    await things.insertOne({});

    const up = await things.find().sort({ v: 1, _id: 1 }).toArray();
    const down = await things
      .find({ v: { $exists: true } })
      .sort({ v: -1 })
      .toArray();

    expect(up.map(({ v }) => v as unknown)).toEqual([null, undefined, ...values.slice(1)]);
    expect(down.map(({ v }) => v as unknown)).toEqual([...values].reverse());
  });

  it("show the parts that a projection asks for", async () => {
    await things.insertOne({
      _id: 1 as never,
      a: 1,
      b: { c: 2, d: 3 },
      list: [
        { n: 1, m: 1 },
        { n: 2, m: 2 },
        { n: 3, m: 3 },
      ],
    });
    const show = (projection: Document): Promise<Document | null> => things.findOne({}, { projection });

    expect(await show({ "b.c": 1 })).toEqual({ _id: 1, b: { c: 2 } });
    expect(await show({ _id: 1, "list.n": 1 })).toEqual({ _id: 1, list: [{ n: 1 }, { n: 2 }, { n: 3 }] });
    expect(await show({ b: { d: 1 }, none: 1, "a.c": 1 })).toEqual({ _id: 1, b: { d: 3 } });
    expect(await show({ sum: { $add: ["$a", "$b.c"] } })).toEqual({ _id: 1, sum: 3 });
  });

  it("unwind, group, sort, count and compute in a pipeline", async () => {
    await things.insertMany([
      { _id: 1 as never, owner: "u", tags: ["a", "b"] },
      { _id: 2 as never, owner: "v", tags: ["b"] },
      { _id: 3 as never, owner: "u", tags: [] },
      { _id: 4 as never, owner: "u", tags: "b" },
      { _id: 5 as never, owner: "w" },
    ]);
    const run = (...pipeline: Document[]): Promise<Document[]> => things.aggregate(pipeline).toArray();
    const perTag = { $group: { _id: "$tags", n: { $sum: 1 }, last: { $max: "$_id" } } };

    expect(await run({ $unwind: "$tags" }, perTag, { $sort: { _id: -1 } }, { $limit: 1 })).toEqual([
      { _id: "b", n: 3, last: 4 },
    ]);
    expect(
      await run(
        { $sort: { _id: -1 } },
        { $limit: 3 },
        { $match: { owner: "u" } },
        { $project: { sum: { $add: ["$_id", 1] } } },
        { $set: { "more.twice": { $multiply: ["$sum", 2] } } },
      ),
    ).toEqual([
      { _id: 4, sum: 5, more: { twice: 10 } },
      { _id: 3, sum: 4, more: { twice: 8 } },
    ]);
    expect(await things.countDocuments({ owner: "u" })).toBe(3);
    expect(await things.countDocuments({ owner: "x" })).toBe(0);
    expect(await things.countDocuments({}, { limit: 2 })).toBe(2);
    expect(await things.distinct("tags")).toEqual(["a", "b"]);
  });
});

describe("indexes", () => {
  it("explain what they do", async () => {
    await things.insertMany(
      numbered(1000).map(({ n }) => ({
        owner: (n as number) % 4,
        at: new Date(n as number),
        n: n as number,
      })),
    );
    await things.createIndex({ owner: 1, at: -1 });

    const listed = await things.find({ owner: 2 }).sort({ at: -1 }).limit(20).explain("executionStats");
    const scanned = await things.find({ n: 5 }).sort({ n: 1 }).explain("executionStats");

    expect(listed).toMatchObject({
      queryPlanner: {
        winningPlan: {
          stage: "LIMIT",
          inputStage: { stage: "FETCH", inputStage: { stage: "IXSCAN", indexName: "owner_1_at_-1" } },
        },
      },
      executionStats: { nReturned: 20, totalKeysExamined: 20, totalDocsExamined: 20 },
    });
    expect(scanned).toMatchObject({
      queryPlanner: { winningPlan: { stage: "SORT", inputStage: { stage: "COLLSCAN" } } },
      executionStats: { nReturned: 1, totalKeysExamined: 0, totalDocsExamined: 1000 },
    });
  });

  it("are refused where they contradict one that is there, or what is stored", async () => {
    await things.insertMany([{ a: 1 }, { a: 1 }]);
    await things.createIndex({ b: 1 });

    await expect(things.createIndex({ b: 1 }, { name: "other" })).rejects.toMatchObject({ code: 85 });
    await expect(things.createIndex({ c: 1 }, { name: "b_1" })).rejects.toMatchObject({ code: 86 });
    await expect(things.createIndex({ a: 1 }, { unique: true })).rejects.toMatchObject({ code: 11000 });
    await expect(things.dropIndex("_id_")).rejects.toMatchObject({ code: 72 });
    await expect(things.dropIndex("zzz")).rejects.toMatchObject({ code: 27 });
    expect(await things.createIndex({ b: 1 })).toBe("b_1");
    expect((await things.indexes()).map(({ name }) => name)).toEqual(["_id_", "b_1"]);
  });

  it("let missing fields be many where partial, and one where only unique", async () => {
    await things.createIndex({ b: 1 }, { unique: true, partialFilterExpression: { b: { $exists: true } } });
    await things.insertMany([{}, {}]);
    await db.collection("plain").createIndex({ a: 1 }, { unique: true });
    await db.collection("plain").insertOne({});

    const second = db.collection("plain").insertOne({});

    await expect(second).rejects.toMatchObject({ code: 11000, keyValue: { a: null } });
    expect(await things.countDocuments({ b: null })).toBe(2);
  });

  it("delete what has expired", async () => {
    await things.createIndex({ at: 1 }, { expireAfterSeconds: 60 });
    await things.insertMany([{ at: new Date(Date.now() - 61_000) }, { at: new Date() }, { at: "never" }, {}]);

    await expect.poll(() => things.countDocuments(), { timeout: 5000 }).toBe(3);
  });
});
