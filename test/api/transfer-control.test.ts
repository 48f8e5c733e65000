import "reflect-metadata";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { audit, downloaded, openDatabase } from "../support/audit.js";
import type { Database, Kept } from "../support/audit.js";
import { eventually } from "../support/eventually.js";
import { startServer, startWorld } from "../support/start-server.js";
import type { Person, TestServer, World } from "../support/start-server.js";
import { MIB, becomes, dice, fileOf, isDone, keep, seeds, sends, withServer } from "../support/transfers.js";

const STATES = [
  "QUEUED",
  "RUNNING",
  "WAITING",
  "PAUSED",
  "VERIFYING",
  "DONE",
  "FAILED",
  "CANCELLED",
] as const;
const ACTIONS = ["pauseTransfer", "resumeTransfer", "cancelTransfer", "retryTransfer"] as const;
type State = (typeof STATES)[number];
type Action = (typeof ACTIONS)[number];

const MOVING = ["QUEUED", "RUNNING", "WAITING", "VERIFYING"] as const;

/** What an action makes of a state; what is not here is refused. */
function outcomeOf(action: Action, state: State): State | undefined {
  const isMoving = (MOVING as readonly State[]).includes(state);
  if (action === "pauseTransfer") return isMoving || state === "PAUSED" ? "PAUSED" : undefined;
  if (action === "cancelTransfer") return state === "DONE" ? undefined : "CANCELLED";
  if (isMoving) return action === "resumeTransfer" ? state : undefined;
  return state === (action === "resumeTransfer" ? "PAUSED" : "FAILED") ? "QUEUED" : undefined;
}

const TABLE = STATES.flatMap((state) =>
  ACTIONS.map((action) => ({ state, action, outcome: outcomeOf(action, state) ?? "CONFLICT" })),
);

/** A server that takes files and does not move them: what a transfer is set to, it stays. */
describe("what people do to a transfer", { timeout: 120_000 }, () => {
  let world: World;
  let t: TestServer;
  let database: Database;
  let owner: Person;
  let administrator: Person;
  let stranger: Person;

  beforeAll(async () => {
    world = await startWorld();
    t = await startServer({ world, role: "api" });
    database = await openDatabase(world);
    [owner, administrator, stranger] = [await t.user(), await t.administrator(), await t.user()];
  });
  afterAll(async () => {
    await database.close();
    await t.close();
    await world.close();
  });

  async function transferIn(state: State): Promise<string> {
    const { transfer } = await owner.upload(Buffer.from("some bytes"));
    const id = transfer?.id ?? "";
    await database.transfers.updateOne({ _id: id }, { $set: { state } });
    return id;
  }

  it.each(TABLE)(
    "$action of one that is $state: $outcome, twice alike",
    async ({ state, action, outcome }) => {
      const id = await transferIn(state);

      for (let time = 0; time < 2; time += 1) {
        const reply = owner[action]({ id });

        if (outcome === "CONFLICT")
          await expect(reply).rejects.toMatchObject({ code: "CONFLICT", message: /\w+ .*\w\.$/ });
        else await expect(reply).resolves.toMatchObject({ [action]: { id, state: outcome } });
      }
      const { transfer } = await owner.transfer({ id });
      expect(transfer.state).toBe(outcome === "CONFLICT" ? state : outcome);
    },
  );

  it.each(ACTIONS)("%s by a stranger finds nothing, as with a missing or malformed id", async (action) => {
    const id = await transferIn("RUNNING");

    const replies = [id, "0".repeat(24), "nonsense"].map((wanted) => stranger[action]({ id: wanted }));

    const answers = await Promise.all(
      replies.map((reply) =>
        reply.catch((error: { code: string; message: string }) => [error.code, error.message]),
      ),
    );
    expect(answers).toEqual(answers.map(() => ["NOT_FOUND", "Transfer not found."]));
    expect((await owner.transfer({ id })).transfer.state).toBe("RUNNING");
  });

  it("is recorded when an administrator does it to somebody else's, once, and not when owners do", async () => {
    const id = await transferIn("RUNNING");
    await administrator.pauseTransfer({ id });
    await administrator.pauseTransfer({ id });
    await owner.resumeTransfer({ id });
    await administrator.cancelTransfer({ id });

    const entries = await database.db.collection("audit").find({ "target.id": id }).sort({ at: 1 }).toArray();

    expect(entries).toMatchObject([
      {
        action: "transfer.paused",
        actorId: administrator.id,
        before: { state: "RUNNING" },
        after: { state: "PAUSED" },
      },
      { action: "transfer.cancelled", before: { state: "QUEUED" }, after: { state: "CANCELLED" } },
    ]);
  });

  it("refuses to cancel what is stored and only lacks further copies", async () => {
    const id = await transferIn("WAITING");
    await database.db
      .collection<{ _id: string }>("transfers")
      .updateOne({ _id: id }, { $set: { isSafe: true } });

    const reply = owner.cancelTransfer({ id });

    await expect(reply).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("stored") as string,
    });
  });
});

