import { Directive, Resolver, Subscription, Root, Query } from "type-graphql";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { bearer, ME, refreshed, registered } from "../support/accounts.js";
import { eventually } from "../support/eventually.js";
import { startHttp } from "../support/http-harness.js";
import type { HttpHarness } from "../support/http-harness.js";

let open = 0;
/** How many events were made, of all subscriptions. */
let counted = 0;
/** Of a message with one of them. */
const BYTES_PER_COUNT = 60;

/** Counts for ever, until whoever listens goes away. */
async function* counting(): AsyncGenerator<number> {
  open += 1;
  try {
    for (let i = 0; ; i += 1) {
      yield i;
      counted += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    open -= 1;
  }
}

async function* breaking(): AsyncGenerator<number> {
  yield 1;
  await Promise.resolve();
  throw new Error("mongodb://user:SECRET@host is away");
}

@Resolver()
class CountResolver {
  @Directive("@auth(requires: FREE)")
  @Subscription(() => Number, { subscribe: () => counting() })
  count(@Root() value: number): number {
    return value;
  }

  @Directive("@auth(requires: ADMIN)")
  @Subscription(() => Number, { subscribe: () => counting() })
  countForAdmins(@Root() value: number): number {
    return value;
  }

  @Subscription(() => Number, { subscribe: () => breaking() })
  broken(@Root() value: number): number {
    return value;
  }

  @Query(() => String)
  ping(): string {
    return "pong";
  }
}

/** Waits until a count has been the same for a while. */
async function standingStill(count: () => number): Promise<number> {
  let last = -1;
  let looks = 0;
  await eventually(() => {
    looks = count() === last ? looks + 1 : 0;
    last = count();
    return looks === 10;
  });
  return last;
}

let t: HttpHarness;
const clients: Client[] = [];
beforeAll(async () => {
  t = await startHttp({
    resolvers: [{ type: CountResolver, instance: new CountResolver() }],
    config: { frontends: ["https://stash.example"] },
  });
});
afterEach(() => {
  for (const client of clients.splice(0)) client.socket.terminate();
});
afterAll(() => t.close());

interface Message {
  type: string;
  id?: string;
  payload?: unknown;
}

/** Speaks the protocol by hand, so that a test can break it. */
class Client {
  readonly socket: WebSocket;
  readonly messages: Message[] = [];
  closed: { code: number; reason: string } | undefined;

  constructor(protocol = "graphql-transport-ws", headers: Record<string, string> = {}, path = "/graphql") {
    this.socket = new WebSocket(`${t.url.replace("http", "ws")}${path}`, protocol, { headers });
    this.socket.on("message", (data: Buffer) => this.messages.push(JSON.parse(data.toString()) as Message));
    this.socket.on("close", (code, reason) => (this.closed = { code, reason: reason.toString() }));
    this.socket.on("error", () => undefined);
    clients.push(this);
  }

  static async connected(payload?: object): Promise<Client> {
    const client = new Client();
    await client.opened();
    client.send({ type: "connection_init", ...(payload && { payload }) });
    await eventually(() => client.closed ?? client.messages.find(({ type }) => type === "connection_ack"));
    return client;
  }

  async opened(): Promise<void> {
    await eventually(() => this.socket.readyState === WebSocket.OPEN);
  }

  send(message: object | string): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  subscribe(id: string, query: string): void {
    this.send({ type: "subscribe", id, payload: { query } });
  }

  of(id: string, type: string): Promise<Message> {
    return eventually(() =>
      this.messages.find((one) => one.id === id && one.type === type),
    ) as Promise<Message>;
  }

  closing(timeoutMs = 10_000): Promise<{ code: number; reason: string }> {
    return eventually(() => this.closed, Boolean, timeoutMs) as Promise<{ code: number; reason: string }>;
  }
}

describe("a socket", () => {
  it("answers queries and subscriptions of who is signed in", async () => {
    const { accessToken } = await registered(t);
    const client = await Client.connected({ authorization: `Bearer ${accessToken}` });

    client.subscribe("1", ME);
    client.subscribe("2", "subscription { count }");

    expect((await client.of("1", "next")).payload).toMatchObject({ data: { me: {} } });
    await client.of("1", "complete");
    expect((await client.of("2", "next")).payload).toEqual({ data: { count: 0 } });
  });

  it("without a token is anonymous", async () => {
    const client = await Client.connected();

    client.subscribe("1", "{ ping }");
    client.subscribe("2", ME);
    client.subscribe("3", "subscription { count }");

    expect((await client.of("1", "next")).payload).toEqual({ data: { ping: "pong" } });
    expect(JSON.stringify((await client.of("2", "next")).payload)).toContain("UNAUTHENTICATED");
    expect(JSON.stringify(await eventually(() => client.messages.find(({ id }) => id === "3")))).toContain(
      "UNAUTHENTICATED",
    );
    expect(open).toBe(0);
  });

  it("does not give an administrator's events to others", async () => {
    const { accessToken } = await registered(t);
    const client = await Client.connected({ authorization: `Bearer ${accessToken}` });

    client.subscribe("1", "subscription { countForAdmins }");

    const answer = await eventually(() => client.messages.find(({ id }) => id === "1"));
    expect(JSON.stringify(answer)).toContain("FORBIDDEN");
  });

  it.each([
    { authorization: "Bearer garbage" },
    { authorization: "garbage" },
    { authorization: 7 },
    { authorization: { $ne: null } },
    { authorization: "" },
  ])("with a bad token is closed with 4403 (%j)", async (payload) => {
    const client = await Client.connected(payload);

    expect(await client.closing()).toMatchObject({ code: 4403 });
  });

  it("is closed soon after its session ends", async () => {
    const { accessToken } = await registered(t);
    const client = await Client.connected({ authorization: `Bearer ${accessToken}` });
    client.subscribe("1", "subscription { count }");
    await client.of("1", "next");
    const start = performance.now();

    await t.graphql("mutation { logout }", {}, bearer(accessToken));

    expect(await client.closing()).toMatchObject({ code: 4403 });
    expect(performance.now() - start).toBeLessThan(5_000);
    await eventually(() => open === 0);
  });

  it("is closed soon after its account gets another role", async () => {
    const { accessToken, user } = await registered(t);
    const client = await Client.connected({ authorization: `Bearer ${accessToken}` });

    await t.connection
      .collection("users")
      .updateOne({ username: user.username }, { $set: { role: "PREMIUM" } });

    expect(await client.closing()).toMatchObject({ code: 4403 });
  });

  it("cannot begin anything once its session is over", async () => {
    const { accessToken } = await registered(t);
    const client = await Client.connected({ authorization: `Bearer ${accessToken}` });
    await t.graphql("mutation { logout }", {}, bearer(accessToken));

    client.subscribe("1", ME);

    const answer = await eventually(() => client.messages.find(({ id }) => id === "1") ?? client.closed);
    expect(JSON.stringify(answer)).not.toContain("username");
    expect(await client.closing()).toMatchObject({ code: 4403 });
  });

  it("is closed when its token ends", async () => {
    const { refreshToken } = await registered(t);
    // The token was made 897 seconds ago by the server's clock, so it ends in three.
    t.clock.advance(-898_000);
    const old = await refreshed(t, refreshToken);
    t.clock.advance(898_000);
    const client = await Client.connected({ authorization: `Bearer ${old?.accessToken}` });
    expect(client.closed).toBeUndefined();

    expect(await client.closing()).toMatchObject({ code: 4403, reason: "The access token expired." });
  });
});

describe("the protocol", () => {
  it.each([
    ["another subprotocol", () => new Client("graphql-ws"), undefined, 1006],
    ["no JSON", () => new Client(), "garbage", 4400],
    ["an unknown message", () => new Client(), '{"type":"unheard"}', 4400],
    [
      "a subscription before the greeting",
      () => new Client(),
      '{"type":"subscribe","id":"1","payload":{"query":"{ping}"}}',
      4401,
    ],
    [
      "a message of a megabyte",
      () => new Client(),
      `{"type":"ping","payload":{"x":"${"x".repeat(1_000_000)}"}}`,
      1009,
    ],
  ])("closes on %s", async (_what, make, message, code) => {
    const client = make();
    if (message !== undefined) {
      await client.opened();
      client.send(message);
    }

    expect((await client.closing()).code).toBe(code);
  });

  it.each([
    ["a document that cannot be read", "{", "GRAPHQL_PARSE_FAILED"],
    ["a field that is not there", "{ nothing }", "GRAPHQL_VALIDATION_FAILED"],
    ["a variable that is missing", "query ($if: Boolean!) { ping @include(if: $if) }", "BAD_USER_INPUT"],
    ["two operations, none of them named", "query A { ping } query B { ping }", "BAD_USER_INPUT"],
  ])("says what is wrong with %s", async (_what, query, code) => {
    const client = await Client.connected();

    client.subscribe("1", query);

    expect((await client.of("1", "error")).payload).toMatchObject([{ extensions: { code } }]);
  });

  it("closes on a second greeting and on an id in use", async () => {
    const { accessToken } = await registered(t);
    const twice = await Client.connected();
    const doubled = await Client.connected({ authorization: `Bearer ${accessToken}` });

    twice.send({ type: "connection_init" });
    doubled.subscribe("1", "subscription { count }");
    await doubled.of("1", "next");
    doubled.subscribe("1", "subscription { count }");

    expect((await twice.closing()).code).toBe(4429);
    expect((await doubled.closing()).code).toBe(4409);
    await eventually(() => open === 0);
  });

  it("limits the operations of one socket, and frees them when it closes", async () => {
    const { accessToken } = await registered(t);
    const client = await Client.connected({ authorization: `Bearer ${accessToken}` });

    for (let i = 0; i < 70; i += 1) client.subscribe(String(i), "subscription { count }");

    expect(JSON.stringify(await client.of("69", "error"))).toContain("RATE_LIMITED");
    expect(open).toBeLessThanOrEqual(64);
    client.socket.terminate();
    await eventually(() => open === 0);
  });

  it("ends a subscription that the client completes", async () => {
    const { accessToken } = await registered(t);
    const client = await Client.connected({ authorization: `Bearer ${accessToken}` });
    client.subscribe("1", "subscription { count }");
    await client.of("1", "next");

    client.send({ type: "complete", id: "1" });

    await eventually(() => open === 0);
  });

  it.each([
    ["{ nothing }", "GRAPHQL_VALIDATION_FAILED"],
    ["{ ping", "GRAPHQL_PARSE_FAILED"],
    [`{ ${"ping ".repeat(60)} }`, "GRAPHQL_VALIDATION_FAILED"],
    [`{ ${"ping ".repeat(6_000)} }`, "GRAPHQL_VALIDATION_FAILED"],
  ])("refuses %.20s… with %s and a request id", async (query, code) => {
    const client = await Client.connected();

    client.subscribe("1", query);

    const { payload } = await client.of("1", "error");
    expect((payload as object[])[0]).toMatchObject({
      extensions: { code, requestId: expect.any(String) as string },
    });
  });

  it("that is not read stops its own events", async () => {
    const { accessToken } = await registered(t);
    const client = await Client.connected({ authorization: `Bearer ${accessToken}` });
    client.socket.pause();
    client.subscribe("1", "subscription { count }");

    const made = await standingStill(() => counted);

    client.socket.resume();
    await eventually(() => counted > made);
    expect(made * BYTES_PER_COUNT).toBeLessThan(16 * 1024 * 1024);
  });

  it("masks what breaks in a subscription", async () => {
    const client = await Client.connected();

    client.subscribe("1", "subscription { broken }");

    const answer = JSON.stringify((await client.of("1", "error")).payload);
    expect(answer).toContain("INTERNAL_SERVER_ERROR");
    expect(answer).not.toContain("SECRET");
  });

  it.each([
    ["https://stash.example", true],
    ["https://evil.example", false],
    ["null", false],
  ])("from a page of %s: %s", async (origin, welcome) => {
    const client = new Client("graphql-transport-ws", { origin });

    await eventually(() => client.socket.readyState !== WebSocket.CONNECTING);

    expect(client.socket.readyState === WebSocket.OPEN).toBe(welcome);
  });

  it("is spoken at one address only", async () => {
    const client = new Client("graphql-transport-ws", {}, "/other");

    expect((await client.closing()).code).toBe(1006);
  });
});

describe("stopping", () => {
  it("closes sockets and answers what is under way", async () => {
    const other = await startHttp();
    const socket = new WebSocket(`${other.url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
    const code = new Promise((resolve) => socket.on("close", resolve));
    await eventually(() => socket.readyState === WebSocket.OPEN);
    const start = performance.now();

    await other.close();

    expect(await code).toBe(1001);
    expect(performance.now() - start).toBeLessThan(3_000);
    await expect(fetch(`${other.url}/livez`)).rejects.toThrow();
  });
});
