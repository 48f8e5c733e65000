import { once } from "node:events";
import { connect } from "node:net";
import { serialize } from "bson";
import { Decimal128, Int32, Long, MinKey, MongoClient, Timestamp } from "mongodb";
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
    [{ count: "things" }, 59, "CommandNotFound"],
    [{ drop: "things" }, 59, "CommandNotFound"],
    [{ find: "things", collation: { locale: "en" } }, 40415, "IDLUnknownField"],
    [{ find: "things", hint: "_id_" }, 40415, "IDLUnknownField"],
    [{ find: "things", skip: 1 }, 40415, "IDLUnknownField"],
    [{ find: "things", maxTimeMS: 5 }, 40415, "IDLUnknownField"],
    [{ find: "things", readConcern: { level: "snapshot" } }, 40415, "IDLUnknownField"],
    [{ ping: 1, apiVersion: "1" }, 40415, "IDLUnknownField"],
    [{ explain: { find: "things", hint: "_id_" }, verbosity: "executionStats" }, 40415, "IDLUnknownField"],
    [{ explain: { distinct: "things", key: "a" }, verbosity: "executionStats" }, 59, "CommandNotFound"],
    [{ explain: { find: "things" }, verbosity: "queryPlanner" }, 238, "NotImplemented"],
    [{ find: "things", filter: 1 }, 14, "TypeMismatch"],
    [{ find: "things", filter: { a: { $geoWithin: {} } } }, 2, "BadValue"],
    [{ find: "things", limit: -1 }, 51024, "Location51024"],
    [{ find: "things", sort: { a: 2 } }, 15975, "Location15975"],
    [{ find: "things", sort: { "a.0": 1 } }, 238, "NotImplemented"],
    [{ find: "things", projection: { a: 0 } }, 238, "NotImplemented"],
    [
      { find: "things", txnNumber: Long.fromInt(1), autocommit: false, startTransaction: true },
      20,
      "IllegalOperation",
    ],
    [{ find: 5 }, 73, "InvalidNamespace"],
    [{ getMore: Long.fromInt(99), collection: "things" }, 43, "CursorNotFound"],
    [{ aggregate: "things", pipeline: [{ $graphLookup: {} }], cursor: {} }, 40324, "Location40324"],
    [{ aggregate: "things", pipeline: [{ $changeStream: {} }], cursor: {} }, 40573, "Location40573"],
    [{ aggregate: "things", pipeline: [{ $skip: 1 }], cursor: {} }, 40324, "Location40324"],
    [{ aggregate: "things", pipeline: [{ $unwind: { path: "$a" } }], cursor: {} }, 238, "NotImplemented"],
    [{ aggregate: "things", pipeline: [], cursor: { batchSize: 1 } }, 40415, "IDLUnknownField"],
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
    [{ insert: "things", documents: [{}], writeConcern: { w: 2 } }, 40415, "IDLUnknownField"],
    [{ findAndModify: "things", remove: true, update: {} }, 9, "FailedToParse"],
    [{ findAndModify: "things", update: {}, fields: { a: 1 } }, 40415, "IDLUnknownField"],
    [{ createIndexes: "things", indexes: [{ key: { a: "text" }, name: "t" }] }, 238, "NotImplemented"],
    [
      { createIndexes: "things", indexes: [{ key: { a: 1 }, name: "t", sparse: true }] },
      197,
      "InvalidIndexSpecificationOption",
    ],
    [{ createIndexes: "things", indexes: [{ key: { "a.0": 1 }, name: "t" }] }, 238, "NotImplemented"],
    [
      {
        createIndexes: "things",
        indexes: [{ key: { a: 1 }, name: "t", partialFilterExpression: { b: { $ne: 1 } } }],
      },
      67,
      "CannotCreateIndex",
    ],
    [
      { createIndexes: "things", indexes: [{ key: { a: 1, b: 1 }, name: "t", expireAfterSeconds: 1 }] },
      67,
      "CannotCreateIndex",
    ],
    [{ listIndexes: "missing" }, 26, "NamespaceNotFound"],
    [{ dropIndexes: "things", index: "*" }, 27, "IndexNotFound"],
    [{ create: "capped", capped: true, size: 10 }, 59, "CommandNotFound"],
  ])("%j is refused with code %i", async (command, code, codeName) => {
    await things.insertOne({});

    await expect(db.command(command)).rejects.toMatchObject({ code, codeName });
  });

  it.each(["a b", "a/b", "x".repeat(64)])("%s is no name of a database", async (name) => {
    await expect(client.db(name).command({ ping: 1 })).rejects.toMatchObject({
      code: 73,
      codeName: "InvalidNamespace",
    });
  });

  it("lets nobody start a transaction or a change stream", async () => {
    const session = client.startSession();
    session.startTransaction();

    // The driver turns code 20 into advice of its own, as it does with a real standalone server.
    await expect(things.insertOne({}, { session })).rejects.toMatchObject({
      originalError: { code: 20, codeName: "IllegalOperation" },
    });
    await expect(things.watch().next()).rejects.toMatchObject({ code: 40573 });
    await session.endSession();
  });

  it.each<Document>([
    { q: {}, u: { $set: { a: 1 } }, sort: {} },
    { q: {}, u: { $set: { a: 1 } }, arrayFilters: [] },
    { q: {}, u: { $set: { a: 1 } }, hint: "_id_" },
  ])("%j is no statement of an update", async (statement) => {
    const update = db.command({ update: "things", updates: [statement] });

    await expect(update).rejects.toMatchObject({ code: 40415, codeName: "IDLUnknownField" });
  });

  it.each([new Decimal128("1"), new Timestamp({ t: 1, i: 1 }), new MinKey(), /x/])(
    "%s is no value that it stores",
    async (value) => {
      await expect(things.insertOne({ a: [{ value }] })).rejects.toMatchObject({ code: 238 });
      await expect(things.insertOne({ _id: value as never })).rejects.toMatchObject({ code: 238 });
      expect(await things.findOne({})).toBeNull();
    },
  );
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
    const bulk = await things.bulkWrite([
      { insertOne: { document: { _id: 10 as never } } },
      { updateOne: { filter: { _id: 10 as never }, update: { $set: { a: 1 } } } },
      { deleteMany: { filter: { n: 1 } } },
      { updateOne: { filter: { _id: 11 as never }, update: { $set: { a: 1 } }, upsert: true } },
    ]);

    expect(same).toMatchObject({ matchedCount: 3, modifiedCount: 2 });
    expect(made).toMatchObject({ matchedCount: 0, modifiedCount: 0, upsertedCount: 1 });
    expect(await things.findOne({ kind: "x" })).toEqual({ _id: made.upsertedId, kind: "x", n: 9, b: 1 });
    expect(bulk).toMatchObject({
      insertedCount: 1,
      modifiedCount: 1,
      deletedCount: 3,
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

    const before = await things.findOneAndUpdate({}, { $inc: { n: 10 } }, { sort: { n: -1 } });
    const after = await things.findOneAndUpdate(
      {},
      { $inc: { n: 10 } },
      { sort: { n: -1 }, returnDocument: "after" },
    );
    const deleted = await things.findOneAndDelete({ n: { $lt: 5 } }, { sort: { n: 1 } });
    const missing = await things.findOneAndUpdate({ n: 99 }, { $set: { x: 1 } });

    expect(before).toEqual({ _id: 2, n: 2 });
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

describe("the server", () => {
  it("drops a connection that sends no message, and goes on with the others", async () => {
    const socket = connect(mongo.port, "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\n\r\n".repeat(10));
    socket.on("error", () => undefined).resume();

    await once(socket, "close");

    expect(await db.command({ ping: 1 })).toMatchObject({ ok: 1 });
  });

  it("answers the others while one client does not read its answers", async () => {
    await things.insertOne({ text: "x".repeat(8_000_000) });
    const socket = connect(mongo.port, "127.0.0.1");
    await once(socket, "connect");
    const body = serialize({ find: "things", filter: {}, $db: db.databaseName });
    const head = Buffer.alloc(21);
    head.writeInt32LE(21 + body.length, 0);
    head.writeInt32LE(2013, 12);

    for (let n = 0; n < 20; n++) socket.write(Buffer.concat([head, body]));

    for (let n = 0; n < 5; n++) expect(await db.command({ ping: 1 })).toMatchObject({ ok: 1 });
    socket.destroy();
  });

  it("counts what it was used for", () => {
    expect(mongo.census()).toMatchObject({
      "command find": expect.any(Number) as number,
      "update operator $inc": expect.any(Number) as number,
    });
  });
});