describe("a transfer at work", { timeout: 120_000 }, () => {
  let world: World;
  let t: TestServer;
  let other: TestServer;
  let database: Database;
  let owner: Person;

  beforeAll(async () => {
    world = await startWorld();
    // Two processes without Redis: what is asked of one is done by the other.
    t = await startServer({ world, role: "api" });
    other = await startServer({ world, role: "worker" });
    database = await openDatabase(world);
  });
  afterAll(async () => {
    await database.close();
    await Promise.all([t.close(), other.close()]);
    await world.close();
  });
  beforeEach(async () => {
    owner = await t.user();
    world.telegram.reset();
    world.telegram.fault({ match: { op: "sendDocument" }, kind: "latency", ms: 150 });
  });

  async function transferOf(kept: { owner: Person; id: string }): Promise<string> {
    return (await kept.owner.file({ id: kept.id })).file.transfer?.id ?? "";
  }

  it.each(seeds)("is cancelled at any moment: it stops, and nothing of it stays (SEED=%i)", async (seed) => {
    const random = dice(seed);
    const cancelled: Kept[] = [];
    const stored: Kept[] = [];
    for (const parts of [12, 12, 3]) {
      const kept = await keep(owner, parts * MIB);
      const id = await transferOf(kept);
      const wanted = sends(world) + Math.floor(random() * 8);
      await eventually(async () => sends(world) >= wanted || isDone(await fileOf(kept)));
      const sentBefore = sends(world);

      const answer = await owner.cancelTransfer({ id }).catch(() => undefined);

      (answer === undefined ? stored : cancelled).push(kept);
      if (answer === undefined) continue;
      expect(await fileOf(kept)).toMatchObject({ state: "CANCELLED", transfer: { state: "CANCELLED" } });
      // The worker noticed before the rest could be sent.
      await eventually(
        async () => (await database.transfers.countDocuments({ _id: id, bytesGone: true })) === 1,
      );
      expect(sends(world) - sentBefore).toBeLessThan(parts * 2);
    }

    await Promise.all(stored.map((kept) => becomes(kept, isDone)));
    await audit(world, stored);
    expect(cancelled.length).toBeGreaterThan(0);
    for (const kept of cancelled) expect(await downloaded(owner, kept.id)).toBeUndefined();
  });

  it("sends nothing after it is cancelled but what was under way", async () => {
    world.telegram.fault({ match: { op: "sendDocument" }, kind: "latency", ms: 1_500 });
    const kept = await keep(owner, 12 * MIB);
    const id = await transferOf(kept);
    const before = sends(world);
    await eventually(() => sends(world) > before);

    await owner.cancelTransfer({ id });

    await eventually(
      async () => (await database.transfers.countDocuments({ _id: id, bytesGone: true })) === 1,
      Boolean,
      20_000,
    );
    // Three parts in memory, each on its way to two chats.
    expect(sends(world) - before).toBeLessThanOrEqual(3 * 2);
    const blob = (await database.transfers.findOne({ _id: id }))?.blobId ?? "";
    await eventually(
      () =>
        world.telegram.ledger().filter(({ caption, deleted }) => caption?.includes(blob) && !deleted).length,
      (left) => left === 0,
    );
  });

  it("is paused and resumed at any moment, over and over, and sends nothing twice", async () => {
    const random = dice(7);
    const before = sends(world);
    const kept = await keep(owner, 8 * MIB);
    const id = await transferOf(kept);
    const blob = (await database.transfers.findOne({ _id: id }))?.blobId;
    for (let round = 1; round <= 3; round += 1) {
      const wanted = before + round * 4 + Math.floor(random() * 3) - 3;
      await eventually(() => sends(world) >= wanted);
      const { pauseTransfer } = await owner.pauseTransfer({ id });
      expect(pauseTransfer.state).toBe("PAUSED");
      // Let go of: what was being sent has been finished, and recorded.
      await eventually(
        async () =>
          (await database.db.collection("turns").findOne({ "taken.0": { $exists: true } })) === null,
      );
      await owner.resumeTransfer({ id });
    }

    await becomes(kept, isDone);

    await audit(world, [kept]);
    expect(sends(world) - before).toBe(8 * 2);
    const listed = await database.orphans.find().toArray();
    expect(listed.filter(({ blobId }) => blobId === blob)).toEqual([]);
  });

  it("shows its owner's further files as waiting for their turn, and takes them in order", async () => {
    // The first is still being sent when the last has arrived, however long that takes.
    world.telegram.fault({ match: { op: "sendDocument" }, kind: "latency", ms: 3_000 });
    const first = await keep(owner, 24 * MIB);
    const second = await keep(owner, MIB);
    const third = await keep(owner, MIB);

    const waiting = await becomes(third, ({ transfer }) => transfer?.waitingFor === "TURN");
    world.telegram.reset();
    await becomes(third, isDone);

    expect(waiting.transfer).toMatchObject({ state: "QUEUED" });
    const done = await Promise.all([first, second].map(fileOf));
    expect(done.map(isDone)).toEqual([true, true]);
    await audit(world, [first, second, third]);
  });

  it("leaves no cancelled file in lists after a week", async () => {
    const kept = await keep(owner, 2 * MIB);
    const id = await transferOf(kept);
    await owner.cancelTransfer({ id });
    const controlled = database.db.collection<{ _id: string }>("transfers");
    await eventually(async () => (await controlled.countDocuments({ _id: id, bytesGone: true })) === 1);

    await controlled.updateOne({ _id: id }, { $set: { cleanUpAt: new Date(0) } });

    await eventually(
      async () => (await database.transfers.countDocuments({ _id: id })) === 0,
      Boolean,
      15_000,
    );
    await expect(owner.file({ id: kept.id })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("a paused transfer", { timeout: 120_000 }, () => {
  it("stays paused when its server is started again, and goes on when it is resumed", () =>
    withServer({}, async ({ world, t, owner }) => {
      world.telegram.fault({ match: { op: "sendDocument" }, kind: "latency", ms: 300 });
      const kept = await keep(owner, 5 * MIB);
      const id = (await fileOf(kept)).transfer?.id ?? "";
      await eventually(() => sends(world) >= 2);
      await owner.pauseTransfer({ id });
      await t.app.stop();
      world.telegram.reset();

      const again = await startServer({ world });
      const login = await again.administrator();
      const later = await keep(login, MIB);
      await becomes(later, isDone);

      const { transfer } = await login.transfer({ id });
      expect(transfer.state).toBe("PAUSED");
      await login.resumeTransfer({ id });
      await eventually(async () => (await login.transfer({ id })).transfer.state === "DONE");
      await audit(world, [{ ...kept, owner: login }]);
      await again.close();
    }));
});
