import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer } from "../support/start-server.js";
import type { TestServer } from "../support/start-server.js";

let t: TestServer;
beforeAll(async () => {
  t = await startServer({ role: "api" });
});
afterAll(() => t.close());

const times = (count: number, text: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join(" ");

/** Asked by nobody: what is let through is refused by `@auth`, without a look into the database. */
async function post(body: unknown): Promise<{ status: number; codes: unknown[]; messages: string[] }> {
  const response = await fetch(`${t.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const { errors = [] } = (await response.json()) as {
    errors?: { message: string; extensions: { code: string } }[];
  };
  return {
    status: response.status,
    codes: errors.map(({ extensions }) => extensions.code),
    messages: errors.map(({ message }) => message),
  };
}

/** Commands that a request causes at once; what goes on by itself is left out. */
function commands(): number {
  return [
    "command find",
    "command aggregate",
    "command insert",
    "command update",
    "command findAndModify",
  ].reduce((sum, name) => sum + (t.world.mongo.census()[name] ?? 0), 0);
}

/** A document of so many levels of fields. */
const levels = (count: number): string =>
  `{ folders { nodes { ${"parent { ".repeat(count - 3)} id ${"} ".repeat(count - 3)} } } }`;
const SCALARS = ["id", "name", "createdAt", "state", "size", "fileCount"];

/** Each field costs more the deeper it lies. */
const deep = (count: number): string =>
  `{ folders { nodes { ${"parent { ".repeat(8)} ${times(count, (i) => SCALARS[i % SCALARS.length] ?? "")} ${"} ".repeat(8)} } } }`;

const LIMITS: [what: string, most: number, document: (count: number) => string][] = [
  ["levels of fields", 12, levels],
  ["aliases", 50, (count) => `{ me { ${times(count, (i) => `a${i}: id`)} } }`],
  ["root fields", 50, (count) => `{ ${times(count, () => "__typename")} }`],
  [
    "tokens",
    5_000,
    (count) => `{ files(where: { state: [${times(count - 16, () => "STORED")}] }) { totalCount } }`,
  ],
  ["fields of a cost", 863, deep],
  [
    "sign-ins",
    1,
    (count) =>
      `mutation { ${times(count, () => `login(input: { login: "a", password: "b" }) { expiresAt }`)} }`,
  ],
];

describe("a document", () => {
  it.each(LIMITS)("may have so many %s: %i", async (_what, most, document) => {
    expect((await post({ query: document(most) })).messages.join()).not.toMatch(/limit|may ask for|aborted/);

    const before = commands();
    const over = await post({ query: document(most + 1) });

    expect(new Set(over.codes)).toEqual(new Set(["GRAPHQL_VALIDATION_FAILED"]));
    expect(commands()).toBe(before);
  });
});

describe("a request", () => {
  it("may have a megabyte", async () => {
    const body = (bytes: number): string =>
      JSON.stringify({ query: "{ __typename }", extensions: { x: "" } }).padEnd(bytes, " ");

    expect((await post(body(1024 * 1024))).status).toBe(200);
    expect((await post(body(1024 * 1024 + 1))).status).toBe(413);
  });
});
