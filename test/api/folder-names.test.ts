import "reflect-metadata";
import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../support/audit.js";
import type { Database } from "../support/audit.js";
import { eventually } from "../support/eventually.js";
import { expectFolderTree } from "../support/folder-tree.js";
import type { FolderRow } from "../support/folder-tree.js";
import { UploadFilesDocument } from "../support/generated/sdk.js";
import { sendMultipart } from "../support/graphql.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";

const MANY = 8;

type Policy = "FAIL" | "RENAME" | "REPLACE";

let t: TestServer;
let database: Database;
let owner: Person;

beforeAll(async () => {
  t = await startServer({ environment: { QUOTA_FREE: "1GiB, 10000, 1GiB, 4" } });
  database = await openDatabase(t.world);
  owner = await t.user();
});
afterEach(() => expectFolderTree(database));
afterAll(async () => {
  await database.close();
  await t.close();
});

async function folder(name: string, parentId?: string, onConflict?: Policy): Promise<string> {
  const input = { name, ...(parentId === undefined ? {} : { parentId }) };
  return (await owner.createFolder({ input, ...(onConflict && { onConflict }) })).createFolder.id;
}

async function namesIn(parentId: string): Promise<string[]> {
  const { folders } = await owner.folders({ parentId, first: 100 });
  return folders.nodes.map(({ name }) => name);
}

const nameOf = async (id: string) => (await owner.folder({ id })).folder.name;
const times = <T>(make: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: MANY }, (_, i) => make(i)));
const atOnce = <T>(make: (i: number) => Promise<T>) =>
  Promise.allSettled(Array.from({ length: MANY }, (_, i) => make(i)));
const won = (outcomes: readonly PromiseSettledResult<unknown>[]) =>
  outcomes.filter(({ status }) => status === "fulfilled").length;
const refused = (outcomes: readonly PromiseSettledResult<unknown>[]) =>
  outcomes.flatMap((one) => (one.status === "rejected" ? [(one.reason as { code: string }).code] : []));
/** Plan, Plan (2), … */
const numbered = (count: number) =>
  Array.from({ length: count }, (_, i) => (i === 0 ? "Plan" : `Plan (${i + 1})`));

function send(folderName: string, paths: readonly string[], parentId: string) {
  const body = { files: paths.map(() => null), paths, folderName, parentId };
  const files = paths.map((_, i) => ({
    path: `variables.files.${i}`,
    name: "upload",
    bytes: randomBytes(50),
  }));
  return sendMultipart(t.url, owner.accessToken, UploadFilesDocument, body, files) as Promise<{
    uploadFiles: { id: string; name: string; failedUploads: unknown[] };
  }>;
}

describe("a new folder", { timeout: 120_000 }, () => {
  it("gets a number, is refused or replaces the other, as it is told", async () => {
    const into = await folder("new ones");
    const first = await folder("Plan", into);

    const second = await folder("PLAN", into);
    const fresh = await folder("plan", into, "REPLACE");

    await expect(folder("plaN", into, "FAIL")).rejects.toMatchObject({
      code: "CONFLICT",
      extensions: { field: ["name"] },
    });
    expect([await nameOf(second), await nameOf(fresh)]).toEqual(["PLAN (2)", "plan"]);
    expect(await namesIn(into)).toEqual(["plan", "PLAN (2)"]);
    const { archivedFolders } = await owner.archivedFolders({});
    expect(archivedFolders.nodes).toMatchObject([{ id: first, name: "Plan" }]);
  });

  it("shares its name with none of many that are made at once", async () => {
    const [free, strict] = [await folder("free"), await folder("strict")];

    await times((i) => folder(i % 2 === 0 ? "Plan" : "plan", free));
    const outcomes = await atOnce(() => folder("Plan", strict, "FAIL"));

    const names = (await namesIn(free)).map((name) => name.toLowerCase());
    expect(new Set(names).size).toBe(MANY);
    expect([won(outcomes), await namesIn(strict)]).toEqual([1, ["Plan"]]);
    expect(new Set(refused(outcomes))).toEqual(new Set(["CONFLICT"]));
  });

  it("of an upload gets a number too, many at once with all their files", async () => {
    const into = await folder("uploads");

    const sent = await times(() => send("Plan", ["a/1.txt", "A/2.txt"], into));

    expect((await namesIn(into)).sort()).toEqual(numbered(MANY).sort());
    expect(sent.flatMap(({ uploadFiles }) => uploadFiles.failedUploads)).toEqual([]);
    for (const { uploadFiles } of sent) {
      expect((await owner.folder({ id: uploadFiles.id })).folder.fileCount).toBe(2);
      expect((await namesIn(uploadFiles.id)).map((name) => name.toLowerCase())).toEqual(["a"]);
    }
  });
});

