import "reflect-metadata";
import mongoose from "mongoose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startDatabase } from "../support/database.js";
import { MongoAccounts } from "../../server/adapters/mongo/mongo-accounts.js";
import { MongoStatistics } from "../../server/adapters/mongo/mongo-statistics.js";
import { MongoUsage } from "../../server/adapters/mongo/mongo-usage.js";
import { MongoFiles } from "../../server/adapters/mongo/mongo-files.js";
import { MongoFolders } from "../../server/adapters/mongo/mongo-folders.js";
import { MongoOwnerRoles } from "../../server/adapters/mongo/mongo-owner-roles.js";
import { MongoUserArchive } from "../../server/adapters/mongo/mongo-user-archive.js";
import { MongoUserDirectory } from "../../server/adapters/mongo/mongo-user-directory.js";
import { emailFacts, usernameFacts } from "../../server/adapters/mongo/user-document.js";
import { DERIVED } from "../../server/adapters/mongo/user-lists.js";
import type { UserFilter, UserOrderField } from "../../server/admin/users.ports.js";
import { newId } from "../../server/kernel/ids.js";
import { explain, indexesOf } from "../support/explained.js";
import type { Command, Explained } from "../support/explained.js";

const COUNT = 2_000;
const FIELDS: readonly UserOrderField[] = ["NAME", "CREATED_AT", "USAGE"];
const START = Date.UTC(2026, 0, 1);

let server: Awaited<ReturnType<typeof startDatabase>>;
let connection: mongoose.Connection;
let accounts: MongoAccounts;
let directory: MongoUserDirectory;
const sent: Command[] = [];

beforeAll(async () => {
  server = await startDatabase();
  connection = await mongoose
    .createConnection(server.uri, {
      dbName: "users",
      monitorCommands: true,
      autoIndex: false,
      autoCreate: false,
    })
    .asPromise();
  accounts = new MongoAccounts(connection);
  directory = new MongoUserDirectory(connection);
  await accounts.syncIndexes();
  const users = connection.collection<{ _id: string }>("users");
  await users.insertMany(Array.from({ length: COUNT }, (_, i) => userAt(i)));
  await users.updateMany({}, [DERIVED]);
  connection.getClient().on("commandStarted", ({ command }) => sent.push(command));
});
afterAll(async () => {
  await connection.close();
  await server.close();
});

/** One in five archived, one in four with a larger role, many made at one moment and with the same use. */
function userAt(i: number) {
  const domain = i % 3 === 0 ? "mail.example.org" : "example.com";
  return {
    _id: newId(),
    ...usernameFacts(`${["ada", "Bob_the", "Grace"][i % 3]}.Person-${i}`),
    ...emailFacts(`${["jürgen", "o'hara+news", "li"][i % 3]}.${i}@${domain}`),
    role: ["FREE", "FREE", "FREE", "PREMIUM"][(i >> 2) % 4],
    ...{ createdAt: new Date(START + (i >> 2) * 60_000), bytesUsed: (i * 7) % 50, fileCount: 0 },
    ...(i % 5 === 3 ? { archivedAt: new Date(START + i * 1_000) } : {}),
  };
}

const explained = (work: () => Promise<unknown>): Promise<Explained[]> =>
  explain(connection, "users", sent, work);

async function names(filter: Partial<UserFilter>): Promise<string[]> {
  const order = { field: "NAME", descending: false } as const;
  const page = { count: 100, backward: false };
  const { items } = await directory.list({ archived: false, ...filter }, order, page);
  return items.map(({ node }) => node.username);
}

describe("a list of users", () => {
  const filters: readonly [string, UserFilter][] = [
    ["all", { archived: false }],
    ["those archived", { archived: true }],
    ["one role", { archived: false, role: "PREMIUM" }],
    ["archived ones of one role", { archived: true, role: "FREE" }],
  ];
  const cases = filters.flatMap(([name, filter]) => FIELDS.map((field) => ({ name, filter, field })));

  it.each(cases)("of $name by $field looks at no more users than it shows", async ({ filter, field }) => {
    for (const [backward, descending] of [true, false].flatMap((a) => [true, false].map((b) => [a, b]))) {
      const list = (cursor?: string) =>
        directory.list(
          filter,
          { field, descending: descending === true },
          { count: 10, backward: backward === true, ...(cursor === undefined ? {} : { cursor }) },
        );
      const { items } = await list();
      const cursor = (backward === true ? items[0] : items.at(-1))?.cursor;
      expect(items).toHaveLength(10);
      for (const work of [() => list(), () => list(cursor)]) {
        for (const { queryPlanner, executionStats } of await explained(work)) {
          const { nReturned, totalDocsExamined } = executionStats;
          expect(nReturned).toBeGreaterThan(0);
          expect(totalDocsExamined / nReturned).toBeLessThanOrEqual(1.1);
          expect(JSON.stringify(queryPlanner)).not.toMatch(/COLLSCAN|"SORT"/);
        }
      }
    }
  });

  it.each<UserFilter>([
    { archived: false, search: "person-77" },
    { archived: false, search: "jurgen 77" },
    { archived: true, search: "mail.example" },
    { archived: false, role: "PREMIUM", search: "ohara" },
    { archived: false, search: "nowhere" },
  ])("of %j reads an index, in any order, and so does its count", async (filter) => {
    const page = { count: 10, backward: false };
    const works = FIELDS.map((field) => () => directory.list(filter, { field, descending: true }, page));
    for (const work of [...works, () => directory.count(filter)]) {
      const plans = await explained(work);
      expect(plans.length).toBeGreaterThan(0);
      expect(plans.flatMap(({ queryPlanner }) => indexesOf(queryPlanner.winningPlan))).not.toContain(
        "COLLSCAN",
      );
    }
  });

  it("looks, for a search, only at those that it finds", async () => {
    const [found] = await explained(() => names({ search: "person-177" }));

    expect(found?.executionStats).toMatchObject({ nReturned: 9, totalDocsExamined: 9 });
  });

  it("is counted by an index alone", async () => {
    const [counted] = await explained(() => directory.count({ archived: false, role: "PREMIUM" }));

    expect(counted?.executionStats.totalDocsExamined).toBe(0);
  });
});

