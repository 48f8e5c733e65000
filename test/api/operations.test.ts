import { MongoClient, ObjectId } from "mongodb";
import type { Db } from "mongodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";

let t: TestServer;
let admin: Person;
let client: MongoClient;
let database: Db;
beforeAll(async () => {
  t = await startServer();
  admin = await t.administrator();
  client = await MongoClient.connect(t.world.mongo.uri);
  database = client.db("telestash");
});
afterAll(async () => {
  await client?.close();
  await t?.close();
});

type Check = Awaited<ReturnType<Person["systemChecks"]>>["systemChecks"]["checks"][number];

/** Asks until the kept answer is a new one. */
function check(name: string, isWanted: (check: Check) => boolean): Promise<Check | undefined> {
  const look = async () => (await admin.systemChecks()).systemChecks.checks.find((one) => one.name === name);
  return eventually(look, (found) => found !== undefined && isWanted(found), 15_000, 500);
}

describe("the system checks", () => {
  it("find a fresh system well, each in one sentence", async () => {
    await check("Workers", ({ status }) => status === "OK");
    const { checks } = (await admin.systemChecks()).systemChecks;

    expect(checks.map(({ name, status }) => `${name} ${status}`)).toEqual([
      "Database OK",
      "Indexes OK",
      "Clock OK",
      "Telegram OK",
      "Copies OK",
      "Google Drive OK",
      "Staging OK",
      "Mail OK",
      "Workers OK",
      "Transfers OK",
      "Settings OK",
    ]);
    expect(checks.every(({ found, fix }) => found.endsWith(".") && fix === null)).toBe(true);
  });

  it("name the bot and the chat that refuse, a missing index, and what to do", async () => {
    const chat = t.world.telegram.chats[0] ?? "";
    t.world.telegram.config({ rights: [{ chat, can_post_messages: false }] });
    await database.collection("users").dropIndex("usernameKey_1");

    const telegram = await check("Telegram", ({ status }) => status === "FAIL");
    const indexes = await check("Indexes", ({ status }) => status === "FAIL");

    expect(telegram?.found).toContain(`in chat ${chat}`);
    expect(telegram?.fix).toContain("administrator");
    expect(indexes?.found).toContain('users: {"usernameKey":1}');
    t.world.telegram.config({ rights: [] });
    await database.collection("users").createIndex({ usernameKey: 1 }, { unique: true });
  });

  it("is for administrators, like everything else here", async () => {
    const user = await t.user();

    for (const ask of ["systemChecks", "lanes", "laneHealth", "jobs", "deadLetters"] as const) {
      await expect(user[ask]()).rejects.toMatchObject({ code: "FORBIDDEN" });
    }
  });
});

