import "reflect-metadata";
import type mongoose from "mongoose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startMongo } from "../../sandbox/mongo/server.js";
import { connectMongo } from "../../server/adapters/mongo/connection.js";
import { MongoLanes } from "../../server/adapters/mongo/mongo-lanes.js";
import type { LaneDocument } from "../../server/adapters/mongo/mongo-lanes.js";
import type { LaneSlot } from "../../server/vault/vault.ports.js";

const LANE = { bot: "1", chat: "-100" };
const PER_MINUTE = 20;
/** So that the time a test takes is nothing beside it. */
const SECOND_MS = 1_000;

let server: Awaited<ReturnType<typeof startMongo>>;
let connection: mongoose.Connection;
let lanes: MongoLanes;

beforeAll(async () => {
  server = await startMongo({});
  connection = await connectMongo(server.uri, "lanes");
  lanes = new MongoLanes(connection, PER_MINUTE);
});
afterAll(async () => {
  await connection.close();
  await server.close();
});
beforeEach(async () => {
  await connection.collection("lanes").deleteMany({});
  await lanes.register([LANE]);
});

/** A lane on which messages were sent before so many seconds. */
async function sentBefore(...seconds: readonly number[]): Promise<void> {
  const now = Date.now();
  const recent = seconds.map((ago) => ({ id: `${ago} s ago`, at: new Date(now - ago * SECOND_MS) }));
  // Long free: a plan of this moment would be a little late by the time of the next send.
  const free = { nextFreeAt: new Date(0), pacedFreeAt: new Date(0) };
  await connection.collection("lanes").updateOne({}, { $set: { recent, ...free } });
}

/** Takes the next slot as somebody who sends on and on; how many seconds later such a one, and a newcomer, may send. */
async function afterOneMore(): Promise<{ busy: number; newcomer: number }> {
  expect(await lanes.reserve([LANE], "now")).toBeDefined();
  const lane = await theLane();
  if (lane.slotAt === undefined || lane.pacedFreeAt === undefined) throw new Error("No slot was taken.");
  const seconds = (at: Date) => (at.getTime() - (lane.slotAt?.getTime() ?? 0)) / SECOND_MS;
  return { busy: seconds(lane.pacedFreeAt), newcomer: seconds(lane.nextFreeAt) };
}

async function theLane(): Promise<LaneDocument> {
  const lane = await connection.collection<LaneDocument>("lanes").findOne({});
  if (lane === null) throw new Error("The lane is not registered.");
  return lane;
}

async function reserveAhead(count: number): Promise<LaneSlot[]> {
  const slots = [];
  while (slots.length < count) slots.push(await lanes.reserve([LANE], "ahead"));
  return slots.filter((slot) => slot !== undefined);
}

/** In how many seconds the lane is free. */
async function freeIn(when: "now" | "ahead"): Promise<number> {
  return ((await lanes.freeIn([LANE], when))?.waitMs ?? NaN) / SECOND_MS;
}

const from = (first: number, count: number, step: number) =>
  Array.from({ length: count }, (_, i) => first - i * step);

describe("the pace of a chat", () => {
  it("lets the first dozen go one a second", async () => {
    expect(await afterOneMore()).toEqual({ busy: 1, newcomer: 1 });
    await sentBefore(...from(10, 10, 1));
    expect(await afterOneMore()).toEqual({ busy: 1, newcomer: 1 });
  });

  it("spreads what is left of the minute after a burst, and leaves room for a newcomer", async () => {
    await sentBefore(...from(11, 11, 1));

    const { busy, newcomer } = await afterOneMore();

    // Eight messages are left for the 49 seconds until the first one is a minute old.
    expect(busy).toBeCloseTo((0.95 * 49.2) / 8, 0);
    expect(newcomer).toBe(1);
  });

  it("stays even for somebody who sends on and on, whose last message a newcomer takes", async () => {
    await sentBefore(...from(57, 19, 3));

    const { busy, newcomer } = await afterOneMore();

    expect(busy).toBeGreaterThan(2.8);
    expect(busy).toBeLessThan(3.3);
    expect(newcomer).toBeGreaterThan(2.5);
    expect(newcomer).toBeLessThanOrEqual(busy);
  });

  it("does not fall back into bursts while the first one leaves the minute", async () => {
    await sentBefore(...from(80, 12, 1), ...from(60, 8, 6), ...from(12, 4, 3));

    const { busy, newcomer } = await afterOneMore();

    expect(busy).toBeGreaterThan(2.8);
    expect(newcomer).toBe(1);
  });

  it("allows a burst again after a while", async () => {
    await sentBefore(...from(111, 20, 1));

    expect(await afterOneMore()).toEqual({ busy: 1, newcomer: 1 });
  });

  it("keeps a newcomer from waiting for somebody's even pace, and him from waiting twice", async () => {
    await sentBefore(...from(11, 11, 1));
    await afterOneMore();

    expect(await lanes.reserve([LANE], "now")).toBeUndefined();
    const slot = await lanes.reserve([LANE], "ahead");

    expect(slot?.waitMs).toBeLessThanOrEqual(SECOND_MS);
    expect(await freeIn("now")).toBeLessThan(15);
  });

  it("takes back slots that were reserved ahead and not used, in any order", async () => {
    await sentBefore(...from(11, 12, 1));
    const before = await freeIn("ahead");
    const reserved = await reserveAhead(9);
    expect(await freeIn("ahead")).toBeGreaterThan(40);

    for (const slot of [...reserved.slice(4), ...reserved.slice(0, 4), ...reserved])
      await lanes.giveBack(slot);

    expect((await freeIn("ahead")) - before).toBeLessThan(1.5);
    expect(await freeIn("now")).toBeLessThan(40);
  });

  it("is held up by many newcomers no longer than the chat itself", async () => {
    await sentBefore(...from(11, 12, 1));
    await reserveAhead(20);

    expect((await freeIn("now")) - (await freeIn("ahead"))).toBeLessThan(4);
  });

  it("keeps its distance from what is still reserved when an earlier slot is given back", async () => {
    await sentBefore(5);
    const [given, kept] = await reserveAhead(2);
    if (given === undefined || kept === undefined) throw new Error("No slot was reserved.");

    await lanes.giveBack(given);

    const { nextFreeAt, recent } = await theLane();
    const keptAt = recent.find(({ id }) => id === kept.id)?.at.getTime() ?? NaN;
    expect(nextFreeAt.getTime() - keptAt).toBeGreaterThanOrEqual(SECOND_MS);
  });

  it("says that chats refuse only when all of them do", async () => {
    const other = { bot: "1", chat: "-200" };
    await lanes.register([LANE, other]);
    await lanes.block(LANE, 120 * SECOND_MS, "It refused.");
    await lanes.block(other, 3_600 * SECOND_MS);

    expect(await lanes.freeIn([LANE, other], "now")).toMatchObject({ isBlocked: true, refusal: undefined });
    expect(await lanes.freeIn([LANE], "now")).toMatchObject({ isBlocked: true, refusal: "It refused." });
  });

  it("never lets more than twenty a minute go, whoever asks", async () => {
    await sentBefore(...from(25, 19, 1));
    await lanes.reserve([LANE], "ahead");

    const slot = await lanes.reserve([LANE], "ahead");

    expect((slot?.waitMs ?? 0) / SECOND_MS).toBeCloseTo(35.2, 0);
  });
});
