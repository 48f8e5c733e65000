import { getNamedType, isLeafType, isNonNullType, isObjectType } from "graphql";
import type { GraphQLField, GraphQLObjectType, GraphQLOutputType } from "graphql";
import type { Connection } from "mongoose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectMongo } from "../../server/adapters/mongo/connection.js";
import { newId } from "../../server/kernel/ids.js";
import { ask } from "../support/ask.js";
import { printedSchema } from "../support/printed-schema.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";

const SCHEMA = printedSchema();
const ROWS = 50;
const READS = ["command find", "command aggregate", "command distinct"];
/** Lists that have 50 rows here; the others are asked all the same. */
const FILLED = ["files", "folders", "transfers", "users"];

let t: TestServer;
let database: Connection;
let administrator: Person;

beforeAll(async () => {
  t = await startServer({ role: "api" });
  database = await connectMongo(t.world.mongo.uri, "telestash");
  administrator = await t.administrator();
  const { id: folderId } = (await administrator.createFolder({ input: { name: "a" } })).createFolder;
  await administrator.upload(Buffer.from("bytes"), { folderId });
  await copyRows();
});
afterAll(async () => {
  await database.close();
  await t.close();
});

interface Row {
  _id: string;
  [field: string]: unknown;
}

/** Many rows like the first one, each with a transfer, a folder and an owner of its own. */
async function copyRows(): Promise<void> {
  const [file, transfer, folder, user] = await Promise.all(
    ["files", "transfers", "folders", "users"].map((name) => database.collection<Row>(name).findOne({})),
  );
  const ids = Array.from({ length: ROWS }, () => ({ f: newId(), t: newId(), d: newId(), u: newId() }));
  const insert = (
    name: string,
    original: Row | null | undefined,
    change: (id: (typeof ids)[number]) => Row,
  ) => database.collection<Row>(name).insertMany(ids.map((id) => ({ ...original, ...change(id) })));
  await insert("users", user, ({ u }) => ({ _id: u, username: u, usernameKey: u, email: u, emailKey: u }));
  await insert("folders", folder, ({ d }) => ({ _id: d, name: d, nameKey: d, slot: `/${d}` }));
  await insert("transfers", transfer, ({ t: id, f, u }) => ({ _id: id, fileId: f, ownerId: u }));
  await insert("files", file, ({ f, t: id, d, u }) => {
    return { _id: f, transferId: id, folderId: d, folderIds: [d], ownerId: u };
  });
}

/**
 * Everything that can be asked of a row, without lists that are paged by themselves: those cost a query each. Of a thing
 * in one of its own kind only what it has itself.
 */
function everythingOf(type: GraphQLOutputType, most: number, within: readonly string[] = []): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return "";
  const depth = within.includes(named.name) ? 0 : most;
  const fields = Object.values(named.getFields())
    .filter((field) => field.args.every((argument) => !isNonNullType(argument.type)))
    .filter((field) => !isPage(field))
    .filter((field) => isLeafType(getNamedType(field.type)) || depth > 0)
    .map((field) => `${field.name} ${everythingOf(field.type, depth - 1, [...within, named.name])}`);
  return `{ ${fields.join(" ")} }`;
}

function isPage(field: GraphQLField<unknown, unknown>): boolean {
  return getNamedType(field.type).name.endsWith("Connection");
}

const LISTS = Object.values(SCHEMA.getQueryType()?.getFields() ?? {}).filter(isPage);

function queryFor(list: GraphQLField<unknown, unknown>, first: number): string {
  const nodes = (getNamedType(list.type) as GraphQLObjectType).getFields()["nodes"];
  if (!nodes) throw new TypeError(`${list.name} has no nodes.`);
  const needed = list.args.some(({ name }) => name === "search") ? `search: "a", ` : "";
  return `{ ${list.name}(${needed}first: ${first}) { totalCount nodes ${everythingOf(nodes.type, 2)} } }`;
}

async function readsFor(
  list: GraphQLField<unknown, unknown>,
  first: number,
): Promise<{ reads: number; rows: number }> {
  const count = (): number => {
    const census = t.world.mongo.census();
    return READS.reduce((sum, name) => sum + (census[name] ?? 0), 0);
  };
  const before = count();
  const outcome = await ask(t.url, administrator.accessToken, {
    query: queryFor(list, first),
    variables: {},
  });
  const data = (outcome as { data?: Record<string, { nodes: unknown[] }> }).data;
  if (data === undefined) throw new Error(`${list.name}: ${JSON.stringify(outcome)}`);
  return { reads: count() - before, rows: data[list.name]?.nodes.length ?? 0 };
}

describe("a list with everything in its rows", () => {
  it.each(LISTS.map((list) => ({ name: list.name, list })))(
    "of $name costs as many queries for 50 rows as for 1",
    async ({ name, list }) => {
      const one = await readsFor(list, 1);
      const ten = await readsFor(list, 10);
      const fifty = await readsFor(list, ROWS);

      if (FILLED.includes(name)) expect([one.rows, ten.rows, fifty.rows]).toEqual([1, 10, ROWS]);
      expect(one.reads).toBeGreaterThan(0);
      expect([ten.reads, fifty.reads]).toEqual([one.reads, one.reads]);
    },
  );
});
