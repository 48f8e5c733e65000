import { Int32, Long, MongoClient, ObjectId } from "mongodb";
import type { Collection, Db, Document } from "mongodb";
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

describe("what the server does not do", () => {
  it.each<[Document, number, string]>([
    [{ mapReduce: "things" }, 59, "CommandNotFound"],
    [{ find: "things", colation: {} }, 40415, "IDLUnknownField"],
    [{ find: "things", collation: { locale: "en" } }, 40415, "IDLUnknownField"],
    [{ find: "things", filter: 1 }, 14, "TypeMismatch"],
    [{ find: "things", filter: { a: { $geoWithin: {} } } }, 2, "BadValue"],
    [{ find: "things", limit: -1 }, 51024, "Location51024"],
    [{ find: "things", sort: { a: 2 } }, 15975, "Location15975"],
    [{ find: "things", projection: { a: 1, b: 0 } }, 31254, "Location31254"],
    [{ find: "things", hint: "no_such" }, 2, "BadValue"],
    [{ find: "things", readConcern: { level: "snapshot" } }, 123, "NotAReplicaSet"],
    [
      { find: "things", txnNumber: Long.fromInt(1), autocommit: false, startTransaction: true },
      20,
      "IllegalOperation",
    ],
    [{ find: 5 }, 73, "InvalidNamespace"],
    [{ getMore: Long.fromInt(99), collection: "things" }, 43, "CursorNotFound"],
    [{ aggregate: "things", pipeline: [{ $graphLookup: {} }], cursor: {} }, 40324, "Location40324"],
    [{ aggregate: "things", pipeline: [{ $changeStream: {} }], cursor: {} }, 40573, "Location40573"],
    [{ aggregate: 1, pipeline: [{ $changeStream: {} }], cursor: {} }, 40573, "Location40573"],
    [{ aggregate: "things", pipeline: [{ $match: {}, $sort: {} }], cursor: {} }, 40323, "Location40323"],
    [{ aggregate: "things", pipeline: [{ $group: { a: 1 } }], cursor: {} }, 15955, "Location15955"],
    [
      { aggregate: "things", pipeline: [{ $group: { _id: 1, n: { $top: 1 } } }], cursor: {} },
      15952,
      "Location15952",
    ],
    [
      { aggregate: "things", pipeline: [{ $project: { a: { $foo: 1 } } }], cursor: {} },
      168,
      "InvalidPipelineOperator",
    ],
    [{ aggregate: "things", pipeline: [{ $limit: 0 }], cursor: {} }, 15958, "Location15958"],
    [{ aggregate: "things", pipeline: [] }, 9, "FailedToParse"],
    [{ insert: "things", documents: [] }, 21, "InvalidLength"],
    [{ insert: "things", documents: [{}], writeConcern: { w: 2 } }, 2, "BadValue"],
    [{ update: "things", updates: [{ q: {}, u: {}, sort: {} }] }, 40415, "IDLUnknownField"],
    [{ findAndModify: "things", remove: true, update: {} }, 9, "FailedToParse"],
    [{ createIndexes: "things", indexes: [{ key: { a: "text" }, name: "t" }] }, 238, "NotImplemented"],
    [
      { createIndexes: "things", indexes: [{ key: { a: 1 }, name: "t", hidden: true }] },
      197,
      "InvalidIndexSpecificationOption",
    ],
    [
      { createIndexes: "things", indexes: [{ key: { a: 1, b: 1 }, name: "t", expireAfterSeconds: 1 }] },
      67,
      "CannotCreateIndex",
    ],
    [{ listIndexes: "missing" }, 26, "NamespaceNotFound"],
    [{ dropIndexes: "missing", index: "*" }, 26, "NamespaceNotFound"],
    [{ create: "capped", capped: true, size: 10 }, 40415, "IDLUnknownField"],
    [{ ping: 1, apiVersion: "2" }, 322, "APIVersionError"],
  ])("%j is refused with code %i", async (command, code, codeName) => {
    await things.insertOne({});

    await expect(db.command(command)).rejects.toMatchObject({ code, codeName });
  });

  it("lets nobody start a transaction or a change stream", async () => {
    const session = client.startSession();
    session.startTransaction();

    await expect(things.insertOne({}, { session })).rejects.toMatchObject({ code: 20 });
    await expect(things.watch().next()).rejects.toMatchObject({ code: 40573 });
    await session.endSession();
  });
});

