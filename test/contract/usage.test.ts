import mongoose from "mongoose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MongoUsage } from "../../server/adapters/mongo/mongo-usage.js";
import { newId } from "../../server/kernel/ids.js";
import { startDatabase } from "../support/database.js";

const ROOM = { key: "a file", neededBytes: 5, wantedBytes: 5 };
const QUOTA = { bytes: 100, files: 10 };

let server: Awaited<ReturnType<typeof startDatabase>>;
let connection: mongoose.Connection;
let usage: MongoUsage;

beforeAll(async () => {
  server = await startDatabase();
  connection = await mongoose.createConnection(server.uri, { dbName: "usage" }).asPromise();
  usage = new MongoUsage(connection);
});
afterAll(async () => {
  await connection.close();
  await server.close();
});

/** An account with a reservation that was made long ago. */
async function withLongReservation(): Promise<string> {
  const userId = newId();
  const users = connection.collection<{ _id: string }>("users");
  await users.insertOne({ _id: userId, bytesUsed: 0, fileCount: 0 } as { _id: string });
  await usage.reserve(userId, ROOM, QUOTA);
  await users.updateOne(
    { _id: userId },
    { $set: { reserved: [{ key: ROOM.key, bytes: 5, at: new Date(1) }] } },
  );
  return userId;
}

function filesOf(userId: string): Promise<unknown> {
  return connection.collection<{ _id: string }>("users").findOne({ _id: userId });
}

describe("room that was reserved long ago", () => {
  it("is given back when nobody wants it any more", async () => {
    const userId = await withLongReservation();
    expect(await usage.longReserved(10)).toContainEqual({ userId, key: ROOM.key });

    await usage.releaseLong(userId, ROOM.key);

    expect(await filesOf(userId)).toMatchObject({ reserved: [] });
  });

  it("is kept for whoever reserves it again after a crash, though a sweep has just found it", async () => {
    const userId = await withLongReservation();

    expect(await usage.reserve(userId, ROOM, QUOTA)).toBe(5);
    await usage.releaseLong(userId, ROOM.key);
    await usage.count(userId, ROOM.key, 5);

    expect(await filesOf(userId)).toMatchObject({ reserved: [], bytesUsed: 5, fileCount: 1 });
  });
});
