import "reflect-metadata";
import mongoose from "mongoose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startDatabase } from "../support/database.js";
import { MongoFileArchive } from "../../server/adapters/mongo/mongo-file-archive.js";
import { MongoFilePlaces } from "../../server/adapters/mongo/mongo-file-places.js";
import { MongoFiles } from "../../server/adapters/mongo/mongo-files.js";
import { MongoFolders } from "../../server/adapters/mongo/mongo-folders.js";
import { MongoHappenings } from "../../server/adapters/mongo/mongo-happenings.js";
import { FILE_STATES } from "../../server/files/file.js";
import type { FileFilter, FileOrderField, PageRequest } from "../../server/files/files.ports.js";
import { anonymousOwner } from "../../server/kernel/anonymous.js";
import { newId } from "../../server/kernel/ids.js";
import { explain, indexesOf } from "../support/explained.js";
import type { Command, Explained } from "../support/explained.js";
import { putFiles } from "../support/stored-files.js";

const COUNT = 4_000;
const FIELDS: readonly FileOrderField[] = ["NAME", "SIZE", "CREATED_AT", "STATE"];
const [OWNER, FOLDER, DEEP, ARCHIVER] = [newId(), newId(), newId(), newId()];
const BESIDE = { ownerIds: [], folderIds: [], fileIds: [], archiverIds: [] };
const START = Date.UTC(2026, 0, 1);
const WORDS = ["report", "holiday", "Größe", "final", "draft"];

let server: Awaited<ReturnType<typeof startDatabase>>;
let connection: mongoose.Connection;
let files: MongoFiles;
let archive: MongoFileArchive;
let places: MongoFilePlaces;
let happenings: MongoHappenings;
const sent: Command[] = [];

beforeAll(async () => {
  server = await startDatabase();
  connection = await mongoose
    .createConnection(server.uri, {
      dbName: "files",
      monitorCommands: true,
      autoIndex: false,
      autoCreate: false,
    })
    .asPromise();
  const folders = new MongoFolders(connection);
  files = new MongoFiles(connection, folders);
  places = new MongoFilePlaces(files, folders);
  happenings = new MongoHappenings(connection);
  archive = new MongoFileArchive(files, { handOver: () => Promise.resolve() });
  await files.syncIndexes();
  await happenings.syncIndexes();
  await putFiles(
    connection.collection("files"),
    Array.from({ length: COUNT }, (_, i) => fileAt(i)),
  );
  connection.getClient().on("commandStarted", ({ command }) => sent.push(command));
});
afterAll(async () => {
  await connection.close();
  await server.close();
});

/** Half of them one owner's, a tenth nobody's, a fifth archived, many of one size and of one moment. */
function fileAt(i: number) {
  const isNobodys = i % 10 === 1;
  const inFolder = i % 8 === 0;
  return {
    ...{ _id: newId(), name: `${WORDS[i % 5]} ${WORDS[(i >> 3) % 5]} ${i % 900}.txt` },
    ...{ createdAt: new Date(START + (i >> 2) * 60_000), sizeBytes: (i * 7) % 50 },
    ownerId: i % 2 === 0 ? OWNER : isNobodys ? anonymousOwner() : `other-${i % 7}`,
    ...(isNobodys
      ? { anonymous: true, expiresAt: new Date(Date.now() + 86_400_000) }
      : { ownerRole: i % 7 < 2 ? "PREMIUM" : "FREE" }),
    state: FILE_STATES[(i >> 1) % FILE_STATES.length],
    ...(i % 5 === 3 ? { archivedAt: new Date(START + i * 1_000) } : {}),
    ...(i % 20 === 3 ? { archivedById: ARCHIVER } : {}),
    ...(inFolder ? { folderId: FOLDER, folderIds: [DEEP, FOLDER] } : {}),
    ...(i % 100 === 0 ? { countedBy: new Date(START) } : {}),
  };
}

const explained = (work: () => Promise<unknown>): Promise<Explained[]> =>
  explain(connection, "files", sent, work);

const page = (count: number): PageRequest => ({ count, backward: false });

