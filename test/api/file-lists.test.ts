import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DERIVED } from "../../server/adapters/mongo/file-lists.js";
import { openDatabase } from "../support/audit.js";
import type { Database } from "../support/audit.js";
import { ask } from "../support/ask.js";
import { eventually } from "../support/eventually.js";
import type { FilesQuery, FilesQueryVariables } from "../support/generated/sdk.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";
import { putFiles } from "../support/stored-files.js";
import { newId } from "../../server/kernel/ids.js";

const ROWS = 60;
const FIELDS = ["NAME", "SIZE", "CREATED_AT", "STATE"] as const;
const NAMES = [
  "Annual Report 2024.pdf",
  "annual-review_2023.PDF",
  "Größe & Maße.txt",
  "Crème brûlée (2).jpg",
  "会议记录.docx",
  "c++ notes.md",
  "100% [final] ^draft$.txt",
  "!!! read me",
];

let t: TestServer;
let database: Database;
let owner: Person;
let admin: Person;

beforeAll(async () => {
  t = await startServer();
  database = await openDatabase(t.world);
  [owner, admin] = [await t.user(), await t.administrator()];
});
afterAll(async () => {
  await database.close();
  await t.close();
});

async function namesOf(person: Person, variables: FilesQueryVariables): Promise<string[]> {
  return (await person.files({ first: 100, ...variables })).files.nodes.map(({ name }) => name);
}

describe("a search", () => {
  beforeAll(async () => {
    for (const name of NAMES) await owner.upload(Buffer.from("x"), { name });
  });

  it.each([
    ["ann", ["Annual Report 2024.pdf", "annual-review_2023.PDF"]],
    ["REPORT annual", ["Annual Report 2024.pdf"]],
    ["annual 20", ["Annual Report 2024.pdf", "annual-review_2023.PDF"]],
    ["grosse masse", ["Größe & Maße.txt"]],
    ["GRÖSSE", ["Größe & Maße.txt"]],
    ["creme brulee", ["Crème brûlée (2).jpg"]],
    ["记录", ["会议记录.docx"]],
    ["c++", ["c++ notes.md"]],
    ["^draft", ["100% [final] ^draft$.txt"]],
    ["!!!", ["!!! read me"]],
    ["nnual", []],
    ["annual zebra", []],
    [".*", []],
    ["^", ["100% [final] ^draft$.txt"]],
    ["   ", NAMES],
  ])("for %j finds %j", async (search, names) => {
    expect((await namesOf(owner, { where: { search } })).sort()).toEqual([...names].sort());
  });

  it("finds nobody else's, and everybody's for an administrator", async () => {
    const other = await t.user();
    await other.upload(Buffer.from("x"), { name: "Annual of another.txt" });

    expect(await namesOf(other, { where: { search: "annual" } })).toEqual(["Annual of another.txt"]);
    expect(await namesOf(admin, { where: { search: "annual" } })).toHaveLength(3);
    expect(await namesOf(admin, { where: { search: "annual", ownerId: other.id } })).toHaveLength(1);
    // What others' files are found by is no word of theirs.
    expect(await namesOf(admin, { where: { search: other.id.slice(0, 6) } })).toEqual([]);
    expect(await namesOf(admin, { where: { search: "everybody" } })).toEqual([]);
  });

  it("follows a new name, a copy and a restored file", async () => {
    const person = await t.user();
    const { id } = await person.upload(Buffer.from("x"), { name: "before.txt" });
    const { id: folderId } = (await person.createFolder({ input: { name: "copies" } })).createFolder;

    await person.renameFile({ id, name: "Nachher.txt" });
    await eventually(
      async () => (await person.file({ id })).file.state,
      (state) => state === "STORED",
    );
    await person.copyFiles({ ids: [id], folderId });

    expect(await namesOf(person, { where: { search: "before" } })).toEqual([]);
    expect(await namesOf(person, { where: { search: "nach" } })).toEqual(["Nachher.txt", "Nachher.txt"]);
    await person.archiveFiles({ ids: [id] });
    expect(await namesOf(person, { where: { search: "nach" } })).toHaveLength(1);
    expect(await namesOf(person, { where: { search: "nach", archived: true } })).toHaveLength(1);
    await person.restoreFiles({ ids: [id] });
    expect(await namesOf(person, { where: { search: "nach" } })).toHaveLength(2);
  });

  it("for more than a name can have is refused", async () => {
    const refused = owner.files({ where: { search: "x".repeat(256) } });

    await expect(refused).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
      extensions: { field: ["where", "search"] },
    });
  });
});

