import "reflect-metadata";
import type mongoose from "mongoose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMongo } from "../../sandbox/mongo/server.js";
import { connectMongo } from "../../server/adapters/mongo/connection.js";
import { MongoTransferControls } from "../../server/adapters/mongo/mongo-transfer-controls.js";
import { MongoTurns } from "../../server/adapters/mongo/mongo-turns.js";

let server: Awaited<ReturnType<typeof startMongo>>;
let connection: mongoose.Connection;

beforeAll(async () => {
  server = await startMongo({});
  connection = await connectMongo(server.uri, "turns");
});
afterAll(async () => {
  await connection.close();
  await server.close();
});

/** Puts transfers of one owner into the database, the first one queued first. */
async function put(ownerId: string, transfers: readonly ({ _id: string } & Record<string, unknown>)[]) {
  const documents = transfers.map((transfer, i) => ({
    ownerId,
    queuedAt: new Date(i),
    epoch: 0,
    ...transfer,
  }));
  await connection.collection<{ _id: string }>("transfers").insertMany(documents);
}

describe("the turns of an owner", () => {
  it("go to files that are not stored yet before those that only lack further copies", async () => {
    const waiting = { state: "QUEUED", setAside: true };
    await put("one", [
      { _id: "stored", isSafe: true, ...waiting },
      { _id: "first", ...waiting },
      { _id: "tried again", isSafe: false, ...waiting },
      { _id: "stored too", isSafe: true, ...waiting },
    ]);
    const turns = new MongoTurns(connection);

    const order = [];
    for (let next = await turns.admit("one"); next !== undefined; next = await turns.admit("one")) {
      order.push(next.id);
    }

    expect(order).toEqual(["first", "tried again", "stored", "stored too"]);
  });
});

describe("an end of all waits for chats", () => {
  it("makes due what waits for chats and nobody works on, and nothing else", async () => {
    const later = new Date(Date.now() + 3_600_000);
    const waiting = { state: "WAITING", dueAt: later };
    await put("two", [
      { _id: "flooded", ...waiting, waitingFor: "FLOOD_LIMIT" },
      { _id: "paced", ...waiting, waitingFor: "PACE" },
      { _id: "refused", ...waiting, waitingFor: "RETRY", error: { code: "CHAT_REFUSED" } },
      { _id: "broken", ...waiting, waitingFor: "RETRY", error: { code: "UNAVAILABLE" } },
      { _id: "at work", ...waiting, waitingFor: "FLOOD_LIMIT", leaseOwner: "a worker" },
      { _id: "paused", state: "PAUSED" },
    ]);

    await new MongoTransferControls(connection).hastenAll();

    const due = { ownerId: "two", dueAt: { $lte: new Date() } };
    const found = await connection.collection<{ _id: string }>("transfers").find(due).toArray();
    expect(found).toMatchObject([
      { _id: "flooded", state: "QUEUED", waitingFor: null },
      { _id: "paced", state: "QUEUED" },
      { _id: "refused", state: "QUEUED" },
    ]);
  });
});
