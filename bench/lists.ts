import { randomBytes } from "node:crypto";
import mongoose from "mongoose";
import { MongoFiles } from "../server/adapters/mongo/mongo-files.js";
import { MongoFolders } from "../server/adapters/mongo/mongo-folders.js";
import type { FileFilter, FileOrder, FileOrderField } from "../server/files/files.ports.js";
import { GraphqlClient } from "../scripts/graphql-client.js";
import { atMost, compare } from "./figures.js";
import type { Figure } from "./figures.js";
import { ARCHIVER, FOLDER, SIZES, fill } from "./lists-data.js";
import { interleaved } from "./measure.js";
import type { Server } from "./server.js";
import { World } from "./world.js";

const ROUNDS = 3;
const REQUESTS = 20;
const ROWS = 25;
const PAGE = 1_000;
const MOST_MS = 50;
const DATABASE = "lists";
/** What one server signs is good at the other. */
const SETTINGS = { MONGODB_DATABASE: DATABASE, JWT_SECRET_KEY: randomBytes(32).toString("hex") };
const FIELDS: readonly FileOrderField[] = ["NAME", "SIZE", "CREATED_AT", "STATE"];
const LIST = `query ($where: FileWhere, $orderBy: FileOrder, $first: Int, $after: String) {
  files(where: $where, orderBy: $orderBy, first: $first, after: $after) {
    nodes { id name size state createdAt }
    pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}`;
const COUNT = `query ($where: FileWhere) { files(where: $where, first: 1) { totalCount } }`;
const USERS = `query ($where: UserWhere, $orderBy: UserOrder) {
  users(where: $where, orderBy: $orderBy, first: ${ROWS}) { nodes { id username } }
}`;
const USERS_COUNT = `query ($where: UserWhere) { users(where: $where, first: 1) { totalCount } }`;
const USER_SEARCHES = [
  ["a prefix that 1 in 100 has", "user-77"],
  ["the middle of an address", "77123@example"],
  ["the domain that all have", "example.org"],
  ["two words", "example 7712"],
  ["what nobody is called", "nowhere"],
] as const;

interface Listed {
  files: { nodes: unknown[]; pageInfo: { endCursor: string } };
}

/** A list as people ask for it, and the same as the store is asked. */
interface Subject {
  readonly metric: string;
  readonly who: "owner" | "admin";
  readonly where: Record<string, unknown>;
  readonly filter: FileFilter;
  readonly order: FileOrder;
  readonly isDeep: boolean;
}

/**
 * How long a page of a list takes at 100,000 files of one owner and 300,000 in all, held against the same query sent
 * through the bare driver. Page 1,000 has to be as fast as the first one.
 */
export async function lists(): Promise<Figure[]> {
  const world = await World.start();
  const connection = await mongoose
    .createConnection(world.mongodb, {
      dbName: DATABASE,
      monitorCommands: true,
      autoIndex: false,
      autoCreate: false,
    })
    .asPromise();
  try {
    // The first one makes the accounts; the second one finds all there as after a restart.
    const first = await world.server("api", SETTINGS);
    const owner = await world.member(first);
    const ownerId = await owner.id();
    await fill(connection, ownerId);
    const files = new MongoFiles(connection, new MongoFolders(connection));
    await files.syncIndexes();
    const server = await world.server("api", SETTINGS);
    const clients = { owner: clientOf(server, owner), admin: clientOf(server, server) };
    const bench = new Lists(connection, files, clients);
    const figures: Figure[] = [];
    for (const subject of subjectsOf(ownerId)) figures.push(await bench.page(subject));
    figures.push(await bench.request("all files counted, by an administrator", COUNT, { where: {} }));
    figures.push(await bench.request(`${SIZES.users} users, first page`, USERS, {}));
    for (const [metric, search] of USER_SEARCHES) {
      figures.push(await bench.request(`users found by ${metric}`, USERS, { where: { search } }));
    }
    figures.push(await bench.request("all users counted", USERS_COUNT, {}));
    figures.push(
      await bench.request("users found by a prefix counted", USERS_COUNT, { where: { search: "user-77" } }),
    );
    const oldest = { orderBy: { field: "CREATED_AT", direction: "ASC" } };
    const biggest = { where: { role: "FREE" }, orderBy: { field: "USAGE", direction: "DESC" } };
    figures.push(await bench.request("users by time", USERS, oldest));
    figures.push(await bench.request("users of a role by usage", USERS, biggest));
    return figures;
  } finally {
    await connection.close();
    await world.close();
  }
}

function clientOf(server: Server, who: Server): GraphqlClient {
  return new GraphqlClient(`${server.url}/graphql`, who.accessToken);
}

