import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../support/audit.js";
import type { Database } from "../support/audit.js";
import { eventually } from "../support/eventually.js";
import type { FileWhere } from "../support/generated/sdk.js";
import { startServer, startWorld } from "../support/start-server.js";
import type { Person, TestServer, World } from "../support/start-server.js";

let world: World;
let t: TestServer;
let database: Database;
let admin: Person;
let free: Person;
let premium: Person;
let folderId: string;
let freeEmail: string;

beforeAll(async () => {
  world = await startWorld();
  t = await startServer({ world });
  database = await openDatabase(t.world);
  admin = await t.administrator();
  [free, premium] = [await t.user(), await t.user()];
  await admin.updateUser({ id: free.id, input: { username: "ada.free" } });
  await admin.updateUser({ id: premium.id, input: { username: "paula.premium" } });
  freeEmail = (await free.me()).me.email;
  await free.upload(Buffer.from("f"), { name: "free.txt" });
  await premium.upload(Buffer.from("p"), { name: "premium.txt" });
  await admin.upload(Buffer.from("a"), { name: "admin.txt" });
  const { createFolder } = await premium.createFolder({ input: { name: "Sommerfest 2025" } });
  folderId = createFolder.id;
  const inner = await premium.createFolder({ input: { name: "inner", parentId: folderId } });
  await premium.upload(Buffer.from("i"), { name: "deep.txt", folderId: inner.createFolder.id });
  await admin.updateUser({ id: premium.id, input: { role: "PREMIUM" } });
  await hasFollowed("premium.txt", "deep.txt");
  await premium.upload(Buffer.from("q"), { name: "later.txt" });
});
afterAll(async () => {
  await database.close();
  await t.close();
  await world.close();
});

/** Waits until files are found by their owner's new role; while they follow, lists and counts are of different moments. */
async function hasFollowed(...wanted: string[]): Promise<void> {
  await eventually(
    async () => (await admin.files({ where: { ownerRole: "PREMIUM" }, first: 100 })).files.nodes,
    (nodes) => wanted.every((name) => nodes.some((node) => node.name === name)),
  );
}

async function namesOf(person: Person, where: FileWhere): Promise<string[]> {
  const { files } = await person.files({ where, first: 100, orderBy: { field: "NAME", direction: "ASC" } });
  expect(files.totalCount).toBe(files.nodes.length);
  return files.nodes.map(({ name }) => name);
}

describe("a list by the owner's role", () => {
  it("has what was uploaded before and after the role changed, each file under one role", async () => {
    const lists = () =>
      Promise.all((["FREE", "PREMIUM", "ADMIN"] as const).map((ownerRole) => namesOf(admin, { ownerRole })));
    expect(await lists()).toEqual([["free.txt"], ["deep.txt", "later.txt", "premium.txt"], ["admin.txt"]]);
    expect(await namesOf(admin, {})).toHaveLength(5);
    expect(await namesOf(admin, { ownerRole: "PREMIUM", folderId })).toEqual([]);
    expect(await namesOf(admin, { ownerRole: "PREMIUM", search: "lat" })).toEqual(["later.txt"]);
    expect(await namesOf(admin, { ownerRole: "PREMIUM", ownerId: free.id })).toEqual([]);
    expect(await namesOf(admin, { ownerRole: "PREMIUM", anonymous: true })).toEqual([]);
  });

  it("shows its own files alone to whoever is no administrator", async () => {
    expect(await namesOf(free, { ownerRole: "FREE" })).toEqual(["free.txt"]);
    expect(await namesOf(free, { ownerRole: "ADMIN" })).toEqual([]);
  });

  it("has the files of an older version, whose roles were not kept", async () => {
    const older = { lists: ["LIVE somebody", `LIVE @${premium.id}`, `LIVE ^${premium.id}`] };
    const files = database.db.collection("files");
    await files.updateOne({ name: "premium.txt" }, { $set: older, $unset: { ownerRole: 1 } });

    const newer = await startServer({ world });
    try {
      await hasFollowed("premium.txt");
      expect(await namesOf(admin, { ownerRole: "FREE" })).toEqual(["free.txt"]);
    } finally {
      await newer.close();
    }
  });
});