describe("writes", () => {
  it("stop at the first error when ordered and go on when not", async () => {
    const docs = [{ _id: 1 as never }, { _id: 1 as never }, { _id: 2 as never }];

    const ordered = db.command({ insert: "ordered", documents: docs });
    const unordered = db.command({ insert: "unordered", documents: docs, ordered: false });

    const error = {
      index: 1,
      code: 11000,
      keyPattern: { _id: 1 },
      keyValue: { _id: 1 },
      errmsg: expect.stringMatching(
        /^E11000 duplicate key error collection: test\d+\.\w+ index: _id_ dup key: \{ _id: 1 \}$/,
      ) as string,
    };
    expect(await ordered).toMatchObject({ n: 1, writeErrors: [error] });
    expect(await unordered).toMatchObject({ n: 2, writeErrors: [error] });
  });

  it("count what matched, what changed and what was made", async () => {
    await things.insertMany(numbered(3));

    const same = await things.updateMany({}, { $set: { n: 1 } });
    const made = await things.updateOne(
      { kind: "x", n: { $gt: 7 } },
      { $inc: { n: 9 }, $setOnInsert: { b: 1 } },
      { upsert: true },
    );
    const replaced = await things.replaceOne({ _id: 2 as never }, { z: 1 });
    const bulk = await things.bulkWrite([
      { insertOne: { document: { _id: 10 as never } } },
      { updateOne: { filter: { _id: 10 as never }, update: { $set: { a: 1 } } } },
      { deleteMany: { filter: { n: 1 } } },
      { updateOne: { filter: { _id: 11 as never }, update: { $set: { a: 1 } }, upsert: true } },
    ]);

    expect(same).toMatchObject({ matchedCount: 3, modifiedCount: 2 });
    expect(made).toMatchObject({ matchedCount: 0, modifiedCount: 0, upsertedCount: 1 });
    expect(await things.findOne({ kind: "x" })).toEqual({ _id: made.upsertedId, kind: "x", n: 9, b: 1 });
    expect(replaced).toMatchObject({ modifiedCount: 1 });
    expect(bulk).toMatchObject({
      insertedCount: 1,
      modifiedCount: 1,
      deletedCount: 2,
      upsertedIds: { 3: 11 },
    });
  });

  it("never make two documents of two upserts of one id", async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, () =>
        things.updateOne({ _id: 1 as never }, { $inc: { n: 1 } }, { upsert: true }),
      ),
    );

    expect(all.reduce((sum, one) => sum + one.upsertedCount, 0)).toBe(1);
    expect(await things.findOne()).toEqual({ _id: 1, n: 20 });
  });

  it("change one document of several by order, and show it before or after", async () => {
    await things.insertMany(numbered(3));

    const before = await things.findOneAndUpdate(
      {},
      { $inc: { n: 10 } },
      { sort: { n: -1 }, projection: { _id: 0 } },
    );
    const after = await things.findOneAndUpdate(
      {},
      { $inc: { n: 10 } },
      { sort: { n: -1 }, returnDocument: "after" },
    );
    const deleted = await things.findOneAndDelete({ n: { $lt: 5 } }, { sort: { n: 1 } });
    const missing = await things.findOneAndUpdate({ n: 99 }, { $set: { x: 1 } });

    expect(before).toEqual({ n: 2 });
    expect(after).toEqual({ _id: 2, n: 22 });
    expect(deleted).toEqual({ _id: 0, n: 0 });
    expect(missing).toBeNull();
  });

  it("refuse documents above 16 MB", async () => {
    const text = "x".repeat(9_000_000);
    await things.insertOne({ _id: 1 as never, text });

    const grown = things.updateOne({ _id: 1 as never }, { $set: { more: text } });

    await expect(grown).rejects.toMatchObject({ code: 10334 });
    expect(await things.findOne({}, { projection: { more: 1 } })).toEqual({ _id: 1 });
  });

  it("keep the kinds of numbers", async () => {
    await things.insertOne({
      _id: 1 as never,
      int: new Int32(1),
      long: Long.fromBigInt(9007199254740993n),
      double: 1.5,
    });

    await things.updateOne({}, { $inc: { int: 1, long: 1, double: 1 } });

    const found = await things.findOne(
      { long: Long.fromBigInt(9007199254740994n) },
      { promoteValues: false },
    );
    expect(found).toMatchObject({
      int: { _bsontype: "Int32", value: 2 },
      double: { _bsontype: "Double", value: 2.5 },
    });
    expect(String(found?.long)).toBe("9007199254740994");
  });
});