async function expectLean(filter: FileFilter, field: FileOrderField, page: PageRequest): Promise<void> {
  for (const descending of [false, true]) {
    const list = (cursor?: string) =>
      files.list(filter, { field, descending }, { ...page, ...(cursor === undefined ? {} : { cursor }) });
    const first = await list();
    const cursor = (page.backward ? first.items[0] : first.items.at(-1))?.cursor;
    expect(first.items).toHaveLength(page.count);
    for (const work of [() => list(), () => list(cursor)]) {
      for (const { queryPlanner, executionStats } of await explained(work)) {
        const { nReturned, totalDocsExamined } = executionStats;
        expect(nReturned).toBeGreaterThan(0);
        expect(totalDocsExamined / nReturned).toBeLessThanOrEqual(1.1);
        expect(JSON.stringify(queryPlanner)).not.toMatch(/COLLSCAN|"SORT"/);
      }
    }
  }
}

describe("a list of files", () => {
  const live = { archived: false };
  const filters: readonly [string, FileFilter][] = [
    ["all", live],
    ["one owner", { ...live, ownerId: OWNER }],
    ["one state", { ...live, states: ["FAILED"] }],
    ["several states", { ...live, states: ["FAILED", "STORED", "LOST"] }],
    ["archived", { archived: true }],
    ["archived or not", {}],
    ["one folder", { ...live, folderId: FOLDER }],
    ["nobody's", { ...live, anonymous: true }],
    ["somebody's", { ...live, anonymous: false }],
    ["one role", { ...live, ownerRole: "PREMIUM" }],
    ["a state of one role, archived or not", { ownerRole: "FREE", states: ["FAILED"] }],
    ["what an administrator archived", { archived: true, archivedById: ARCHIVER }],
    ["a state of one owner", { ...live, ownerId: OWNER, states: ["FAILED"] }],
    ["what one owner archived", { archived: true, ownerId: OWNER }],
    ["all of one owner", { ownerId: OWNER }],
    ["a folder of one owner", { ...live, ownerId: OWNER, folderId: FOLDER }],
    ["what one owner has at the top", { ...live, ownerId: OWNER, atTop: true }],
    ["a state in a folder", { ...live, folderId: FOLDER, states: ["DEGRADED"] }],
  ];
  const cases = filters.flatMap(([name, filter]) => FIELDS.map((field) => ({ name, filter, field })));

  it.each(cases)("of $name by $field looks at no more files than it shows", async ({ filter, field }) => {
    await expectLean(filter, field, { count: 10, backward: false });
    await expectLean(filter, field, { count: 10, backward: true });
  });

  it.each([
    { search: "rep" },
    { search: "grosse final", ownerId: OWNER },
    { search: "!!", ownerId: OWNER },
    { search: "holi", states: ["FAILED" as const], folderId: FOLDER },
    { search: "draft", anonymous: true, archived: true },
    { ...live, ownerId: OWNER, folderId: FOLDER, createdAfter: new Date(START), states: ["STORED" as const] },
    { createdAfter: new Date(START), createdBefore: new Date(START + 3_600_000) },
    { anonymous: true, folderId: FOLDER },
    { atTop: true, states: ["STORED" as const] },
    { ownerRole: "PREMIUM" as const, folderId: FOLDER },
    { search: "rep", beside: { ...BESIDE, ownerIds: ["other-1", "other-3"], archiverIds: [ARCHIVER] } },
    { search: "rep", archived: false, ownerRole: "FREE" as const, beside: { ...BESIDE, folderIds: [DEEP] } },
  ])("of %j reads an index, in any order, and so does its count", async (filter) => {
    for (const field of FIELDS) {
      const order = { field, descending: true };
      const plans = await explained(() => files.list(filter, order, { count: 10, backward: false }));
      expect(plans.flatMap(({ queryPlanner }) => indexesOf(queryPlanner.winningPlan))).not.toContain(
        "COLLSCAN",
      );
    }
    const counts = await explained(() => files.count(filter));
    expect(counts.length).toBeGreaterThan(0);
    expect(counts.flatMap(({ queryPlanner }) => indexesOf(queryPlanner.winningPlan))).not.toContain(
      "COLLSCAN",
    );
  });

  it("found by its owner, its folder, its id or who archived it reads no more files than there are", async () => {
    const fileIds = (await files.list({ ownerId: "other-1" }, { field: "NAME", descending: false }, page(3)))
      .items;
    const beside = {
      ownerIds: ["other-3", "other-5"],
      folderIds: [newId()],
      fileIds: fileIds.map(({ node }) => node.id),
      archiverIds: [ARCHIVER],
    };
    const filter = { search: "nothing is called so", beside };

    const [plan] = await explained(() => files.list(filter, { field: "NAME", descending: false }, page(100)));
    const found = await files.list(filter, { field: "NAME", descending: false }, page(100));

    const { totalDocsExamined = 0 } = plan?.executionStats ?? {};
    const all = await files.count(filter);
    expect(found.items).toHaveLength(100);
    expect(totalDocsExamined).toBeLessThanOrEqual(all * 1.1);
    expect(all).toBeLessThan(COUNT / 2);
    expect(new Set(found.items.map(({ node }) => node.id)).size).toBe(100);
  });

  it.each<[string, FileFilter, number]>([
    ["an owner's", { ...live, ownerId: OWNER, states: ["STORED"] }, 1],
    ["a role's", { ...live, ownerRole: "PREMIUM" }, 1],
    ["everybody's", live, 4],
    ["what somebody archived", { archived: true, archivedById: ARCHIVER }, 1],
  ])("is counted by an index alone: %s", async (_name, filter, lists) => {
    const counts = await explained(() => files.count(filter));

    expect(counts).toHaveLength(lists);
    for (const { executionStats } of counts) expect(executionStats.totalDocsExamined).toBe(0);
  });
});