describe("a search of users", () => {
  it.each([
    ["how a name begins", "ADA.person-12", "ada.Person-12"],
    ["a word in a name", "person-1234", "Bob_the.Person-1234"],
    ["how an address begins", "Jürgen.12@", "ada.Person-12"],
    ["another letter for the same", "jurgen.12@", "ada.Person-12"],
    ["what follows a sign in an address", "12@mail", "ada.Person-12"],
    ["a word of each", "jurgen ada.person-12", "ada.Person-12"],
    ["a sign before a word", "@mail.example.org person-12", "ada.Person-12"],
  ])("finds by %s", async (_how, search, username) => {
    expect((await names({ search }))[0]).toBe(username);
  });

  it.each([
    ["words of different accounts", "jurgen person-1234"],
    ["the middle of a word", "erson"],
    ["a pattern", ".*"],
  ])("finds nobody by %s", async (_what, search) => {
    expect(await names({ search })).toEqual([]);
  });

  it("follows a change of name, of address, and of being archived", async () => {
    const archive = new MongoUserArchive(connection, accounts);
    const facts = {
      role: "FREE" as const,
      passwordHash: "-",
      createdAt: new Date(),
      consentedAt: new Date(),
    };
    const id = newId();
    await accounts.insert({
      id,
      username: "Zoe-Before",
      email: "zoe@before.example",
      ...facts,
    });
    expect(await names({ search: "before" })).toEqual(["Zoe-Before"]);

    await accounts.setUsername(id, "Zoe-After");
    expect(await names({ search: "zoe-b" })).toEqual([]);
    expect(await names({ search: "before.ex" })).toEqual(["Zoe-After"]);
    await accounts.setEmail(id, { from: "zoe@before.example", to: "zoe@after.example" });
    expect(await names({ search: "before" })).toEqual([]);
    await directory.change(id, { username: "Zoe-Last" }, undefined);
    expect(await names({ search: "last after" })).toEqual(["Zoe-Last"]);

    const stamp = { byId: "an administrator", byAdmin: true, reason: undefined };
    await archive.archive(id, stamp, { standingEpoch: 0 });
    expect(await names({ search: "zoe" })).toEqual([]);
    expect(await names({ search: "zoe", archived: true })).toEqual(["Zoe-Last"]);
    await archive.restore(id, { standingEpoch: 1 });
    expect(await names({ search: "zoe" })).toEqual(["Zoe-Last"]);
  });
});

describe("the indexes of users", () => {
  it("each serve a query", async () => {
    const [usage, statistics] = [new MongoUsage(connection), new MongoStatistics(connection)];
    const archive = new MongoUserArchive(connection, accounts);
    const ownerRoles = new MongoOwnerRoles(
      connection,
      new MongoFiles(connection, new MongoFolders(connection)),
    );
    const page = { count: 10, backward: false };
    const list = (field: UserOrderField) => () =>
      directory.list({ archived: false }, { field, descending: true }, page);
    const queries: readonly (() => Promise<unknown>)[] = [
      ...FIELDS.map(list),
      () => names({ search: "person-1234" }),
      () => accounts.find(newId()),
      () => accounts.findByLogin("ada.person-12"),
      () => accounts.findByEmail("li.2@example.com"),
      () => accounts.hasAdministrator(),
      () => accounts.hasAdministratorBeside(newId()),
      () => archive.unopened(10),
      () => usage.longReserved(10),
      () => ownerRoles.followRoles(new AbortController().signal),
      () =>
        directory.list({ archived: true, archivedById: newId() }, { field: "NAME", descending: false }, page),
      () => statistics.recount(),
    ];

    const served = new Set<string>();
    for (const work of queries) {
      for (const { queryPlanner } of await explained(work)) {
        for (const index of indexesOf(queryPlanner.winningPlan)) served.add(index);
      }
    }

    const indexes = (await connection.collection("users").listIndexes().toArray()) as { name: string }[];
    expect([...served].sort()).toEqual(indexes.map(({ name }) => name).sort());
  });

  it("of an older version are dropped at a start, and its accounts are found again", async () => {
    const collection = connection.collection<{ _id: string }>("users");
    await collection.createIndex({ role: 1, usernameKey: 1 });
    const older = { _id: newId(), username: "Older-One", usernameKey: "older-one", role: "FREE" };
    const address = { email: "older@example.net", emailKey: "older@example.net" };
    await collection.insertOne({ ...older, ...address, archivedAt: new Date() } as { _id: string });

    await accounts.syncIndexes();

    expect(await names({ search: "older", archived: true })).toEqual(["Older-One"]);
    const left = (await collection.listIndexes().toArray()) as { name: string }[];
    expect(left.map(({ name }) => name)).not.toContain("role_1_usernameKey_1");
  });
});