describe("a renamed folder", { timeout: 120_000 }, () => {
  it("is refused, gets a number or replaces the other; its own name in other letters is free", async () => {
    const into = await folder("renamed");
    const [plan, other] = [await folder("Plan", into), await folder("Other", into)];
    const inside = (await owner.upload(randomBytes(10), { name: "in.txt", folderId: plan })).id;

    await expect(owner.renameFolder({ id: other, name: "PLAN" })).rejects.toMatchObject({
      code: "CONFLICT",
      extensions: { field: ["name"] },
    });
    const { renameFolder } = await owner.renameFolder({ id: other, name: "PLAN", onConflict: "RENAME" });
    await owner.renameFolder({ id: plan, name: "pLaN" });
    expect([renameFolder.name, await nameOf(plan)]).toEqual(["PLAN (2)", "pLaN"]);

    await owner.renameFolder({ id: other, name: "Plan", onConflict: "REPLACE" });

    expect(await namesIn(into)).toEqual(["Plan"]);
    const { restoreFolders } = await owner.restoreFolders({ ids: [plan] });
    expect(restoreFolders).toMatchObject([{ name: "pLaN (2)", fileCount: 1 }]);
    expect((await owner.file({ id: inside })).file.folder?.id).toBe(plan);
  });

  it("is one of many that want one name at once", async () => {
    const [strict, replacing] = [await folder("strict names"), await folder("replacing names")];
    const strictOnes = await times((i) => folder(`s${i}`, strict));
    const replacingOnes = await times((i) => folder(`r${i}`, replacing));

    const outcomes = await atOnce((i) => owner.renameFolder({ id: strictOnes[i] ?? "", name: "Plan" }));
    expect(won(outcomes)).toBe(1);
    expect(new Set(refused(outcomes))).toEqual(new Set(["CONFLICT"]));

    const replaced = await atOnce((i) =>
      owner.renameFolder({ id: replacingOnes[i] ?? "", name: "Plan", onConflict: "REPLACE" }),
    );
    const left = (await namesIn(replacing)).filter((name) => name.startsWith("Plan"));
    expect([refused(replaced).filter((code) => code !== "CONFLICT"), left]).toEqual([[], ["Plan"]]);
  });
});

describe("a moved folder", { timeout: 120_000 }, () => {
  it("is refused with all that go with it, gets a number or replaces the other", async () => {
    const [from, other, into] = [await folder("from"), await folder("other"), await folder("into")];
    const [plan, loose] = [await folder("Plan", from), await folder("Loose", from)];
    const [same, there] = [await folder("plan", other), await folder("PLAN", into)];
    const isTaken = { code: "CONFLICT", extensions: { field: ["onConflict"] } };

    for (const [ids, folderId] of [
      [[loose, plan], into],
      [[loose, plan, same], await folder("empty")],
    ] as const)
      await expect(owner.moveFolders({ ids: [...ids], folderId })).rejects.toMatchObject(isTaken);
    expect(await namesIn(from)).toEqual(["Loose", "Plan"]);

    await owner.moveFolders({ ids: [plan, loose], folderId: into, onConflict: "RENAME" });
    expect(await namesIn(into)).toEqual(["Loose", "PLAN", "Plan (2)"]);
    await owner.moveFolders({ ids: [same], folderId: into, onConflict: "REPLACE" });
    expect(await namesIn(into)).toEqual(["Loose", "plan", "Plan (2)"]);
    expect((await owner.restoreFolders({ ids: [there] })).restoreFolders[0]?.name).toBe("PLAN (3)");
  });

  it("cannot replace what it lies in", async () => {
    const outer = await folder("Nest", await folder("nests"));
    const inner = await folder("Nest", outer);
    const { folderPath } = await owner.folderPath({ id: outer });

    const moving = owner.moveFolders({
      ids: [inner],
      folderId: folderPath[0]?.id ?? "",
      onConflict: "REPLACE",
    });

    await expect(moving).rejects.toMatchObject({ code: "CONFLICT", extensions: { field: ["onConflict"] } });
    expect((await owner.folderPath({ id: inner })).folderPath).toHaveLength(3);
  });

  it("keeps its files and shares its name with none of many that come at once", async () => {
    const from = await folder("sources");
    const sources = await times(async (i) => {
      const id = await folder("Plan", await folder(`source ${i}`, from));
      await owner.upload(randomBytes(10), { name: `${i}.txt`, folderId: id });
      return id;
    });
    const [strict, free, replacing] = [
      await folder("strict move"),
      await folder("free move"),
      await folder("replacing move"),
    ];
    const moveAll = (folderId: string, onConflict: Policy) =>
      atOnce((i) => owner.moveFolders({ ids: [sources[i] ?? ""], folderId, onConflict }));

    expect(won(await moveAll(strict, "FAIL"))).toBe(1);
    expect(won(await moveAll(free, "RENAME"))).toBe(MANY);
    expect((await namesIn(free)).sort()).toEqual(numbered(MANY).sort());
    for (const id of sources) expect((await owner.folder({ id })).folder.fileCount).toBe(1);

    await times((i) => owner.renameFolder({ id: sources[i] ?? "", name: `Plan ${i}` }));
    await times(async (i) => {
      const own = await folder(`own ${i}`, from);
      await owner.moveFolders({ ids: [sources[i] ?? ""], folderId: own });
      await owner.renameFolder({ id: sources[i] ?? "", name: "Plan" });
    });
    expect(refused(await moveAll(replacing, "REPLACE"))).toEqual([]);
    expect(await namesIn(replacing)).toEqual(["Plan"]);
    const { archivedFolders } = await owner.archivedFolders({ first: 100 });
    expect(archivedFolders.nodes.filter(({ id }) => sources.includes(id))).toHaveLength(MANY - 1);
    await owner.restoreFolders({ ids: sources });
    for (const id of sources) expect((await owner.folder({ id })).folder.fileCount).toBe(1);
    expect((await namesIn(replacing)).sort()).toEqual(numbered(MANY).sort());
  });
});

