import { createHash } from "node:crypto";
import { connect } from "node:net";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { File } from "../../server/files/file.js";
import type { UploadPort } from "../../server/http/deps.js";
import { conflict, unauthenticated } from "../../server/kernel/errors.js";
import { bearer, registered } from "../support/accounts.js";
import { eventually } from "../support/eventually.js";
import { startHttp } from "../support/http-harness.js";
import type { HttpHarness } from "../support/http-harness.js";

const MAX = 1_000_000;
type Facts = Parameters<UploadPort["receive"]>[1];

let t: HttpHarness;
let token: string;
let received: { facts: Facts; bytes: number; sha256: string; error?: unknown; aborted?: boolean }[] = [];
let refusal: Error | undefined;

beforeAll(async () => {
  t = await startHttp({
    config: { maxFileBytes: MAX },
    ingest: { windowMs: 300, leastBytes: 300, everyMs: 50 },
    uploads: {
      admit: ({ kind }) => (kind === "user" ? Promise.resolve() : Promise.reject(unauthenticated())),
      receive: (_viewer, facts, body, signal) => receive(facts, body, signal),
    },
  });
  token = (await registered(t)).accessToken;
});
afterAll(() => t.close());
beforeEach(() => {
  received = [];
  refusal = undefined;
});

async function receive(facts: Facts, body: Readable, signal: AbortSignal): Promise<File> {
  if (refusal) throw refusal;
  const seen: (typeof received)[number] = { facts, bytes: 0, sha256: "" };
  received.push(seen);
  signal.addEventListener("abort", () => (seen.aborted = true));
  const hash = createHash("sha256");
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      seen.bytes += chunk.length;
      hash.update(chunk);
    }
  } catch (error) {
    seen.error = error;
    throw error;
  }
  seen.sha256 = hash.digest("hex");
  return {
    id: "f1",
    name: facts.name,
    sizeBytes: seen.bytes,
    mimeType: facts.mimeType ?? "text/plain",
    sha256: seen.sha256,
    state: "STAGED",
    createdAt: new Date("2026-03-04T05:06:07Z"),
    archivedAt: undefined,
    expiresAt: undefined,
    ownerId: "u1",
    folderId: facts.folderId,
    blobId: "b1",
    transferId: "t1",
  };
}