describe("the indexes of files", () => {
  it("are nine at most, and each serves a query", async () => {
    const page = { count: 10, backward: false };
    const mine = { ownerId: OWNER, archived: false };
    const place = { name: "a", folderId: undefined };
    const list = (field: FileOrderField) => () => files.list(mine, { field, descending: true }, page);
    const queries: Readonly<Record<string, () => Promise<unknown>>> = {
      "a file": () => files.find(newId()),
      "a list by name": list("NAME"),
      "a list by size": list("SIZE"),
      "a list by time": list("CREATED_AT"),
      "a list by state": list("STATE"),
      "a count": () => files.count(mine),
      "a search": () => files.list({ ...mine, search: "899" }, { field: "NAME", descending: false }, page),
      "what is in a folder": () => files.below(DEEP, 10),
      "a folder's sums": () => files.tally([DEEP, FOLDER], false),
      "whether a name is taken": () => places.isTaken(OWNER, place),
      "what an upload made": () => files.findUpload(OWNER, "the key of one"),
      "uploads that died": () => files.abandoned(10),
      "files to count": () => files.uncounted(10),
      "moves that died": () => places.unfinished(10),
      "purges to open": () => archive.unopened("due", 10),
      "a folder's purges to open": () => archive.unopened({ parentId: FOLDER }, 10),
      "uploads to record": () => happenings.unrecorded(10),
      "files to hand over": () => archive.uncountedOf(OWNER, 10),
      "files past their time": () => archive.expired(7, 10),
      "what came without an account and is over": () => archive.over(10),
      "a user's files": () => archive.countOf({ ownerId: OWNER }),
      "files for a run": () => archive.pageAfter(mine, "", new Date(), 10),
    };

    const served = new Map<string, string[]>();
    for (const [name, work] of Object.entries(queries)) {
      for (const { queryPlanner } of await explained(work)) {
        for (const index of indexesOf(queryPlanner.winningPlan)) {
          served.set(index, [...new Set([...(served.get(index) ?? []), name])]);
        }
      }
    }

    const indexes = (await connection.collection("files").listIndexes().toArray()) as { name: string }[];
    const table = indexes.map(({ name }) => `${name}: ${served.get(name)?.join(", ") ?? "NOTHING"}`);
    process.stdout.write(`The indexes of files, and what each serves:\n  ${table.join("\n  ")}\n`);
    expect(indexes.length).toBeLessThanOrEqual(9);
    expect([...served.keys()].sort()).toEqual(indexes.map(({ name }) => name).sort());
  });

  it("of an older version are dropped at a start, and its files are found again", async () => {
    const collection = connection.collection<{ _id: string }>("files");
    await collection.createIndex({ ownerId: 1, archivedAt: 1, _id: 1 });
    const older = newId();
    const gone = { lists: 1, terms: 1, words: 1, due: 1 };
    await putFiles(collection, [{ _id: older, name: "Older Than That.txt", ownerId: "older" }]);
    await collection.updateOne({ _id: older }, { $unset: gone as never });

    await files.syncIndexes();

    const found = await files.list(
      { search: "than older", ownerId: "older", archived: false },
      { field: "NAME", descending: false },
      { count: 10, backward: false },
    );
    expect(found.items.map(({ node }) => node.id)).toEqual([older]);
    expect(await collection.listIndexes().toArray()).toHaveLength(9);
  });
});
