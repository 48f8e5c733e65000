import { randomBytes, randomInt } from "node:crypto";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";
import { MIB } from "../support/transfers.js";

/** Three blocks, the last one short. */
const SIZE = 2 * MIB + 4_321;
const BYTES = randomBytes(SIZE);
const LAST = SIZE - 1;
const HUGE = "9".repeat(30);
const RANDOM_RANGES = Number(process.env["SEEDS"] ?? 1) * 40;

type Headers = Record<string, string>;
interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

let t: TestServer;
let owner: Person;
let url: string;
let emptyUrl: string;
/** The validators of the file, and times around it. */
let etag: string;
let modified: string;
let earlier: string;
let later: string;

beforeAll(async () => {
  t = await startServer({ role: "api" });
  owner = await t.user();
  url = (await owner.upload(BYTES, { name: "a.bin" })).downloadUrl;
  emptyUrl = (await owner.upload(new Uint8Array(0), { name: "empty.bin" })).downloadUrl;
  const { headers } = await ask({}, "HEAD");
  etag = String(headers["etag"]);
  modified = String(headers["last-modified"]);
  earlier = new Date(Date.parse(modified) - 1_000).toUTCString();
  later = new Date(Date.parse(modified) + 1_000).toUTCString();
});
afterAll(() => t.close());

/** Headers go out exactly as they are written here. */
function ask(headers: Headers, method = "GET", to = url): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(to, { method, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const { statusCode: status = 0, headers: got } = answer;
        resolve({ status, headers: got, body: Buffer.concat(chunks) });
      });
    });
    sent.on("error", reject).end();
  });
}

/** `<etag>` and the like stand for what is known only once the file is there. */
function filled(headers: Headers): Headers {
  const known: Headers = { "<etag>": etag, "<modified>": modified, "<earlier>": earlier, "<later>": later };
  const value = (text: string): string => text.replace(/<\w+>/g, (name) => known[name] ?? name);
  return Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, value(text)]));
}

function expectPart({ status, headers, body }: Answer, start: number, end: number): void {
  expect(status).toBe(206);
  expect(headers["content-range"]).toBe(`bytes ${start}-${end}/${SIZE}`);
  expect(headers["content-length"]).toBe(String(end - start + 1));
  expect(headers["etag"]).toBe(etag);
  expect(body.equals(BYTES.subarray(start, end + 1))).toBe(true);
}

function expectWhole({ status, headers, body }: Answer): void {
  expect(status).toBe(200);
  expect(headers["content-range"]).toBeUndefined();
  expect(headers["accept-ranges"]).toBe("bytes");
  expect(headers["content-length"]).toBe(String(SIZE));
  expect(body.equals(BYTES)).toBe(true);
}

function expectNoBytes({ status, headers, body }: Answer, wanted: 304 | 412 | 416): void {
  expect(status).toBe(wanted);
  expect(headers["content-disposition"]).toBeUndefined();
  if (wanted === 304) {
    expect(headers["etag"]).toBe(etag);
    expect(body.length).toBe(0);
    return;
  }
  if (wanted === 416) expect(headers["content-range"]).toBe(`bytes */${SIZE}`);
  expect(headers["content-type"]).toMatch(/^application\/problem\+json/);
}