function subjectsOf(ownerId: string): Subject[] {
  const live = { archived: false };
  const newest: FileOrder = { field: "CREATED_AT", descending: true };
  const mine = (metric: string, where: Record<string, unknown>, filter: FileFilter): Subject => ({
    ...{ metric, who: "owner", where, order: newest, isDeep: false },
    filter: { ...live, ownerId, ...filter },
  });
  const anybody = (metric: string, where: Record<string, unknown>, filter: FileFilter): Subject => ({
    ...{ metric, who: "admin", where, order: newest, isDeep: false, filter: { ...live, ...filter } },
  });
  const bases = [
    mine("own files", {}, {}),
    mine("own stored files", { state: ["STORED"] }, { states: ["STORED"] }),
    anybody("all files", {}, {}),
    anybody("all stored files", { state: ["STORED"] }, { states: ["STORED"] }),
  ];
  const deep = [false, true];
  const ordered = bases.flatMap((base) =>
    FIELDS.flatMap((field) =>
      deep.map((isDeep) => ({
        ...base,
        ...{ metric: `${base.metric} by ${field}, page ${isDeep ? PAGE : 1}`, isDeep },
        order: { field, descending: field === "CREATED_AT" },
      })),
    ),
  );
  return [
    ...ordered,
    mine("own failed files (1 in 100)", { state: ["FAILED"] }, { states: ["FAILED"] }),
    mine("own archived files", { archived: true }, { archived: true }),
    mine("a folder of 1,000", { folderId: FOLDER }, { folderId: FOLDER }),
    anybody("files without an owner", { anonymous: true }, { anonymous: true }),
    anybody("files of a role (1 in 3)", { ownerRole: "PREMIUM" }, { ownerRole: "PREMIUM" }),
    anybody("files of a role (1 in 100)", { ownerRole: "ADMIN" }, { ownerRole: "ADMIN" }),
    anybody(
      "what somebody archived (1 in 10)",
      { archivedById: ARCHIVER },
      { archived: true, archivedById: ARCHIVER },
    ),
    mine("search: in every name", { search: "img" }, { search: "img" }),
    mine("search: in 1 name of 60", { search: "word7" }, { search: "word7" }),
    mine("search: in 1 name of 600", { search: "wörd77 IMG" }, { search: "wörd77 IMG" }),
    mine("search: one name", { search: "img 0077123" }, { search: "img 0077123" }),
    mine("search: no name", { search: "nowhere" }, { search: "nowhere" }),
    mine("search: others' names only", { search: "theirs" }, { search: "theirs" }),
    anybody("search in all: in 1 name of 600", { search: "word77" }, { search: "word77" }),
    anybody("search in all: one name", { search: "img 0077123" }, { search: "img 0077123" }),
  ];
}

class Lists {
  constructor(
    private readonly connection: mongoose.Connection,
    private readonly files: MongoFiles,
    private readonly clients: Record<Subject["who"], GraphqlClient>,
  ) {}

  async page({ metric, who, where, filter, order, isDeep }: Subject): Promise<Figure> {
    const client = this.clients[who];
    const orderBy = { field: order.field, direction: order.descending ? "DESC" : "ASC" };
    const variables: Record<string, unknown> = { where, orderBy, first: ROWS };
    if (isDeep) variables["after"] = await this.cursorOf(client, variables);
    const { nodes } = (await client.run<Listed>(LIST, variables)).files;
    const bare = await this.bareOf(filter, order, variables["after"] as string | undefined);
    const found = await interleaved(ROUNDS, {
      served: () => p95(() => client.run(LIST, variables)),
      bare: () => p95(bare),
    });
    if (isDeep && nodes.length < ROWS) throw new Error(`${metric}: page ${PAGE} is not full.`);
    return compare({ ...labelOf(metric), target: atMost(MOST_MS, "value") }, found.served, found.bare);
  }

  /** A request by an administrator, beside a round trip that finds one document. */
  async request(metric: string, query: string, variables: object): Promise<Figure> {
    const users = this.connection.collection("users");
    const found = await interleaved(ROUNDS, {
      served: () => p95(() => this.clients.admin.run(query, variables)),
      bare: () => p95(() => users.findOne({})),
    });
    return compare({ ...labelOf(metric), target: atMost(MOST_MS, "value") }, found.served, found.bare);
  }

  /** The cursor that page 1,000 comes after. */
  private async cursorOf(client: GraphqlClient, variables: Record<string, unknown>): Promise<string> {
    const most = 100;
    let after: string | undefined;
    for (let passed = 0; passed < (PAGE - 1) * ROWS; passed += most) {
      const first = Math.min(most, (PAGE - 1) * ROWS - passed);
      after = (await client.run<Listed>(LIST, { ...variables, first, after })).files.pageInfo.endCursor;
    }
    return after ?? "";
  }

  /** The very query that the store sends for a page, through the driver. */
  private async bareOf(
    filter: FileFilter,
    order: FileOrder,
    cursor: string | undefined,
  ): Promise<() => Promise<unknown>> {
    const sent: mongoose.mongo.Document[] = [];
    const keep = ({ command }: mongoose.mongo.CommandStartedEvent) => sent.push(command);
    const client = this.connection.getClient().on("commandStarted", keep);
    const page = { count: ROWS, backward: false, ...(cursor === undefined ? {} : { cursor }) };
    await this.files.list(filter, order, page);
    client.off("commandStarted", keep);
    const query = sent.find(({ find, limit }) => find === "files" && limit === ROWS + 1);
    if (query === undefined) throw new Error("The store sent no query.");
    const { filter: wanted, sort } = query as {
      filter: mongoose.mongo.Filter<mongoose.mongo.Document>;
      sort: mongoose.mongo.Sort;
    };
    const files = this.connection.collection("files");
    return () =>
      files
        .find(wanted)
        .sort(sort)
        .limit(ROWS + 1)
        .toArray();
  }
}

function labelOf(metric: string) {
  return { bench: "api-lists", metric, unit: "ms p95" };
}

/** The time that 95 of 100 runs of some work stay within. */
async function p95(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < REQUESTS; i += 1) {
    const begun = performance.now();
    await work();
    times.push(performance.now() - begun);
  }
  return times.sort((a, b) => a - b)[Math.ceil(REQUESTS * 0.95) - 1] ?? NaN;
}
