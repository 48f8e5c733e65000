import "reflect-metadata";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";

let t: TestServer;
let owner: Person;
let other: Person;
let admin: Person;
let trips: string;
let lisbon: string;
let archived: string;

beforeAll(async () => {
  t = await startServer();
  [owner, other, admin] = await Promise.all([t.user(), t.user(), t.administrator()]);
  trips = await folder(owner, "Trips");
  const year = await folder(owner, "2024 été", trips);
  lisbon = await folder(owner, "Lisbon winter trip", year);
  await folder(owner, "!!! urgent");
  await folder(other, "Trip of the other one");
  archived = await folder(owner, "Trip that is over");
  await folder(owner, "Trip inside", archived);
  await owner.archiveFolders({ ids: [archived] });
});
afterAll(() => t.close());

async function folder(person: Person, name: string, parentId?: string): Promise<string> {
  const input = { name, ...(parentId === undefined ? {} : { parentId }) };
  return (await person.createFolder({ input })).createFolder.id;
}

async function found(person: Person, search: string, folderId?: string): Promise<string[]> {
  const { folderSearch } = await person.folderSearch({
    search,
    ...(folderId === undefined ? {} : { folderId }),
    first: 100,
  });
  expect(folderSearch.totalCount).toBe(folderSearch.nodes.length);
  return folderSearch.nodes.map(({ name }) => name);
}

describe("a search for folders", () => {
  it("finds by what words begin with, without regard to case and accents, wherever they lie, by name", async () => {
    expect(await found(owner, "trip")).toEqual(["Lisbon winter trip", "Trips"]);
    expect(await found(owner, "TRI lis")).toEqual(["Lisbon winter trip"]);
    expect(await found(owner, "ete")).toEqual(["2024 été"]);
    expect(await found(owner, "rip")).toEqual([]);
    expect(await found(owner, "!!")).toEqual(["!!! urgent"]);
    expect(await found(owner, "(.*")).toEqual([]);
    expect(await found(owner, " ")).toHaveLength(4);
  });

  it("says where each lies", async () => {
    const { nodes } = (await owner.folderSearch({ search: "lisbon" })).folderSearch;

    expect(nodes).toMatchObject([{ id: lisbon, path: [{ id: trips, name: "Trips" }, { name: "2024 été" }] }]);
  });

  it("stays in a folder when it is told, at any depth, also after that was moved", async () => {
    const into = await folder(owner, "Shelf");
    expect(await found(owner, "trip", trips)).toEqual(["Lisbon winter trip"]);
    expect(await found(owner, "trip", into)).toEqual([]);

    await owner.moveFolders({ ids: [trips], folderId: into });

    expect(await found(owner, "trip", into)).toEqual(["Lisbon winter trip", "Trips"]);
    await expect(found(other, "trip", into)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await owner.moveFolders({ ids: [trips] });
  });

  it("shows everybody's to administrators alone, and archived ones to nobody until they are restored", async () => {
    expect(await found(admin, "trip")).toEqual(["Lisbon winter trip", "Trip of the other one", "Trips"]);
    expect(await found(admin, "!!!")).toEqual(["!!! urgent"]);
    expect(await found(other, "trip")).toEqual(["Trip of the other one"]);
    await expect(t.anonymous.folderSearch({ search: "trip" })).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
    });

    await owner.restoreFolders({ ids: [archived] });

    expect(await found(owner, "trip")).toHaveLength(4);
  });

  it("follows a new name, and pages without repeating", async () => {
    const person = await t.user();
    const many = await Promise.all(Array.from({ length: 12 }, (_, i) => folder(person, `paged ${i}`)));
    await person.renameFolder({ id: many[0] ?? "", name: "renamed" });

    const seen: string[] = [];
    for (let after: string | null | undefined = undefined; ;) {
      const { folderSearch } = await person.folderSearch({
        search: "paged",
        first: 5,
        ...(after != null && { after }),
      });
      seen.push(...folderSearch.nodes.map(({ id }) => id));
      after = folderSearch.pageInfo.endCursor;
      if (!folderSearch.pageInfo.hasNextPage) break;
    }

    expect(seen.sort()).toEqual(many.slice(1).sort());
    expect(await found(person, "rena")).toEqual(["renamed"]);
    expect(await found(person, randomBytes(8).toString("hex"))).toEqual([]);
  });
});
