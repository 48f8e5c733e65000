import { isEnumType, isInputObjectType, isInterfaceType, isObjectType } from "graphql";
import type { GraphQLNamedType, GraphQLObjectType } from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bearer, codes, LOGIN, ME, registered } from "../support/accounts.js";
import { startHttp } from "../support/http-harness.js";
import type { GraphqlReply, HttpHarness } from "../support/http-harness.js";
import { idArguments } from "../support/id-arguments.js";
import { printedSchema } from "../support/printed-schema.js";
import { ID_MATRIX } from "./id-matrix.table.js";
import { PUBLIC_OPERATIONS } from "./public-operations.table.js";

let t: HttpHarness;
let production: HttpHarness;
beforeAll(async () => {
  t = await startHttp({ config: { frontends: ["https://stash.example/app"] } });
  production = await startHttp({ config: { production: true } });
});
afterAll(async () => {
  await t.close();
  await production.close();
});

const SCHEMA = "{ __schema { queryType { name } } }";
const GUESS = (alias: string): string =>
  `${alias}: login(input: { login: "a@example.com", password: "guess" }) { accessToken }`;

function raw(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${t.url}${path}`, init);
}

async function took(work: () => Promise<GraphqlReply>): Promise<{ ms: number; reply: GraphqlReply }> {
  const start = performance.now();
  const reply = await work();
  return { ms: performance.now() - start, reply };
}

interface Described {
  name: string;
  description?: string | null | undefined;
}

/** A type and everything in it that a reader of the documentation meets. */
function described(type: GraphQLNamedType): Described[] {
  const within = (parts: readonly Described[], separator: string): Described[] =>
    parts.map(({ name, description }) => ({ name: `${type.name}${separator}${name}`, description }));
  if (isEnumType(type)) return [type, ...within(type.getValues(), ".")];
  if (isInputObjectType(type)) return [type, ...within(Object.values(type.getFields()), ".")];
  if (!isObjectType(type) && !isInterfaceType(type)) return [type];
  const fields = Object.values(type.getFields());
  return [type, ...within(fields, "."), ...fields.flatMap(({ name, args }) => within(args, `.${name}(`))];
}

describe("the printed schema", () => {
  const schema = printedSchema();
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const operations = roots
    .filter((type): type is GraphQLObjectType => type != null)
    .flatMap((type) =>
      Object.values(type.getFields()).map((field) => ({ name: `${type.name}.${field.name}`, field })),
    );

  it("asks for a sign-in for every operation that has no reason to be public", () => {
    const open = operations.filter(
      ({ field }) => !(field.astNode?.directives ?? []).some(({ name }) => name.value === "auth"),
    );

    const hint = "give it @auth, or a reason in test/api/public-operations.table.ts";
    const unexplained = open
      .filter(({ name }) => !PUBLIC_OPERATIONS[name])
      .map(({ name }) => `${name}: ${hint}`);
    expect(unexplained).toEqual([]);
    expect(Object.keys(PUBLIC_OPERATIONS).sort()).toEqual(open.map(({ name }) => name).sort());
  });

  it("takes no id whose misuse is not tried", () => {
    const places = idArguments(schema);
    const hint = "say what a misused id does there, in test/api/id-matrix.table.ts (its head explains how)";

    const untried = places
      .filter(({ coordinate }) => !ID_MATRIX[coordinate])
      .map(({ coordinate }) => coordinate);
    expect(untried.map((coordinate) => `${coordinate}: ${hint}`)).toEqual([]);
    const known = new Set(places.map(({ coordinate }) => coordinate));
    expect(Object.keys(ID_MATRIX).filter((coordinate) => !known.has(coordinate))).toEqual([]);
  });

  it("describes every type, field, argument and value", () => {
    const roots = ["Query", "Mutation", "Subscription"];
    const parts = Object.values(schema.getTypeMap())
      .filter(({ name }) => !name.startsWith("__"))
      .flatMap(described)
      .filter(({ name }) => !roots.includes(name));

    expect(parts.filter(({ description }) => !description?.trim()).map(({ name }) => name)).toEqual([]);
  });
});

describe("a hostile document", () => {
  it.each([50, 5_000])("with %i aliases of login runs none of them", async (count) => {
    const fields = Array.from({ length: count }, (_, i) => GUESS(`a${i}`)).join("\n");

    const { ms, reply } = await took(() => t.graphql(`mutation { ${fields} }`));

    expect(codes(reply)).toEqual(["GRAPHQL_VALIDATION_FAILED"]);
    expect(reply.data).toBeUndefined();
    expect(ms).toBeLessThan(2_000);
  });

  it("cannot hide them in a fragment", async () => {
    const query = `mutation { ...F ${GUESS("a")} } fragment F on Mutation { ${GUESS("b")} }`;

    expect(codes(await t.graphql(query))).toEqual(["GRAPHQL_VALIDATION_FAILED"]);
  });

  it.each([
    ["depth", `{ ${"me { ".repeat(20)} id ${"}".repeat(20)} }`],
    ["root fields", `{ ${Array.from({ length: 60 }, () => "__typename").join(" ")} }`],
    ["tokens", `{ ${"__typename ".repeat(6_000)} }`],
    ["circular fragments", "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"],
  ])("past the limit of %s is refused", async (_what, query) => {
    const reply = await t.graphql(query);

    expect(new Set(codes(reply))).toEqual(new Set(["GRAPHQL_VALIDATION_FAILED"]));
  });

  it("of fragments that double forty times costs no time", async () => {
    const doubling = Array.from(
      { length: 40 },
      (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`,
    );
    const query = `{ ...F0 } ${doubling.join(" ")} fragment F40 on Query { __typename }`;

    const { ms } = await took(() => t.graphql(query));

    expect(ms).toBeLessThan(2_000);
  });

  it("in a batch is refused", async () => {
    const response = await raw("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify([{ query: ME }, { query: ME }]),
    });

    expect(response.status).toBe(400);
  });
});