describe("pages of files", () => {
  let person: Person;

  beforeAll(async () => {
    person = await t.user();
    // Few sizes, states and moments: what comes next has to be told by the id.
    const facts = (i: number) => ({ sizeBytes: i % 3, createdAt: new Date(1_700_000_000_000 + (i % 4)) });
    await putFiles(
      database.files,
      Array.from({ length: ROWS }, (_, i) => ({
        ...{ _id: newId(), name: `page ${i % 7}`, ownerId: person.id, ...facts(i) },
        state: i % 2 === 0 ? "STORED" : "FAILED",
      })),
    );
  });

  it.each(FIELDS)("by %s have every file once, both ways, with true flags", async (field) => {
    for (const direction of ["ASC", "DESC"] as const) {
      const orderBy = { field, direction };
      const all = (await person.files({ orderBy, first: 100 })).files.nodes.map(({ id }) => id);
      expect(new Set(all).size).toBe(ROWS);

      const forward: string[] = [];
      for (let after: string | null = null, more = true; more;) {
        const { nodes, pageInfo }: FilesQuery["files"] = (await person.files({ orderBy, first: 7, after }))
          .files;
        expect(pageInfo.hasPreviousPage).toBe(forward.length > 0);
        forward.push(...nodes.map(({ id }) => id));
        expect(pageInfo.hasNextPage).toBe(forward.length < ROWS);
        [after, more] = [pageInfo.endCursor ?? null, pageInfo.hasNextPage];
      }
      expect(forward).toEqual(all);

      const backward: string[] = [];
      for (let before: string | null = null, more = true; more;) {
        const { nodes, pageInfo }: FilesQuery["files"] = (await person.files({ orderBy, last: 7, before }))
          .files;
        expect(pageInfo.hasNextPage).toBe(backward.length > 0);
        backward.unshift(...nodes.map(({ id }) => id));
        expect(pageInfo.hasPreviousPage).toBe(backward.length < ROWS);
        [before, more] = [pageInfo.startCursor ?? null, pageInfo.hasPreviousPage];
      }
      expect(backward).toEqual(all);
    }
  });

  it("say that nothing comes before, once that is gone", async () => {
    const alone = await t.user();
    await alone.upload(Buffer.from("x"), { name: "a" });
    const last = await alone.upload(Buffer.from("x"), { name: "b" });
    const orderBy = { field: "NAME", direction: "ASC" } as const;
    const after = (await alone.files({ orderBy, first: 1 })).files.pageInfo.endCursor ?? null;

    const before = (await alone.files({ orderBy, after })).files;
    const [first] = (await alone.files({ orderBy, first: 1 })).files.nodes;
    await alone.archiveFiles({ ids: [first?.id ?? ""] });
    const afterwards = (await alone.files({ orderBy, after })).files;

    expect([before.nodes[0]?.id, before.pageInfo.hasPreviousPage]).toEqual([last.id, true]);
    expect([afterwards.nodes[0]?.id, afterwards.pageInfo.hasPreviousPage]).toEqual([last.id, false]);
  });

  it("refuse cursors of another order, and what is none", async () => {
    const orderBy = { field: "NAME", direction: "ASC" } as const;
    const { endCursor } = (await person.files({ orderBy, first: 1 })).files.pageInfo;
    const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const id = newId();
    const wrong = [
      ...["", "x", "e30", "null", endCursor?.slice(0, -4) ?? "", forged(["sizeBytes", 1, id])],
      ...[
        forged(["createdAt", { $gt: 0 }, id]),
        forged(["createdAt", { date: 1e20 }, id]),
        forged(["createdAt"]),
      ],
    ];
    for (const cursor of [endCursor ?? "", ...wrong]) {
      await expect(person.files({ after: cursor })).rejects.toMatchObject({
        ...{ code: "BAD_USER_INPUT", extensions: { field: ["after"] } },
      });
      await expect(person.files({ last: 3, before: cursor })).rejects.toMatchObject({
        ...{ code: "BAD_USER_INPUT", extensions: { field: ["before"] } },
      });
    }
  });

  it.each([
    [{ first: 0 }, "first"],
    [{ first: 101 }, "first"],
    [{ first: -1 }, "first"],
    [{ last: 0 }, "last"],
    [{ last: 101 }, "last"],
    [{ first: 5, last: 5 }, "first"],
    [{ first: 5, before: "x" }, "first"],
    [{ last: 5, after: "x" }, "first"],
  ])("asked for as %j are refused", async (page, field) => {
    await expect(person.files(page)).rejects.toMatchObject({
      ...{ code: "BAD_USER_INPUT", extensions: { field: [field] } },
    });
  });

  it("are not counted unless somebody asks", async () => {
    const counts = (): number => t.world.mongo.census()["pipeline stage $group"] ?? 0;
    const query = (fields: string) => ({ query: `{ files { ${fields} } }`, variables: {} });
    const run = async (fields: string): Promise<number> => {
      const before = counts();
      await ask(t.url, person.accessToken, query(fields));
      return counts() - before;
    };

    // Sweeps may count meanwhile.
    await eventually(async () => (await run("nodes { id }")) === 0);
    expect(await run("totalCount")).toBeGreaterThan(0);
  });
});

describe("what files are found by", () => {
  it("stays what they are, whatever is done with them", async () => {
    const [person, heir] = [await t.user(), await t.user()];
    const { id: folderId } = (await person.createFolder({ input: { name: "in" } })).createFolder;
    const upload = async (name: string, into?: string) =>
      (await person.upload(Buffer.from(name), { name, ...(into === undefined ? {} : { folderId: into }) }))
        .id;
    const ids = await Promise.all(["one", "two", "three", "four"].map((name) => upload(name)));
    const [one = "", two = "", three = "", four = ""] = ids;
    await upload("five", folderId);

    await person.moveFiles({ ids: [one], folderId });
    await person.archiveFolders({ ids: [folderId] });
    await person.restoreFolders({ ids: [folderId] });
    await person.archiveFiles({ ids: [two, three] });
    await person.restoreFiles({ ids: [two] });
    await person.purgeFiles({ ids: [three] });
    await person.renameFile({ id: four, name: "fourth" });
    await person.archiveFolders({ ids: [folderId] });
    await admin.archiveUsers({ ids: [person.id] });
    await admin.purgeUsers({ ids: [person.id], handOverTo: heir.id });
    await eventually(async () => (await namesOf(heir, {})).length === 2);

    const { lists, terms, due } = DERIVED.$set;
    const isRight = [
      { $eq: ["$lists", lists] },
      { $eq: ["$terms", terms] },
      { $eq: [{ $ifNull: ["$due", null] }, { $ifNull: [due, null] }] },
    ];
    const wrong = await database.db
      .collection("files")
      .find({ $expr: { $not: [{ $and: isRight }] } })
      .toArray();
    expect(wrong).toEqual([]);
  });
});
