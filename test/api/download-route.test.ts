import { createHash } from "node:crypto";
import { request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { File } from "../../server/files/file.js";
import type { OpenDownload } from "../../server/http/deps.js";
import { notFound, unavailable } from "../../server/kernel/errors.js";
import { bearer, registered } from "../support/accounts.js";
import type { Signed } from "../support/accounts.js";
import { eventually } from "../support/eventually.js";
import { startHttp } from "../support/http-harness.js";
import type { HttpHarness } from "../support/http-harness.js";

const BYTES = Buffer.from(Array.from({ length: 100_003 }, (_, i) => (i * 31 + (i >> 8)) % 256));
const SHA256 = createHash("sha256").update(BYTES).digest("hex");

/** What the next download does after it was opened. */
type Reading = (range: { start: number; end: number }, signal: AbortSignal) => Promise<Readable>;

let t: HttpHarness;
let me: Signed;
let file: File;
let reading: Reading;
let opened = 0;

const wholly: Reading = ({ start, end }) => Promise.resolve(pieces(BYTES.subarray(start, end + 1)));

beforeAll(async () => {
  t = await startHttp({ downloads: { open: (viewer, id) => open(viewer.kind, id) } });
  me = await registered(t);
});
afterAll(() => t.close());
beforeEach(() => {
  opened = 0;
  reading = wholly;
  file = {
    id: "f1",
    name: "report.bin",
    sizeBytes: BYTES.length,
    mimeType: "application/zip",
    sha256: SHA256,
    state: "STORED",
    createdAt: new Date("2026-03-04T05:06:07.890Z"),
    archivedAt: undefined,
    expiresAt: undefined,
    ownerId: "u1",
    folderId: undefined,
    blobId: "b1",
    transferId: undefined,
  };
});

function open(kind: string, id: string): Promise<OpenDownload> {
  if (kind === "anonymous" || id !== file.id) return Promise.reject(notFound("File"));
  const read: Reading = (range, signal) => {
    opened += 1;
    return reading(range, signal);
  };
  return Promise.resolve({ file, read });
}

/** In pieces of uneven size, as a network gives them. */
function pieces(bytes: Buffer): Readable {
  return Readable.from(
    (function* () {
      for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 3) % 20_011) {
        yield bytes.subarray(at, at + size);
      }
    })(),
    { objectMode: false },
  );
}

function get(headers: Record<string, string> = {}, query = "", method = "GET"): Promise<Response> {
  const url = `${t.url}/files/f1/content${query}`;
  return fetch(url, { method, headers: { ...bearer(me.accessToken), ...headers } });
}

async function bytesOf(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer());
}