describe("RFC 9110, section 14.1.2: a byte range", () => {
  it.each([
    ["14.1.2: the first byte", "bytes=0-0", 0, 0],
    ["14.1.2: the first 500", "bytes=0-499", 0, 499],
    ["14.1.2: the second 500", "bytes=500-999", 500, 999],
    ["14.1.2: from a place to the end", `bytes=${SIZE - 9}-`, SIZE - 9, LAST],
    ["14.1.2: all of it, said with an open end", "bytes=0-", 0, LAST],
    ["14.1.2: all of it, said with both ends", `bytes=0-${LAST}`, 0, LAST],
    ["14.1.2: the last byte", `bytes=${LAST}-${LAST}`, LAST, LAST],
    ["14.1.2: an end behind the file's is the file's", `bytes=${LAST}-${SIZE + 5}`, LAST, LAST],
    ["14.1.2: an end of thirty digits is the file's", `bytes=7-${HUGE}`, 7, LAST],
    ["14.1.2: over the edge of a block", `bytes=${MIB - 1}-${MIB}`, MIB - 1, MIB],
    ["14.1.2: a whole block", `bytes=${MIB}-${2 * MIB - 1}`, MIB, 2 * MIB - 1],
    ["14.1.2: a suffix of one byte", "bytes=-1", LAST, LAST],
    ["14.1.2: a suffix of 500", "bytes=-500", SIZE - 500, LAST],
    ["14.1.2: a suffix as long as the file", `bytes=-${SIZE}`, 0, LAST],
    ["14.1.2: a suffix longer than the file", `bytes=-${SIZE + 1}`, 0, LAST],
    ["14.1.2: a suffix of thirty digits", `bytes=-${HUGE}`, 0, LAST],
    ["14.1.2: zeros in front", "bytes=007-0009", 7, 9],
    ["14.1: the unit's name in capitals", "BYTES=1-2", 1, 2],
    ["5.6.3: white space around it", "bytes= 1-2 ", 1, 2],
  ])("%s is just those bytes", async (_title, range, start, end) => {
    expectPart(await ask({ range }), start, end);
  });

  it.each([
    ["14.1.2: a first byte behind the end", `bytes=${SIZE}-`],
    ["14.1.2: both ends behind the end", `bytes=${SIZE}-${SIZE + 10}`],
    ["14.1.2: a first byte of thirty digits", `bytes=${HUGE}-`],
    ["14.1.2: a suffix of nothing", "bytes=-0"],
  ])("%s cannot be satisfied, and the answer tells the size (15.5.17)", async (_title, range) => {
    expectNoBytes(await ask({ range }), 416);
  });

  it.each([
    ["14.1.1: the end before the beginning", "bytes=5-2"],
    ["14.1.1: neither end", "bytes=-"],
    ["14.1.1: no range at all", "bytes="],
    ["14.1.1: letters", "bytes=a-b"],
    ["14.1.1: three ends", "bytes=1-2-3"],
    ["14.1.1: a sign", "bytes=+1-2"],
    ["14.1.1: a fraction", "bytes=1.5-2"],
    ["14.1.1: another base", "bytes=0x1-2"],
    ["14.1.1: a colon", "bytes:1-2"],
    ["14.1.1: no equals sign", "bytes 1-2"],
    ["14.2: a unit that nobody knows", "items=0-1"],
    ["14.2: several ranges, which a server may ignore", "bytes=0-1,5-6"],
    ["14.2: several ranges, one a suffix", "bytes=0-1, -1"],
    ["14.2: a thousand ranges", `bytes=${Array.from({ length: 1_000 }, (_, i) => `${i}-${i}`).join(",")}`],
  ])("%s is ignored: the whole file", async (_title, range) => {
    expectWhole(await ask({ range }));
  });

  it.each([
    ["14.2: HEAD with a range", { range: "bytes=0-0" }],
    ["14.2: HEAD with a range behind the end", { range: `bytes=${SIZE}-` }],
    ["9.3.2: HEAD alone", {}],
  ])("%s has the headers of the whole and no bytes", async (_title, headers: Headers) => {
    const { status, headers: got, body } = await ask(headers, "HEAD");

    expect([status, got["content-length"], got["etag"], body.length]).toEqual([200, String(SIZE), etag, 0]);
  });

  it.each([
    ["14.1.2: any range of an empty file", { range: "bytes=0-" }, 416],
    ["14.1.2: a suffix of an empty file", { range: "bytes=-5" }, 200],
    ["14.2: an empty file without a range", {}, 200],
  ])("%s answers %j", async (_title, headers: Headers, status) => {
    expect((await ask(headers, "GET", emptyUrl)).status).toBe(status);
  });
});