describe("reads", () => {
  it("come in batches, and a cursor that was killed is gone", async () => {
    await things.insertMany(numbered(250));

    const cursor = things.find().batchSize(100);
    const all = await cursor.toArray();
    const first = await db.command({ find: "things", batchSize: 10 });
    const id = first.cursor.id as Long;
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
    const values = [
      null,
      1,
      2.5,
      "a",
      "b",
      { a: 1 },
      { a: 2 },
      new ObjectId(),
      false,
      true,
      new Date(0),
      /a/,
    ];
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
    expect(await show({ _id: 0, list: 0, b: 0 })).toEqual({ a: 1 });
    expect(await show({ _id: 0, "list.n": 1 })).toEqual({ list: [{ n: 1 }, { n: 2 }, { n: 3 }] });
    expect(await show({ a: 1, list: { $slice: [1, 1] } })).toEqual({ _id: 1, a: 1, list: [{ n: 2, m: 2 }] });
    expect(await show({ list: { $elemMatch: { n: { $gt: 1 } } } })).toEqual({
      _id: 1,
      list: [{ n: 2, m: 2 }],
    });
    expect(await show({ sum: { $add: ["$a", "$b.c"] } })).toEqual({ _id: 1, sum: 3 });
  });

  it("join, unwind, group, count and page in a pipeline", async () => {
    await things.insertMany([
      { _id: 1 as never, owner: "u", tags: ["a", "b"] },
      { _id: 2 as never, owner: "v", tags: ["b"] },
      { _id: 3 as never, owner: "u", tags: [] },
    ]);
    await db.collection("owners").insertMany([{ _id: "u" as never, name: "Uma" }]);
    const run = (...pipeline: Document[]): Promise<Document[]> => things.aggregate(pipeline).toArray();

    expect(
      await run({ $unwind: "$tags" }, { $group: { _id: "$tags", n: { $count: {} } } }, { $sort: { _id: 1 } }),
    ).toEqual([
      { _id: "a", n: 1 },
      { _id: "b", n: 2 },
    ]);
    expect(
      await run(
        { $lookup: { from: "owners", localField: "owner", foreignField: "_id", as: "who" } },
        { $project: { name: { $first: "$who.name" } } },
      ),
    ).toEqual([{ _id: 1, name: "Uma" }, { _id: 2 }, { _id: 3, name: "Uma" }]);
    expect(await run({ $sort: { _id: -1 } }, { $skip: 1 }, { $limit: 1 }, { $unset: "tags" })).toEqual([
      { _id: 2, owner: "v" },
    ]);
    expect(await run({ $match: { owner: "u" } }, { $count: "total" })).toEqual([{ total: 2 }]);
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

  it("let missing fields be many where sparse or partial, and one where only unique", async () => {
    await things.createIndex({ a: 1 }, { unique: true, sparse: true });
    await things.createIndex({ b: 1 }, { unique: true, partialFilterExpression: { b: { $exists: true } } });
    await things.insertMany([{}, {}]);
    await db.collection("plain").createIndex({ a: 1 }, { unique: true });
    await db.collection("plain").insertOne({});

    const second = db.collection("plain").insertOne({});

    await expect(second).rejects.toMatchObject({ code: 11000, keyValue: { a: null } });
    expect(await things.countDocuments({ a: null })).toBe(2);
  });

  it("delete what has expired", async () => {
    await things.createIndex({ at: 1 }, { expireAfterSeconds: 60 });
    await things.insertMany([{ at: new Date(Date.now() - 61_000) }, { at: new Date() }, { at: "never" }, {}]);

    await expect.poll(() => things.countDocuments(), { timeout: 5000 }).toBe(3);
  });
});

describe("the server", () => {
  it("lists databases and collections and drops them", async () => {
    await things.insertOne({});
    await db.createCollection("empty");

    expect((await db.listCollections().toArray()).map(({ name }) => name)).toEqual(["empty", "things"]);
    expect(await things.drop()).toBe(true);
    expect(await db.collection("never").drop()).toBe(true);
    await db.dropDatabase();
    const { databases } = await client.db().admin().listDatabases();
    expect(databases.map(({ name }) => name)).not.toContain(db.databaseName);
  });

  it("gives up after maxTimeMS", async () => {
    await things.insertMany(numbered(20_000));

    const slow = things
      .find({ $expr: { $gt: [{ $size: { $map: { input: [1, 2, 3], in: "$n" } } }, 3] } })
      .maxTimeMS(1)
      .toArray();

    await expect(slow).rejects.toMatchObject({ code: 50 });
  });

  it("counts what it was used for", () => {
    expect(mongo.census()).toMatchObject({
      "cmd:find": expect.any(Number) as number,
      "update:$inc": expect.any(Number) as number,
    });
  });
});