describe("a download", () => {
  it("is the whole file with what a client needs to check and resume it", async () => {
    const response = await get();

    expect(response.status).toBe(200);
    expect((await bytesOf(response)).equals(BYTES)).toBe(true);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "accept-ranges": "bytes",
      "cache-control": "private, no-cache",
      "content-disposition": "attachment; filename=report.bin",
      "content-length": String(BYTES.length),
      "content-security-policy": "sandbox; default-src 'none'",
      "content-type": "application/octet-stream",
      "cross-origin-resource-policy": "same-origin",
      etag: `"${SHA256}"`,
      "last-modified": "Wed, 04 Mar 2026 05:06:07 GMT",
      "x-content-type-options": "nosniff",
    });
  });

  it.each([
    ["bytes=0-0", 0, 0],
    ["bytes=10-", 10, BYTES.length - 1],
    ["bytes=-7", BYTES.length - 7, BYTES.length - 1],
    ["bytes=65535-65536", 65_535, 65_536],
    [`bytes=5-${BYTES.length + 10}`, 5, BYTES.length - 1],
  ])("answers %s with just those bytes", async (range, start, end) => {
    const response = await get({ range });

    expect(response.status).toBe(206);
    expect(response.headers.get("content-range")).toBe(`bytes ${start}-${end}/${BYTES.length}`);
    expect((await bytesOf(response)).equals(BYTES.subarray(start, end + 1))).toBe(true);
  });

  it("answers any range with a slice of the file", async () => {
    for (let i = 0; i < 150; i += 1) {
      const start = Math.floor(Math.random() * BYTES.length);
      const end = start + Math.floor(Math.random() * (BYTES.length - start));
      const response = await get({ range: `bytes=${start}-${end}` });
      const same = (await bytesOf(response)).equals(BYTES.subarray(start, end + 1));
      expect({ start, end, same }).toEqual({ start, end, same: true });
    }
  });

  it("tells the size when a range lies behind the end", async () => {
    const response = await get({ range: `bytes=${BYTES.length}-` });

    expect(response.status).toBe(416);
    expect(response.headers.get("content-range")).toBe(`bytes */${BYTES.length}`);
    expect(opened).toBe(0);
  });

  it("of an empty file has no bytes and opens none", async () => {
    file = { ...file, sizeBytes: 0 };

    const response = await get();

    expect([response.status, response.headers.get("content-length")]).toEqual([200, "0"]);
    expect((await bytesOf(response)).length + opened).toBe(0);
  });

  it("is not sent again to who has it", async () => {
    const response = await get({ "if-none-match": `"${SHA256}"` });

    expect([response.status, response.headers.get("etag"), opened]).toEqual([304, `"${SHA256}"`, 0]);
  });

  it("is refused when the file is another one", async () => {
    const response = await get({ "if-match": '"other"' });

    expect(response.status).toBe(412);
  });

  it("answers HEAD with the headers of GET, and opens nothing", async () => {
    const [head, full] = [await get({}, "", "HEAD"), await get()];
    const shown = ({ headers }: Response) => {
      const all = Object.fromEntries(headers);
      return { ...all, date: "", "x-request-id": "", connection: "", "keep-alive": "" };
    };

    expect(shown(head)).toEqual(shown(full));
    expect((await bytesOf(head)).length).toBe(0);
    await bytesOf(full);
    expect(opened).toBe(1);
  });
});

describe("a name", () => {
  it.each([
    ["日本語.txt", "attachment; filename=\"???.txt\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC%E8%AA%9E.txt"],
    ['a"b\\c.txt', 'attachment; filename="a\\"b_c.txt"'],
    ["../../etc/passwd", "attachment; filename=.._.._etc_passwd"],
    ["a\r\nSet-Cookie: x=1", 'attachment; filename="a__Set-Cookie: x=1"'],
    ["lone \ud800 surrogate", 'attachment; filename="lone _ surrogate"'],
  ])("%j becomes a safe header", async (name, expected) => {
    file = { ...file, name };

    const response = await get({}, "", "HEAD");

    expect(response.headers.get("content-disposition")).toBe(expected);
    expect(response.headers.get("set-cookie")).toBeNull();
  });
});

describe("showing in the browser", () => {
  it.each([
    ["image/png", "image/png"],
    ["audio/ogg", "audio/ogg"],
    ["video/mp4; codecs=avc1", "video/mp4"],
    ["application/pdf", "application/pdf"],
    ["text/plain", "text/plain; charset=utf-8"],
  ])("is allowed for %s", async (mimeType, expected) => {
    file = { ...file, mimeType };

    const response = await get({}, "?inline=1", "HEAD");

    expect(response.headers.get("content-type")).toBe(expected);
    expect(response.headers.get("content-disposition")).toMatch(/^inline/);
  });

  it.each(["text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "video/mp4\r\nx: y", ""])(
    "is refused for %j",
    async (mimeType) => {
      file = { ...file, mimeType };

      const response = await get({}, "?inline=1", "HEAD");

      expect(response.headers.get("content-type")).toBe("application/octet-stream");
      expect(response.headers.get("content-disposition")).toMatch(/^attachment/);
    },
  );
});

describe("who may", () => {
  const content = (query = "", headers: Record<string, string> = {}) =>
    fetch(`${t.url}/files/f1/content${query}`, { headers });
  const viewer = async () => {
    const { viewer: admitted } = await t.authenticator.admit(me.accessToken);
    return admitted;
  };

  it("follow a signed link without a header", async () => {
    const response = await content(
      `?token=${t.authenticator.linkToken(await viewer(), { use: "save", id: "f1" })}`,
    );

    expect((await bytesOf(response)).equals(BYTES)).toBe(true);
  });

  it("be told nothing without link or header", async () => {
    const response = await content();

    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: "NOT_FOUND", status: 404 });
  });

  it.each(["other file", "access token", "changed", "garbage", "expired", "session over"])(
    "not use a link that is wrong: %s",
    async (fault) => {
      const mine = await registered(t);
      const { viewer: owner } = await t.authenticator.admit(mine.accessToken);
      const good = t.authenticator.linkToken(owner, { use: "save", id: "f1" });
      const links: Record<string, string> = {
        "other file": t.authenticator.linkToken(owner, { use: "save", id: "f2" }),
        "access token": mine.accessToken,
        changed: `${good.slice(0, -2)}AA`,
        garbage: "x.y.z",
        expired: t.tokens.signLink({ ...owner, use: "save", id: "f1" }, new Date(Date.now() - 901_000)),
        "session over": good,
      };
      if (fault === "session over") await t.graphql("mutation { logout }", {}, bearer(mine.accessToken));

      const response = await content(`?token=${links[fault]}`);

      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ code: "UNAUTHENTICATED" });
    },
  );

  it("not use a link as an access token", async () => {
    const token = t.authenticator.linkToken(await viewer(), { use: "save", id: "f1" });

    const response = await content("", bearer(token));

    expect(response.status).toBe(401);
  });
});