describe("RFC 9110, section 13: a condition", () => {
  const range = "bytes=10-19";

  it.each([
    ["13.1.5: If-Range with the tag", { "if-range": "<etag>", range }, "part"],
    ["13.1.5: If-Range with the exact date", { "if-range": "<modified>", range }, "part"],
    ["13.1.5: If-Range with a weak tag", { "if-range": "W/<etag>", range }, "whole"],
    ["13.1.5: If-Range with another tag", { "if-range": '"other"', range }, "whole"],
    ["13.1.5: If-Range with another date", { "if-range": "<earlier>", range }, "whole"],
    ["13.1.5: If-Range with a later date", { "if-range": "<later>", range }, "whole"],
    ["13.1.5: If-Range with nonsense", { "if-range": "soon", range }, "whole"],
    ["13.1.5: If-Range without a range", { "if-range": "<etag>" }, "whole"],
    ["13.1.2: If-None-Match with the tag", { "if-none-match": "<etag>" }, 304],
    ["13.1.2: If-None-Match compares weakly", { "if-none-match": "W/<etag>" }, 304],
    ["13.1.2: If-None-Match with a list", { "if-none-match": '"x", <etag>' }, 304],
    ["13.1.2: If-None-Match with a star", { "if-none-match": "*" }, 304],
    ["13.1.2: If-None-Match with another tag", { "if-none-match": '"x"' }, "whole"],
    ["13.1.3: If-Modified-Since with the date", { "if-modified-since": "<modified>" }, 304],
    ["13.1.3: If-Modified-Since with an earlier date", { "if-modified-since": "<earlier>" }, "whole"],
    ["13.1.3: If-Modified-Since with nonsense", { "if-modified-since": "yesterday" }, "whole"],
    [
      "13.1.3: If-Modified-Since beside If-None-Match is ignored",
      { "if-none-match": '"x"', "if-modified-since": "<modified>" },
      "whole",
    ],
    ["13.1.1: If-Match with the tag", { "if-match": "<etag>", range }, "part"],
    ["13.1.1: If-Match with a star", { "if-match": "*" }, "whole"],
    ["13.1.1: If-Match compares strongly", { "if-match": "W/<etag>" }, 412],
    ["13.1.1: If-Match with another tag", { "if-match": '"x"', range }, 412],
    ["13.1.4: If-Unmodified-Since with an earlier date", { "if-unmodified-since": "<earlier>" }, 412],
    ["13.1.4: If-Unmodified-Since with the date", { "if-unmodified-since": "<modified>", range }, "part"],
    [
      "13.1.4: If-Unmodified-Since beside If-Match is ignored",
      { "if-match": "<etag>", "if-unmodified-since": "<earlier>" },
      "whole",
    ],
    ["13.2.2: If-Match before If-None-Match", { "if-match": '"x"', "if-none-match": "<etag>" }, 412],
    ["13.2.2: If-None-Match before the range", { "if-none-match": "<etag>", range }, 304],
    ["13.2.2: If-Match before the range", { "if-match": '"x"', range: `bytes=${SIZE}-` }, 412],
    [
      "13.2.2: a range that cannot be, after all conditions",
      { "if-match": "<etag>", range: `bytes=${SIZE}-` },
      416,
    ],
  ] as const)("%s", async (_title, headers: Headers, outcome) => {
    const answer = await ask(filled(headers));

    if (outcome === "part") expectPart(answer, 10, 19);
    else if (outcome === "whole") expectWhole(answer);
    else expectNoBytes(answer, outcome);
  });

  it.each([
    ["13.1.2: HEAD of what one has", { "if-none-match": "<etag>" }, 304],
    ["13.1.1: HEAD of another file", { "if-match": '"x"' }, 412],
  ])("%s", async (_title, headers: Headers, status) => {
    const answer = await ask(filled(headers), "HEAD");

    expect([answer.status, answer.body.length]).toEqual([status, 0]);
  });
});

describe("random ranges", () => {
  it("are the same bytes as in the original, bounded or not", async () => {
    for (let i = 0; i < RANDOM_RANGES; i += 1) {
      const start = randomInt(SIZE);
      const end = start + randomInt(Math.min(SIZE - start, 200_000));
      const kinds = [
        { range: `bytes=${start}-${end}`, from: start, to: end },
        { range: `bytes=${LAST - (end - start)}-`, from: LAST - (end - start), to: LAST },
        { range: `bytes=-${end - start + 1}`, from: LAST - (end - start), to: LAST },
      ];
      const { range, from, to } = kinds[i % kinds.length] ?? { range: "", from: 0, to: 0 };
      expectPart(await ask({ range }), from, to);
    }
  });
});
