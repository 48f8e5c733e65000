import "reflect-metadata";
import { describe, expect, it } from "vitest";
import { openDatabase } from "../support/audit.js";
import { startServer, startWorld } from "../support/start-server.js";
import { MIB, becomes, fileOf, isDone, keep } from "../support/transfers.js";

const LARGE_PARTS = 24;
const QUEUED = 8;
/** Every part goes to two chats. In the order of arrival all of them would be sent before the last one's. */
const SENDS_OF_OTHERS = (LARGE_PARTS + QUEUED) * 2;

describe("somebody's small file", { timeout: 120_000 }, () => {
  it("goes before the rest of another's large one and of a third one's queue, though it came last", async () => {
    const world = await startWorld();
    const api = await startServer({ world, role: "api" });
    const [one, many, last] = [await api.user(), await api.user(), await api.user()];
    const large = await keep(one, LARGE_PARTS * MIB);
    const queued = [];
    while (queued.length < QUEUED) queued.push(await keep(many, 10_000));
    const small = await keep(last, MIB);

    const pace = { TELEGRAM_LANE_PER_MINUTE: "600" };
    const worker = await startServer({ world, role: "worker", environment: pace });
    await becomes(small, isDone, 60_000);

    const isOver = (await Promise.all([large, ...queued].map(fileOf))).map(isDone);
    expect(isOver[0]).toBe(false);
    expect(isOver.at(-1)).toBe(false);
    const database = await openDatabase(world);
    const blob = (await database.transfers.findOne({ fileId: small.id }))?.blobId ?? "";
    const captions = world.telegram.ledger().map(({ caption }) => caption ?? "");
    const before = captions.findLastIndex((caption) => caption.includes(blob)) - 1;
    expect(before).toBeLessThan(SENDS_OF_OTHERS / 2);
    await database.close();
    await Promise.all([worker.close(), api.close()]);
    await world.close();
  });
});
