import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NAUGHTY } from "../support/naughty-values.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";
import { seeds } from "../support/transfers.js";

const RUNS = 40;
/** Every address that takes something from whoever asks; `:x` stands for anything. */
const ADDRESSES = [
  "/files/:x/content",
  "/files/:x/thumbnail",
  "/files/:x/preview",
  "/files/zip",
  "/folders/:x/zip",
  "/audit/export",
  "/s/:x",
  "/s/:x/content",
  "/s/:x/thumbnail",
  "/s/:x/folders/:x",
  "/s/:x/files/:x",
  "/s/:x/files/:x/content",
  "/s/:x/files/:x/thumbnail",
  "/s/:x/zip",
  "/admin/:x",
  "/:x",
] as const;
const METHODS = ["GET", "HEAD", "POST", "PUT"] as const;
const PARAMETERS = [
  ...["token", "ids", "size", "disposition", "after", "password", "format", "where", "name", "folder"],
  ...["onConflict", "from", "to", "__proto__", "constructor", "toString"],
];

let t: TestServer;
let owner: Person;
let known: string[];

beforeAll(async () => {
  t = await startServer({ role: "api" });
  owner = await t.administrator();
  const file = await owner.upload(Buffer.from("some"), { name: "some.txt" });
  const { id: folderId } = (await owner.createFolder({ input: { name: "some" } })).createFolder;
  const { url } = (await owner.createShareLink({ input: { fileId: file.id } })).createShareLink;
  const token = new URL(file.downloadUrl).searchParams.get("token") ?? "";
  known = [file.id, folderId, token, new URL(url).pathname.replace("/s/", "")];
});
afterAll(() => t.close());

function anything(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom(...known, "small", "attachment", "csv", "json"),
    fc.constantFrom(...NAUGHTY.texts.filter((text) => text.length < 5_000 && !/[\ud800-\udfff]/.test(text))),
    fc.string({ unit: "grapheme", maxLength: 40 }),
  );
}

/** A path with its places filled, and some parameters, each perhaps more than once. */
function addressOf(pattern: string): fc.Arbitrary<string> {
  const places = pattern.split(":x").length - 1;
  const parameter = fc.tuple(fc.constantFrom(...PARAMETERS), anything());
  return fc
    .tuple(
      fc.array(anything(), { minLength: places, maxLength: places }),
      fc.array(parameter, { maxLength: 4 }),
    )
    .map(([values, parameters]) => {
      const path = pattern.replace(/:x/g, () => encodeURIComponent(values.shift() ?? ""));
      const query = parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
      return `${path}?${query}`;
    });
}

describe.each(ADDRESSES)("%s", (pattern) => {
  it.each(seeds)("answers or refuses whatever it is asked (SEED=%i)", async (seed) => {
    const request = fc.tuple(addressOf(pattern), fc.constantFrom(...METHODS), fc.boolean());
    await fc.assert(
      fc.asyncProperty(request, async ([address, method, isSignedIn]) => {
        const headers = isSignedIn ? { authorization: `Bearer ${owner.accessToken}` } : {};

        const response = await fetch(`${t.url}${address}`, { method, headers, redirect: "manual" });
        await response.arrayBuffer();

        expect(response.status, `${method} ${address}`).toBeLessThan(500);
      }),
      { seed, numRuns: RUNS, endOnFailure: true },
    );
    expect({}).not.toHaveProperty("naughty");
  });
});