describe("when bytes cannot be had", () => {
  it.each([
    ["opening fails", () => Promise.reject(unavailable("Telegram asks to wait.", undefined, 7))],
    ["opening fails in an unforeseen way", () => Promise.reject(new Error("bot123:SECRET"))],
    ["the first bytes fail", () => Promise.resolve(failing(Buffer.alloc(0)))],
    ["there are none", () => Promise.resolve(pieces(Buffer.alloc(0)))],
  ])("and %s, it says so", async (_what, read) => {
    reading = read;

    const response = await get();

    expect(response.status).toBe(503);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(response.headers.get("content-disposition")).toBeNull();
    expect(await response.text()).not.toContain("SECRET");
  });

  it.each([
    ["it breaks off", () => failing(BYTES.subarray(0, 50_000))],
    ["it is too short", () => pieces(BYTES.subarray(0, BYTES.length - 1))],
    ["it is too long", () => pieces(Buffer.concat([BYTES, Buffer.alloc(1)]))],
  ])("when %s on the way, the connection is cut", async (_what, source) => {
    reading = () => Promise.resolve(source());

    const response = await get();

    expect(response.status).toBe(200);
    await expect(response.arrayBuffer()).rejects.toThrow();
  });

  it("stops reading when the client goes away", async () => {
    let signal: AbortSignal | undefined;
    let endless: Readable | undefined;
    file = { ...file, sizeBytes: 10 ** 12 };
    reading = (_range, given) => {
      signal = given;
      endless = new Readable({
        read() {
          this.push(Buffer.alloc(65_536));
        },
      });
      return Promise.resolve(endless);
    };

    const response = await new Promise<IncomingMessage>((resolve) => {
      httpRequest(`${t.url}/files/f1/content`, { headers: bearer(me.accessToken) }, resolve).end();
    });
    response.once("data", () => response.destroy());

    await eventually(() => signal?.aborted === true && endless?.destroyed === true);
  });

  it("stops waiting for the first byte when the client goes away", async () => {
    let signal: AbortSignal | undefined;
    let silent: Readable | undefined;
    reading = (_range, given) => {
      signal = given;
      silent = new Readable({ read: () => undefined, signal: given });
      return Promise.resolve(silent);
    };

    const request = httpRequest(`${t.url}/files/f1/content`, { headers: bearer(me.accessToken) }).end();
    request.on("error", () => undefined);
    await eventually(() => silent);
    request.destroy();

    await eventually(() => signal?.aborted === true && silent?.destroyed === true);
  });
});

function failing(first: Buffer): Readable {
  return Readable.from(
    (async function* () {
      if (first.length > 0) yield first;
      await Promise.resolve();
      throw new Error("connection reset by bot123:SECRET");
    })(),
    { objectMode: false },
  );
}