describe("an administrator's search of everybody's files", () => {
  it.each([
    ["a user name", "ada", ["free.txt"]],
    ["the middle of a user name", "Premium", ["deep.txt", "later.txt", "premium.txt"]],
    ["a folder's name, at any depth", "sommer 2025", ["deep.txt"]],
    ["a name", "deep", ["deep.txt"]],
    ["nothing", "zebra", []],
    ["what only a pattern would match", ".*", []],
  ])("finds by %s", async (_what, search, names) => {
    expect(await namesOf(admin, { search })).toEqual(names);
  });

  it("finds by an e-mail address, an id and a share link", async () => {
    const { id } = (await free.files({ where: {} })).files.nodes[0] ?? { id: "" };
    const { url } = (await free.createShareLink({ input: { fileId: id } })).createShareLink;
    const shared = await premium.createShareLink({ input: { folderId } });

    expect(await namesOf(admin, { search: freeEmail })).toEqual(["free.txt"]);
    expect(await namesOf(admin, { search: id })).toEqual(["free.txt"]);
    expect(await namesOf(admin, { search: ` ${url} ` })).toEqual(["free.txt"]);
    expect(await namesOf(admin, { search: url.split("/").at(-1) ?? "" })).toEqual(["free.txt"]);
    expect(await namesOf(admin, { search: shared.createShareLink.url })).toEqual(["deep.txt"]);
    expect(await namesOf(admin, { search: `${url.slice(0, -1)}!` })).toEqual([]);
    expect(await namesOf(admin, { search: id, ownerRole: "PREMIUM" })).toEqual([]);
  });

  it("is for names alone for everybody else", async () => {
    for (const search of ["ada", freeEmail, "sommer"]) {
      expect(await namesOf(free, { search })).toEqual([]);
    }
  });

  it("finds what somebody archived, as the list of what he archived does", async () => {
    const { id } = (await free.files({ where: {} })).files.nodes[0] ?? { id: "" };
    await admin.archiveFiles({ ids: [id] });
    const { id: own } = (await admin.files({ where: { search: "later" } })).files.nodes[0] ?? { id: "" };
    await premium.archiveFiles({ ids: [own] });
    const me = (await admin.me()).me;

    expect(await namesOf(admin, { archived: true, search: me.username })).toEqual(["free.txt"]);
    expect(await namesOf(admin, { archivedById: me.id })).toEqual(["free.txt"]);
    expect(await namesOf(admin, { archivedById: premium.id, ownerRole: "PREMIUM" })).toEqual(["later.txt"]);
    expect(await namesOf(admin, { archivedById: free.id })).toEqual([]);
    expect(await namesOf(free, { archivedById: free.id })).toEqual([]);

    await admin.restoreFiles({ ids: [id, own] });
    expect(await namesOf(admin, { archivedById: me.id })).toEqual([]);
  });

  it("knows a folder by its new name, and what an administrator took over from its owner", async () => {
    await premium.renameFolder({ id: folderId, name: "Winterfest" });
    expect(await namesOf(admin, { search: "winter" })).toEqual(["deep.txt"]);
    expect(await namesOf(admin, { search: "sommer" })).toEqual([]);

    await premium.archiveFolders({ ids: [folderId] });
    await admin.archiveFolders({ ids: [folderId] });

    const { id } = (await admin.me()).me;
    expect(await namesOf(admin, { archivedById: id })).toEqual(["deep.txt"]);
    expect(await namesOf(admin, { archivedById: premium.id })).toEqual([]);
    expect((await admin.archivedFolders({ archivedById: id })).archivedFolders.totalCount).toBe(1);
    expect((await admin.archivedFolders({ archivedById: premium.id })).archivedFolders.totalCount).toBe(0);
  });
});