describe("every error", () => {
  it.each([
    ["GRAPHQL_PARSE_FAILED", "{ me {", 400],
    ["GRAPHQL_VALIDATION_FAILED", "{ nothing }", 400],
    ["UNAUTHENTICATED", ME, 200],
    ["BAD_USER_INPUT", "query ($a: Int!) { __typename @skip(if: $a) }", 400],
  ])("carries its code (%s) and the request id", async (code, query, status) => {
    const reply = await t.graphql(query, {}, { "x-request-id": "my-request_1" });

    expect(reply.status).toBe(status);
    expect(reply.headers.get("x-request-id")).toBe("my-request_1");
    for (const { extensions } of reply.errors) {
      expect(extensions["requestId"]).toBe("my-request_1");
      expect(["GRAPHQL_VALIDATION_FAILED", code]).toContain(extensions["code"]);
      expect(Object.keys(extensions).sort()).not.toContain("stacktrace");
    }
    expect(reply.errors.length).toBeGreaterThan(0);
  });

  it.each(["with space", "a".repeat(129), "semi;colon"])(
    "gets an id of ours for an unfit one (%s)",
    async (id) => {
      const reply = await t.graphql(ME, {}, { "x-request-id": id });

      expect(reply.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  it.each([
    ["no JSON", "application/json", "{", 400],
    ["a foreign type", "application/x-www-form-urlencoded", "query={__typename}", 400],
    ["plain text", "text/plain", '{"query":"{__typename}"}', 400],
    ["more than a megabyte", "application/json", JSON.stringify({ query: "x".repeat(1_100_000) }), 413],
  ])("of a body that is %s is told as one of GraphQL's", async (_what, type, body, status) => {
    const response = await raw("/graphql", { method: "POST", headers: { "content-type": type }, body });

    expect(response.status).toBe(status);
    const { errors } = (await response.json()) as GraphqlReply;
    expect(errors[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      requestId: expect.any(String) as string,
    });
  });

  it("of a multipart body without the preflight header refuses it unread", async () => {
    const { accessToken } = await registered(t);
    const form = new FormData();
    form.set("operations", JSON.stringify({ query: "{ __typename }" }));

    const response = await raw("/graphql", { method: "POST", headers: bearer(accessToken), body: form });

    expect(response.status).toBe(400);
    expect(await response.text()).toContain("CSRF");
  });

  it("names the methods that work", async () => {
    const response = await raw("/graphql?query={__typename}");

    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST, OPTIONS");
  });

  it("outside GraphQL is a problem document", async () => {
    const response = await raw("/nowhere", { headers: { "x-request-id": "abc" } });

    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
    expect(await response.json()).toEqual({
      type: "about:blank",
      title: "Not Found",
      status: 404,
      detail: "There is nothing at this address.",
      code: "NOT_FOUND",
      requestId: "abc",
    });
  });
});

describe("the schema", () => {
  it("is shown to everybody outside production", async () => {
    expect(codes(await t.graphql(SCHEMA))).toEqual([]);
  });

  it("is shown to those who are signed in in production", async () => {
    const { accessToken } = await registered(production);

    expect(codes(await production.graphql(SCHEMA))).toEqual(["GRAPHQL_VALIDATION_FAILED"]);
    expect(codes(await production.graphql(SCHEMA, {}, bearer(accessToken)))).toEqual([]);
  });

  it("is not suggested to strangers in production", async () => {
    const shown = await t.graphql("{ mee { id } }");
    const hidden = await production.graphql("{ mee { id } }");

    expect(shown.errors[0]?.message).toContain("Did you mean");
    expect(hidden.errors[0]?.message).not.toContain("Did you mean");
  });
});

describe("other origins", () => {
  it.each([
    ["https://stash.example", "https://stash.example"],
    ["https://evil.example", null],
    ["https://stash.example.evil.example", null],
    ["null", null],
  ])("%s may read answers: %s", async (origin, allowed) => {
    const response = await raw("/livez", { headers: { origin } });

    expect(response.headers.get("access-control-allow-origin")).toBe(allowed);
    if (allowed) {
      expect(response.headers.get("access-control-allow-credentials")).toBe("true");
      expect(response.headers.get("access-control-expose-headers")).toContain("content-disposition");
    }
  });

  it("are answered before they send", async () => {
    const response = await raw("/graphql", {
      method: "OPTIONS",
      headers: {
        origin: "https://stash.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,apollo-require-preflight",
      },
    });

    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-headers")).toContain("apollo-require-preflight");
  });

  it("find the headers that keep pages apart on every answer", async () => {
    const response = await raw("/livez");

    expect(Object.fromEntries(response.headers)).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "content-security-policy": expect.stringContaining("default-src 'none'") as string,
    });
  });
});

describe("a bad token", () => {
  it.each(["garbage", "a.b.c", "", "x".repeat(5_000)])(
    "(%.10s…) is refused by what needs one",
    async (token) => {
      const reply = await t.graphql(ME, {}, { authorization: `Bearer ${token}` });

      expect(codes(reply)).toEqual(["UNAUTHENTICATED"]);
    },
  );

  it("does not stop what needs none", async () => {
    const input = { login: "nobody@example.com", password: "wrong password" };

    const reply = await t.graphql(LOGIN, { input }, bearer("garbage"));

    expect(reply.errors[0]?.message).toContain("wrong");
  });
});
