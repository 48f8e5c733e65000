import { MongoBackend } from "@agendajs/mongo-backend";
import { Agenda } from "agenda";
import { MongoClient } from "mongodb";
import mongoose from "mongoose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMongo } from "../../sandbox/mongo/server.js";
import type { RunningMongo } from "../../sandbox/mongo/server.js";

let mongo: RunningMongo;
beforeAll(async () => {
  mongo = await startMongo({});
});
afterAll(() => mongo.close());

interface Person {
  name: string;
  age: number;
  tags: string[];
  email?: string;
}

describe("mongoose", () => {
  const schema = new mongoose.Schema<Person>(
    { name: { type: String, required: true }, age: Number, tags: [String], email: String },
    { timestamps: true },
  );
  schema.index({ name: 1, age: -1 });
  schema.index({ email: 1 }, { unique: true, partialFilterExpression: { email: { $exists: true } } });
  schema.index({ createdAt: 1 }, { expireAfterSeconds: 3600 });
  const connection = mongoose.createConnection();
  const People = connection.model("Person", schema);
  beforeAll(() => connection.openUri(mongo.uri, { dbName: "people", autoCreate: false }));
  afterAll(() => connection.close());

  it("saves, finds, changes and deletes through a model", async () => {
    const ada = await new People({ name: "Ada", age: 36, tags: ["maths"] }).save();
    await People.insertMany([
      { name: "Grace", age: 85, tags: [] },
      { name: "Alan", age: 41, tags: ["maths", "runs"] },
    ]);

    const found = await People.find({ tags: "maths" }).sort({ age: -1 }).lean();
    const older = await People.findOneAndUpdate(
      { _id: ada._id },
      { $inc: { age: 1 }, $push: { tags: "poetry" } },
      { returnDocument: "after" },
    );
    const many = await People.updateMany({ age: { $gt: 40 } }, { $addToSet: { tags: "old" } });
    const groups = await People.aggregate([
      { $match: { age: { $gte: 37 } } },
      { $group: { _id: { $size: "$tags" }, n: { $sum: 1 }, oldest: { $max: "$age" } } },
      { $sort: { _id: 1 } },
    ]);

    expect(found.map((person) => person.name)).toEqual(["Alan", "Ada"]);
    expect(older).toMatchObject({ age: 37, tags: ["maths", "poetry"] });
    expect(many).toMatchObject({ matchedCount: 2, modifiedCount: 2 });
    expect(groups).toEqual([
      { _id: 1, n: 1, oldest: 85 },
      { _id: 2, n: 1, oldest: 37 },
      { _id: 3, n: 1, oldest: 41 },
    ]);
    expect(await People.findOne({ name: "Alan" }).lean()).toMatchObject({ tags: ["maths", "runs", "old"] });
    expect(await People.countDocuments({ age: { $gt: 37 } })).toBe(2);
    expect(await People.deleteOne({ name: "Grace" })).toMatchObject({ deletedCount: 1 });
    expect(await People.deleteMany({})).toMatchObject({ deletedCount: 2 });
  });

  it("brings indexes in line with the schema and enforces the unique one", async () => {
    await People.createIndexes();
    await People.collection.createIndex({ stale: 1 });

    const dropped = await People.syncIndexes();
    await People.create([{ name: "a" }, { name: "b" }, { name: "c", email: "c@d" }]);
    const twice = People.create({ name: "d", email: "c@d" });

    expect(dropped).toEqual(["stale_1"]);
    await expect(twice).rejects.toMatchObject({
      code: 11000,
      keyPattern: { email: 1 },
      keyValue: { email: "c@d" },
      message: expect.stringContaining(
        'collection: people.people index: email_1 dup key: { email: "c@d" }',
      ) as string,
    });
    expect((await People.listIndexes()).map((index: { name: string }) => index.name)).toEqual([
      "_id_",
      "name_1_age_-1",
      "email_1",
      "createdAt_1",
    ]);
  });

  it("updates by a pipeline on the database's clock", async () => {
    const { _id } = await People.create({ name: "lease", age: 1 });

    const updated = await People.findOneAndUpdate(
      { _id, $expr: { $lt: ["$createdAt", { $add: ["$$NOW", 1000] }] } },
      [
        { $set: { epoch: { $add: [{ $ifNull: ["$epoch", 0] }, 1] }, until: { $add: ["$$NOW", 15_000] } } },
        { $unset: "age" },
      ],
      { updatePipeline: true, timestamps: false, returnDocument: "after", lean: true },
    );

    expect(updated).toMatchObject({ name: "lease", epoch: 1, until: expect.any(Date) as Date });
    expect(updated).not.toHaveProperty("age");
  });
});

describe("Agenda", () => {
  it("runs every job exactly once with two workers", async () => {
    const client = await MongoClient.connect(mongo.uri);
    const runs: number[] = [];
    const workers = ["one", "two"].map((name) => {
      const agenda = new Agenda({
        name,
        backend: new MongoBackend({ mongo: client.db("jobs"), collection: "jobs" }),
        processEvery: 50,
      });
      agenda.define("count", (job: { attrs: { data: { n: number } } }) => {
        runs.push(job.attrs.data.n);
        return Promise.resolve();
      });
      return agenda;
    });

    await Promise.all(workers.map((agenda) => agenda.start()));
    await Promise.all(Array.from({ length: 60 }, (_, n) => workers[n % 2]!.now("count", { n })));

    await expect.poll(() => runs.length, { timeout: 20_000 }).toBe(60);
    await Promise.all(workers.map((agenda) => agenda.stop()));
    expect([...runs].sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, n) => n));
    await client.close();
  });
});