describe("a restored folder", { timeout: 120_000 }, () => {
  it("gets a number when its name is taken, many at once, each with what was in it", async () => {
    const into = await folder("restored");
    const archived: string[] = [];
    for (let i = 0; i < MANY; i += 1) {
      const id = await folder("Plan", into);
      await owner.upload(randomBytes(10), { name: `${i}.txt`, folderId: await folder("inner", id) });
      await owner.archiveFolders({ ids: [id] });
      archived.push(id);
    }
    expect(await namesIn(into)).toEqual([]);

    await times((i) => owner.restoreFolders({ ids: [archived[i] ?? ""] }));

    expect((await namesIn(into)).sort()).toEqual(numbered(MANY).sort());
    for (const id of archived) {
      expect((await owner.folder({ id })).folder.fileCount).toBe(1);
      expect(await namesIn(id)).toEqual(["inner"]);
    }
  });

  it("comes to the top under a number when its parent is archived and the name is taken there", async () => {
    const parent = await folder("shut parent");
    const child = await folder("Top", parent);
    await owner.archiveFolders({ ids: [parent] });
    await folder("top");

    const { restoreFolders } = await owner.restoreFolders({ ids: [child] });

    expect(restoreFolders).toMatchObject([{ name: "Top (2)", parent: null }]);
  });
});

describe(
  "folders that are moved, archived, restored, made and renamed from all sides at once",
  { timeout: 120_000 },
  () => {
    it("are all there afterwards, each under one name in one place", async () => {
      const roots = await Promise.all(["x", "y", "z"].map((name) => folder(`root ${name}`)));
      const ids = await times(async (i) => {
        const id = await folder("Plan", roots[i % 3]);
        await owner.upload(randomBytes(10), { name: "in.txt", folderId: id });
        return id;
      });
      const rootOf = (i: number) => roots[i % 3] ?? "";

      await Promise.allSettled(
        ids.flatMap((id, i) => [
          owner.moveFolders({ ids: [id], folderId: rootOf(i + 1), onConflict: "RENAME" }),
          owner.archiveFolders({ ids: [id] }).then(() => owner.restoreFolders({ ids: [id] })),
          owner.renameFolder({ id, name: "Plan", onConflict: "RENAME" }),
          i % 7 === 0 ? owner.archiveFolders({ ids: [rootOf(i)] }) : folder("Plan", rootOf(i)),
        ]),
      );
      await owner.restoreFolders({ ids: roots });
      await owner.restoreFolders({ ids });

      await expectFolderTree(database);
      for (const id of ids) {
        const { folder: found } = await owner.folder({ id });
        expect([found.fileCount, found.name.startsWith("Plan")]).toEqual([1, true]);
      }
    });
  },
);

describe("folders whose server died", { timeout: 120_000 }, () => {
  const folders = () => database.db.collection<FolderRow>("folders");
  const dead = (intended: object) => ({
    ...{ to: "PLACED", unit: "dead", through: [], dueAt: new Date(0), intended },
  });

  it("after it had archived the one to replace take its place; before that they stay as they were", async () => {
    const into = await folder("replacing dead");
    const [gone, kept] = [await folder("Gone", into), await folder("Kept", into)];
    const [one, two] = [await folder("one", into), await folder("two", into)];
    await owner.archiveFolders({ ids: [gone] });
    for (const [id, name] of [
      [one, "Gone"],
      [two, "Kept"],
    ])
      await folders().updateOne({ _id: id ?? "" }, { $set: { change: dead({ name, parentId: into }) } });

    await eventually(
      () => folders().countDocuments({ "change.unit": "dead" }),
      (left) => left === 0,
      30_000,
    );
    expect([await nameOf(one), await nameOf(two), await nameOf(kept)]).toEqual(["Gone", "two", "Kept"]);
  });

  it("go to an heir under numbers where he has such names", async () => {
    const [giver, heir, admin] = [await t.user(), await t.user(), await t.administrator()];
    for (const person of [giver, heir]) {
      const { id } = (await person.createFolder({ input: { name: "Plan" } })).createFolder;
      await person.createFolder({ input: { name: "inner", parentId: id } });
    }
    await admin.archiveUsers({ ids: [giver.id] });
    await admin.purgeUsers({ ids: [giver.id], handOverTo: heir.id });

    const names = await eventually(
      async () => (await heir.folders({})).folders.nodes.map(({ name }) => name),
      (found) => found.includes("Plan (2)"),
      30_000,
    );

    expect(names).toEqual(["Plan", "Plan (2)"]);
  });
});
