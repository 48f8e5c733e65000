import { connect } from "node:net";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";

let t: TestServer;
let owner: Person;

beforeAll(async () => {
  t = await startServer({ role: "api" });
  owner = await t.user();
});
afterAll(() => t.close());

/** Sends a request to the letter, and no more. @returns all that is answered until the server closes, or we do */
function raw(text: string, end: "WHEN_CLOSED" | "AT_ONCE" = "WHEN_CLOSED"): Promise<string> {
  const { hostname, port } = new URL(t.url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let answer = "";
    socket.on("data", (chunk) => (answer += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(answer));
    socket.write(Buffer.from(text, "latin1"));
    if (end === "AT_ONCE") socket.end();
  });
}

function statusesOf(answer: string): number[] {
  return [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
}

/** An upload whose framing is given. */
function put(framing: readonly string[], body: string, first = "PUT /files?name=raw.bin HTTP/1.1"): string {
  const lines = [first, "host: localhost", `authorization: Bearer ${owner.accessToken}`, ...framing];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

async function kept(): Promise<{ names: string[]; staged: number }> {
  const { nodes } = (await owner.files()).files;
  return { names: nodes.map(({ name }) => name), staged: t.world.drive.files().length };
}

const CHUNKED = "transfer-encoding: chunked";
const HELLO = "5\r\nhello\r\n0\r\n\r\n";
/** In what one server reads one request, another one may read two. */
const AMBIGUOUS: readonly (readonly [what: string, framing: string[], body: string])[] = [
  ["a length and chunks", ["content-length: 5", CHUNKED], HELLO],
  ["chunks and a length", [CHUNKED, "content-length: 5"], HELLO],
  ["two lengths", ["content-length: 5", "content-length: 6"], "hello!"],
  ["two lengths in one header", ["content-length: 5, 6"], "hello!"],
  ["a length below nothing", ["content-length: -1"], "hello"],
  ["a length with a sign", ["content-length: +5"], "hello"],
  ["a length in base 16", ["content-length: 0x5"], "hello"],
  ["a length in two parts", ["content-length: 5 5"], "hello"],
  ["a length that no number holds", ["content-length: 99999999999999999999"], "hello"],
  ["a header with a space before its colon", ["content-length : 5"], "hello"],
  ["a folded header", ["content-length:", " 5"], "hello"],
  ["a header with a zero byte", ["x-name: a\0b", "content-length: 5"], "hello"],
  ["chunks that are not the last coding", ["transfer-encoding: chunked, gzip"], HELLO],
  ["an unknown coding", ["transfer-encoding: gzip"], "hello"],
  ["a coding that nobody undoes", ["transfer-encoding: gzip, chunked"], HELLO],
  ["a content that is compressed", ["content-encoding: gzip", "content-length: 5"], "hello"],
  ["a coding that looks like chunks", ["transfer-encoding: xchunked"], HELLO],
  ["a coding given twice", [CHUNKED, CHUNKED], HELLO],
  ["a chunk whose size is no number", [CHUNKED], "zz\r\nhello\r\n0\r\n\r\n"],
  ["a chunk of endless size", [CHUNKED], `${"f".repeat(20)}\r\nhello\r\n0\r\n\r\n`],
  ["a chunk longer than it says", [CHUNKED], "3\r\nhello\r\n0\r\n\r\n"],
  ["headers without end", [`x-long: ${"a".repeat(100_000)}`, "content-length: 5"], "hello"],
];

describe("an upload with", () => {
  it.each(AMBIGUOUS)("%s is refused, and the connection with it", async (_what, framing, body) => {
    const before = await kept();

    const answer = await raw(put(framing, body));

    const [status, ...more] = statusesOf(answer);
    expect([400, 415, 431, 501], answer).toContain(status);
    expect(more).toEqual([]);
    await eventually(kept, (now) => isDeepStrictEqual(now, before));
  });

  it.each([
    ["no host", "PUT /files?name=a HTTP/1.1\r\ncontent-length: 5\r\n\r\nhello"],
    [
      "a version that does not exist",
      "PUT /files?name=a HTTP/9.9\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello",
    ],
    ["no version", "PUT /files?name=a\r\n\r\nhello"],
    ["an unknown method", "PUSH /files?name=a HTTP/1.1\r\nhost: a\r\n\r\n"],
    ["an address with a line break", "PUT /files?name=a\nb HTTP/1.1\r\nhost: a\r\n\r\n"],
  ])("%s is refused", async (_what, text) => {
    expect(statusesOf(await raw(text))).toEqual([400]);
  });

  it.each([
    ["fewer bytes than its length", ["content-length: 1000"], "hello"],
    ["a chunk shorter than it says", [CHUNKED], "ff\r\nhello"],
    ["no last chunk", [CHUNKED], "5\r\nhello\r\n"],
  ])("%s leaves nothing", async (_what, framing, body) => {
    const before = await kept();

    await raw(put(framing, body), "AT_ONCE");

    await eventually(kept, (now) => isDeepStrictEqual(now, before));
  });

  it("more bytes than its length keeps those that it announced or nothing, and refuses the rest", async () => {
    const answer = await raw(put(["content-length: 5"], "hello, and what is this?"));

    expect(statusesOf(answer).at(-1)).toBe(400);
    await eventually(async () => {
      const { nodes } = (await owner.files()).files;
      return nodes.every(({ size, state }) => size === 5 && state !== "RECEIVING");
    });
  });

  it("nothing wrong with it is taken on the next connection", async () => {
    const answer = await raw(
      put(["content-length: 5", "connection: close"], "hello", "PUT /files?name=good.bin HTTP/1.1"),
    );

    expect(statusesOf(answer)).toEqual([201]);
  });
});