describe("the lanes", () => {
  it("show their pace and sends, and what each bot may do", async () => {
    const user = await t.user();
    const { id } = await user.upload(Buffer.from("to be sent"));
    await eventually(
      async () => (await user.file({ id })).file.state,
      (state) => state === "STORED",
    );

    const { lanes } = await admin.lanes();
    const { laneHealth } = await admin.laneHealth();

    expect(lanes[0]).toMatchObject({ isPrimary: true, blockedUntil: null, chat: t.world.telegram.chats[0] });
    expect(lanes.reduce((sum, { recentSends }) => sum + recentSends, 0)).toBeGreaterThan(0);
    expect(laneHealth).toHaveLength(lanes.length);
    expect(laneHealth.every(({ mayPost, problem }) => mayPost === true && problem === null)).toBe(true);
  });

  it("are released by an administrator, which is kept", async () => {
    const [lane] = (await admin.lanes()).lanes;
    const until = new Date(Date.now() + 3_600_000);
    await database
      .collection<{ _id: string }>("lanes")
      .updateOne({ _id: lane?.id ?? "" }, { $set: { blockedUntil: until, nextFreeAt: until } });
    expect((await admin.lanes()).lanes[0]?.blockedUntil).toBe(until.toISOString());

    const { unblockLane } = await admin.unblockLane({ id: lane?.id ?? "" });

    expect(unblockLane.blockedUntil).toBeNull();
    expect(Date.parse(unblockLane.nextFreeAt)).toBeLessThan(until.getTime());
    const { auditLog } = await admin.auditLog({ where: { action: "lane.unblocked" } });
    expect(auditLog.nodes).toMatchObject([
      { targetId: lane?.id, changes: [{ field: "blockedUntil", before: until.toISOString(), after: null }] },
    ]);
    await expect(admin.unblockLane({ id: "none" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("the jobs", () => {
  it("are listed, made due and forgotten, but not while they run", async () => {
    const later = new Date(Date.now() + 3_600_000);
    const idle = new ObjectId();
    const running = new ObjectId();
    await database.collection("jobs").insertMany([
      { _id: idle, name: "blob.repair", data: { blobId: "none" }, nextRunAt: later, lockedAt: null },
      { _id: running, name: "transfer.send", data: { transferId: "t1" }, nextRunAt: null, lockedAt: later },
    ]);

    const { jobs } = await admin.jobs();

    expect(jobs.find(({ id }) => id === idle.toHexString())).toMatchObject({ state: "WAITING" });
    expect(jobs.find(({ id }) => id === running.toHexString())).toMatchObject({
      state: "RUNNING",
      subjectId: "t1",
    });
    await expect(admin.cancelJob({ id: running.toHexString() })).rejects.toMatchObject({ code: "CONFLICT" });
    await admin.cancelJob({ id: idle.toHexString() });
    await expect(admin.retryJob({ id: idle.toHexString() })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await database.collection("jobs").deleteOne({ _id: running });
  });
});

describe("dead letters", () => {
  it("are failed transfers, repairs and removals with their reasons, and can be tried again", async () => {
    const user = await t.user();
    const file = await user.upload(Buffer.from("will fail"), { name: "doomed.bin" });
    const transfers = database.collection<{ _id: string }>("transfers");
    await eventually(
      async () => (await user.file({ id: file.id })).file.state,
      (state) => state === "STORED",
    );
    const id = file.transfer?.id ?? "";
    const error = { code: "NOT_FOUND", message: "The chat was not found." };
    await transfers.updateOne({ _id: id }, { $set: { state: "FAILED", error } });
    const dueAt = new Date(Date.now() + 3_600_000);
    await database.collection<{ _id: string }>("orphans").insertOne({
      _id: "orphan-1",
      ...{ blobId: "b", index: 0, bot: "1", chat: "-100", messageId: 7, foundAt: new Date() },
      ...{ dueAt, attempts: 3, reason: "message can't be deleted" },
    });

    const { deadLetters } = await admin.deadLetters();

    expect(deadLetters).toContainEqual(
      expect.objectContaining({ kind: "TRANSFER", id, title: "doomed.bin", reason: error.message }),
    );
    expect(deadLetters).toContainEqual(
      expect.objectContaining({ kind: "REMOVAL", title: "Message 7 in chat -100", attempts: 3 }),
    );
    await admin.retryDeadLetter({ kind: "TRANSFER", id });
    await admin.retryDeadLetter({ kind: "REMOVAL", id: "orphan-1" });
    await expect(admin.retryDeadLetter({ kind: "REPAIR", id: "none" })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    expect((await admin.transfer({ id })).transfer.state).not.toBe("FAILED");
    await database.collection<{ _id: string }>("orphans").deleteOne({ _id: "orphan-1" });
  });
});

describe("a purge that fails", { timeout: 120_000 }, () => {
  it("is a dead letter with its reason, until it is tried again and succeeds", async () => {
    const owner = await t.user();
    const { id } = await owner.upload(Buffer.from("to be purged"), { name: "clingy.bin" });
    await eventually(
      async () => (await owner.file({ id })).file.state,
      (state) => state === "STORED",
    );
    await owner.archiveFiles({ ids: [id] });
    for (const op of ["deleteMessages", "deleteMessage"])
      t.world.telegram.fault({ match: { op }, kind: "5xx" });

    await owner.purgeFiles({ ids: [id] });
    const letter = await eventually(
      async () => (await admin.deadLetters()).deadLetters.find((one) => one.kind === "PURGE"),
      (found) => found !== undefined,
    );
    t.world.telegram.reset();
    await database
      .collection<{ _id: string }>("purges")
      .updateOne({ _id: id }, { $set: { dueAt: new Date(Date.now() + 3_600_000) } });
    await admin.retryDeadLetter({ kind: "PURGE", id });

    expect(letter).toMatchObject({ id, title: "file clingy.bin", code: "UNAVAILABLE", attempts: 1 });
    await eventually(
      async () => (await owner.purge({ id })).purge.state,
      (state) => state === "DONE",
    );
    expect((await admin.deadLetters()).deadLetters.map((one) => one.id)).not.toContain(id);
  });
});

describe("the parts of a file", () => {
  it("are listed page by page with their verified copies, for administrators alone", async () => {
    const owner = await t.user();
    const { id } = await owner.upload(Buffer.alloc(2.5 * 1024 * 1024, 7), { name: "three parts" });
    const isStored = async () => (await admin.file({ id })).file.state;
    await eventually(isStored, (state) => state === "STORED");

    const first = (await admin.fileParts({ id, first: 2 })).file.parts;
    const rest = (await admin.fileParts({ id, first: 2, after: first.pageInfo.endCursor ?? "" })).file.parts;

    const parts = [...first.nodes, ...rest.nodes];
    expect(parts.map(({ index, size }) => [index, size])).toEqual([
      [0, 1024 * 1024],
      [1, 1024 * 1024],
      [2, 512 * 1024],
    ]);
    expect(first.totalCount).toBe(3);
    expect([first.pageInfo.hasNextPage, rest.pageInfo.hasNextPage]).toEqual([true, false]);
    for (const { replicas } of parts) {
      expect(new Set(replicas.map(({ chat }) => chat))).toEqual(new Set(t.world.telegram.chats));
      expect(replicas.every(({ verifiedAt, suspectAt }) => verifiedAt !== null && suspectAt === null)).toBe(
        true,
      );
    }
    await expect(owner.fileParts({ id })).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(admin.fileParts({ id, after: "bm9uZQ" })).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
  });
});
