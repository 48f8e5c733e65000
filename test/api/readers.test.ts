import { createHash, randomBytes } from "node:crypto";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bearer } from "../support/accounts.js";
import { eventually } from "../support/eventually.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";
import { MIB, becomes, isDone } from "../support/transfers.js";

/** Parts of one MiB here, so this is seventeen. */
const BYTES = randomBytes(16 * MIB + 12_345);
const SHA256 = createHash("sha256").update(BYTES).digest("hex");
const RANDOM_RANGES = Number(process.env["SEEDS"] ?? 2) * 30;

const hasCurl = spawnSync("curl", ["--version"]).status === 0;

let t: TestServer;
let owner: Person;
let id: string;
let link: string;

beforeAll(async () => {
  t = await startServer();
  owner = await t.user();
  id = (await owner.upload(BYTES, { name: "long.bin" })).id;
  await becomes({ owner, id, sha256: SHA256 }, isDone);
  await eventually(() => t.world.drive.files().length === 0);
  link = (await owner.file({ id })).file.downloadUrl;
});
afterAll(() => t.close());

function downloads(): number {
  return t.world.telegram.stats().calls["download"] ?? 0;
}

/** The answer, with its body not read yet. */
function opened(url: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(url, { headers, agent: false }, resolve).on("error", reject).end();
  });
}

describe("a range", () => {
  it("is the same bytes as in the original, wherever it begins and ends", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(BYTES.length - 1), fc.nat(2 * MIB), async (start, more) => {
        const end = Math.min(start + more, BYTES.length - 1);
        const answer = await fetch(link, { headers: { range: `bytes=${start}-${end}` } });
        expect(answer.headers.get("content-range")).toBe(`bytes ${start}-${end}/${BYTES.length}`);
        expect(Buffer.from(await answer.arrayBuffer()).equals(BYTES.subarray(start, end + 1))).toBe(true);
      }),
      { numRuns: RANDOM_RANGES },
    );
  });

  it.each([
    ["within a part", 3 * MIB + 10, 3 * MIB + 20, 1],
    ["the first byte", 0, 0, 1],
    ["the last part", 16 * MIB, BYTES.length - 1, 1],
    ["over an edge", 5 * MIB - 1, 5 * MIB, 2],
    ["over three parts", 7 * MIB + 5, 9 * MIB + 5, 3],
  ])("fetches the parts it touches and no other: %s", async (_what, start, end, parts) => {
    const before = downloads();

    const answer = await fetch(link, { headers: { range: `bytes=${start}-${end}` } });
    await answer.arrayBuffer();

    expect(downloads() - before).toBe(parts);
  });

  it.skipIf(!hasCurl)("lets curl go on where it stopped (needs curl)", async () => {
    const dir = await mkdtemp(path.join(tmpdir(), "telestash-curl-"));
    const file = path.join(dir, "long.bin");
    await writeFile(file, BYTES.subarray(0, 5 * MIB + 321));

    await promisify(execFile)("curl", ["-sS", "--fail", "-C", "-", "-o", file, link]);

    expect((await readFile(file)).equals(BYTES)).toBe(true);
    await rm(dir, { recursive: true, force: true });
  });
});

describe("a reader", () => {
  it("who goes away stops what is fetched for him within a part", async () => {
    const answer = await opened(link);
    await new Promise((resolve) => answer.once("data", resolve));
    const before = downloads();

    answer.destroy();

    expect((await settled()) - before).toBeLessThanOrEqual(1);
  });

  it("who does not read is waited for, and nothing is fetched ahead of him", async () => {
    const before = downloads();
    const answers = await Promise.all(Array.from({ length: 5 }, () => opened(link)));
    for (const answer of answers) answer.pause();
    const quiet = await settled();

    // Kernel buffers of both sides take in a few MiB.
    expect(quiet - before).toBeLessThan(5 * 12);

    const hash = createHash("sha256");
    for await (const chunk of answers[0] as AsyncIterable<Buffer>) hash.update(chunk);
    for (const answer of answers) answer.destroy();
    expect(hash.digest("hex")).toBe(SHA256);
  });

  it("of a zip who goes away stops it too", async () => {
    const answer = await opened(`${t.url}/files/zip?ids=${id}`, bearer(owner.accessToken));
    await new Promise((resolve) => answer.once("data", resolve));

    const before = downloads();

    answer.destroy();

    expect((await settled()) - before).toBeLessThanOrEqual(1);
  });
});

/** How many downloads there were once no more are begun. */
async function settled(): Promise<number> {
  let last = -1;
  return eventually(
    () => {
      const now = downloads();
      const same = now === last;
      last = now;
      return { now, same };
    },
    ({ same }) => same,
    10_000,
    300,
  ).then(({ now }) => now);
}