function put(query: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${t.url}/files${query}`, {
    method: "PUT",
    headers: { ...bearer(token), ...headers },
    body: typeof body === "string" ? body : new Uint8Array(body),
  });
}

/** A request by hand, and all that comes back until the connection ends. */
function byHand(text: string): { socket: Socket; answer: Promise<string> } {
  const { hostname, port } = new URL(t.url);
  const socket = connect(Number(port), hostname);
  const answer = new Promise<string>((resolve) => {
    let seen = "";
    socket.on("data", (data) => (seen += data.toString()));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(seen));
  });
  socket.write(text);
  return { socket, answer };
}

describe("an upload", () => {
  it("is answered with the file", async () => {
    const response = await put("?name=a%20b%2Fc.txt&folder=abc", "hello", {
      "content-type": "text/markdown",
    });

    expect(response.status).toBe(201);
    const file = (await response.json()) as Record<string, string>;
    expect(file).toMatchObject({
      id: "f1",
      name: "a b/c.txt",
      size: 5,
      mimeType: "text/markdown",
      sha256: createHash("sha256").update("hello").digest("hex"),
      state: "STAGED",
      createdAt: "2026-03-04T05:06:07.000Z",
    });
    expect(file["downloadUrl"]).toContain(`${t.url}/files/f1/content?token=`);
    expect(received[0]?.facts).toEqual({
      name: "a b/c.txt",
      folderId: "abc",
      mimeType: "text/markdown",
      declaredBytes: 5,
    });
  });

  it("may be of any type, also JSON, a form, or none", async () => {
    for (const type of [
      "application/json",
      "application/x-www-form-urlencoded",
      "multipart/form-data",
      "a/b",
    ]) {
      const response = await put("?name=a", "{not json", { "content-type": type });
      expect([type, response.status]).toEqual([type, 201]);
    }
    expect((await put("?name=a", Buffer.from("x"))).status).toBe(201);
    expect(received.map(({ facts }) => facts.mimeType)).toEqual([
      "application/json",
      undefined,
      "multipart/form-data",
      "a/b",
      undefined,
    ]);
  });

  it("may be empty", async () => {
    const response = await put("?name=a", "");

    expect(response.status).toBe(201);
    expect(received[0]?.bytes).toBe(0);
  });

  it("hands on the digest that it names", async () => {
    const digest = createHash("sha256").update("hello").digest();

    await put("?name=a", "hello", { "repr-digest": `md5=:xx:, sha-256=:${digest.toString("base64")}:` });

    expect(received[0]?.facts.sha256).toBe(digest.toString("hex"));
  });

  it.each([
    ["no name", "", {}, 400],
    ["an empty name", "?name=", {}, 400],
    ["two names", "?name=a&name=b", {}, 400],
    ["two folders", "?name=a&folder=a&folder=b", {}, 400],
    ["a malformed digest", "?name=a", { "repr-digest": "sha-256=abc" }, 400],
    ["no token", "?name=a", { authorization: "" }, 401],
    ["a bad token", "?name=a", { authorization: "Bearer x.y.z" }, 401],
    ["another scheme", "?name=a", { authorization: "Basic eDp5" }, 401],
  ])("is refused with %s", async (_what, query, headers, status) => {
    const response = await put(query, "hello", headers);

    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
    expect(received).toEqual([]);
  });

  it("shows why it was refused by what is behind it", async () => {
    refusal = conflict("There is such a file already.", "name");

    const response = await put("?name=a", Buffer.alloc(500_000));

    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      code: "CONFLICT",
      detail: "There is such a file already.",
    });
  });

  it("of unknown length may be as large as the limit, and not a byte larger", async () => {
    const chunked = (bytes: number) =>
      fetch(`${t.url}/files?name=a`, {
        method: "PUT",
        headers: bearer(token),
        body: new Blob([new Uint8Array(bytes)]).stream(),
        duplex: "half",
      });

    const [fits, large] = [await chunked(MAX), await chunked(MAX + 1)];

    expect([fits.status, large.status]).toEqual([201, 413]);
    expect(await large.json()).toMatchObject({ code: "FILE_TOO_LARGE" });
  });
});

describe("a body that announces itself", () => {
  const head = (headers: string) =>
    `PUT /files?name=a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n\r\n`;

  it.each([
    ["too large", () => `Authorization: Bearer ${token}\r\nContent-Length: ${MAX + 1}`, 413],
    ["from a stranger", () => "Content-Length: 10", 401],
  ])("(%s) is refused before it is sent", async (_what, headers, status) => {
    const { socket, answer } = byHand(head(`${headers()}\r\nExpect: 100-continue`));

    const text = await Promise.race([answer, eventually(() => (socket.bytesRead > 0 ? answer : ""))]);

    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(text).not.toContain("100 Continue");
    expect(received).toEqual([]);
  });

  it("is told to continue when it is welcome", async () => {
    const { socket, answer } = byHand(
      head(`Authorization: Bearer ${token}\r\nContent-Length: 5\r\nExpect: 100-continue`),
    );

    await eventually(() => socket.bytesRead > 0);
    socket.write("hello");

    expect(await answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /);
  });

  it("and goes away, fails where it is read", async () => {
    const { socket } = byHand(head(`Authorization: Bearer ${token}\r\nContent-Length: 500000`));
    socket.write(Buffer.alloc(1_000));
    await eventually(() => received[0]?.bytes === 1_000);

    socket.destroy();

    const seen = await eventually(() => (received[0]?.error ? received[0] : undefined));
    expect(seen).toMatchObject({ error: { code: "BAD_USER_INPUT" }, aborted: true });
  });

  it("and then comes too slowly, is given up", async () => {
    const { socket, answer } = byHand(head(`Authorization: Bearer ${token}\r\nContent-Length: 500000`));
    const dripping = setInterval(() => socket.write("x"), 20);

    const text = await answer;

    clearInterval(dripping);
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(text).toContain("BAD_USER_INPUT");
    expect(received[0]?.error).toBeDefined();
  });
});
