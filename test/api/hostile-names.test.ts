import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UploadFilesMutation } from "../support/generated/sdk.js";
import { UploadFilesDocument } from "../support/generated/sdk.js";
import { sendMultipart } from "../support/graphql.js";
import { postGraphql } from "../support/http-harness.js";
import { bearer } from "../support/accounts.js";
import { hostileNames } from "../support/hostile-names.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";
import { aVisitor } from "../support/visitor.js";

const NAMES = hostileNames();
const PER_REQUEST = 60;
/** Questions in one document. */
const PER_DOCUMENT = 20;
const hasPython = spawnSync("python3", ["--version"]).status === 0;

/** What every name must be that is kept: one that no system takes for a path or two lines. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const NEVER_KEPT = /[\u0000-\u001f\u007f-\u009f/\\]|^\.{0,2}$|^\s*$/;

/** Endings and devices that Windows makes something else of. */
const RUNS_INTO_WINDOWS =
  /[. ]$|[<>:"|?*]|^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i;
const PYTHON = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
    assert z.testzip() is None
    print(json.dumps([info.orig_filename for info in z.infolist()]))
`;

interface Kept {
  id: string;
  name: string;
  downloadUrl: string;
}

interface Batch {
  folderId: string;
  accepted: string[];
  refused: { path: string; code: string; message: string }[];
  kept: Kept[];
}

let t: TestServer;
let owner: Person;
const batches: Batch[] = [];
let refused: Batch["refused"];
let kept: Kept[];

beforeAll(async () => {
  t = await startServer({ role: "api" });
  owner = await t.user();
  const requests = Array.from({ length: Math.ceil(NAMES.length / PER_REQUEST) }, (_, i) => i * PER_REQUEST);
  await Promise.all(requests.map((at) => uploadAll(NAMES.slice(at, at + PER_REQUEST))));
  kept = batches.flatMap((batch) => batch.kept);
  refused = batches.flatMap((batch) => batch.refused);
}, 150_000);
afterAll(() => t.close());

/** Separators are for paths: names with one are given as names, one by one, below. */
async function uploadAll(names: readonly string[]): Promise<void> {
  const paths = names.filter((name) => !name.includes("/"));
  const files = paths.map((_, i) => ({ path: `variables.files.${i}`, name: "x", bytes: new Uint8Array(0) }));
  const variables = { files: paths.map(() => null), paths, folderName: "batch" };
  const data = await sendMultipart(t.url, owner.accessToken, UploadFilesDocument, variables, files);
  const { id, failedUploads } = (data as UploadFilesMutation).uploadFiles;
  const { nodes } = (await owner.folder({ id, first: PER_REQUEST })).folder.files;
  const isRefused = new Set(failedUploads.map(({ path }) => path));
  batches.push({
    folderId: id,
    refused: failedUploads,
    accepted: paths.filter((name) => !isRefused.has(name)),
    kept: nodes,
  });
}

/** In a folder two names that count as one are told apart by a number. */
function isNumbered(name: string, of: string): boolean {
  const [, stem = "", ending = ""] = /^(.*) \(\d+\)(.*)$/su.exec(name) ?? [];
  return stem !== "" && of.startsWith(stem) && of.endsWith(ending);
}

/** As RFC 6266 and RFC 8187 say, with no help from what wrote it. */
function fileNameIn(header: string): string {
  const [, extended] = /;\s*filename\*=UTF-8''([^;]*)/i.exec(header) ?? [];
  if (extended !== undefined) return decodeURIComponent(extended);
  const [, quoted, token = ""] = /;\s*filename=(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(header) ?? [];
  return quoted?.replace(/\\(.)/gs, "$1") ?? token;
}

/** A few at a time, as a browser asks. */
async function forAll<T>(things: readonly T[], work: (thing: T) => Promise<void>): Promise<void> {
  const left = [...things];
  const one = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) await work(next);
  };
  await Promise.all(Array.from({ length: 8 }, one));
}

interface Found {
  id: string;
  name: string;
}

/** What each of many searches finds, many in one document. */
async function searchAll(searches: readonly { search: string; folderId: string }[]): Promise<Found[][]> {
  const pages = Array.from({ length: Math.ceil(searches.length / PER_DOCUMENT) }, (_, i) =>
    searches.slice(i * PER_DOCUMENT, (i + 1) * PER_DOCUMENT),
  );
  const found = pages.map(async (page) => {
    const declared = page.map((_, i) => `$w${i}: FileWhere`).join(", ");
    const fields = page.map((_, i) => `f${i}: files(where: $w${i}, first: 100) { nodes { id name } }`);
    const variables = Object.fromEntries(page.map((where, i) => [`w${i}`, where]));
    const document = `query (${declared}) { ${fields.join(" ")} }`;
    const { data } = await postGraphql(t.url, document, variables, bearer(owner.accessToken));
    const lists = data as unknown as Record<string, { nodes: Found[] }>;
    return page.map((_, i) => lists[`f${i}`]?.nodes ?? []);
  });
  return (await Promise.all(found)).flat();
}

describe(`${NAMES.length} hostile names`, () => {
  it("are each refused as bad input, or kept as they are", () => {
    expect(NAMES.length).toBeGreaterThanOrEqual(500);
    expect(kept.length).toBeGreaterThan(350);
    for (const batch of batches) {
      expect(batch.kept.length).toBe(batch.accepted.length);
      const names = batch.kept.map(({ name }) => name);
      for (const name of batch.accepted.map((one) => one.normalize("NFC"))) {
        expect(names.some((one) => one === name || isNumbered(one, name)) ? "kept" : name).toBe("kept");
      }
    }
    expect(refused.length).toBeGreaterThan(50);
    for (const { path: name, code, message } of refused) {
      expect([name, code]).toEqual([name, "BAD_USER_INPUT"]);
      expect(message).toMatch(/^This (name|path) /);
    }
    for (const { name } of kept) {
      expect(NEVER_KEPT.test(name) ? name : "safe").toBe("safe");
      expect(name).toBe(name.normalize("NFC"));
      expect(name.isWellFormed()).toBe(true);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
    }
  });

  it("when refused, name the field at fault", async () => {
    const [file] = kept;
    const names = NAMES.filter((name) => name.includes("/") || refused.some((one) => one.path === name));

    await forAll(names, async (name) => {
      const renaming = owner.renameFile({ id: file?.id ?? "", name });
      await expect(renaming).rejects.toMatchObject({
        code: "BAD_USER_INPUT",
        extensions: { field: ["name"] },
      });
    });
    for (const name of ["..", "a/b", "\ud800"]) {
      await expect(owner.upload(new Uint8Array(0), { name })).rejects.toMatchObject({
        ...{ code: "BAD_USER_INPUT", extensions: { field: ["name"] } },
      });
      await expect(owner.createFolder({ input: { name } })).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
    }
  });

  it("are found by a search for them", async () => {
    const files = batches.flatMap(({ folderId, kept: all }) => all.map((file) => ({ ...file, folderId })));
    const found = await searchAll(files.map(({ name, folderId }) => ({ search: name, folderId })));

    expect(found.length).toBe(kept.length);
    for (const [i, { id, name }] of files.entries()) {
      expect([name, found[i]?.some((file) => file.id === id && file.name === name)]).toEqual([name, true]);
    }
  });

  it("come back from the download's header, which is one line", async () => {
    await forAll(kept, async ({ name, downloadUrl }) => {
      const answer = await fetch(downloadUrl, { method: "HEAD" });
      const header = answer.headers.get("content-disposition") ?? "";

      expect([name, answer.status, answer.headers.get("set-cookie")]).toEqual([name, 200, null]);
      expect(header).toMatch(/^attachment; filename=[\x20-\x7e]+$/);
      expect(fileNameIn(header)).toBe(name);
    });
  });

  it("stand on a share page as text", async () => {
    for (const { folderId, kept: files } of batches) {
      const { createShareLink } = await owner.createShareLink({ input: { folderId } });
      const page = await aVisitor().page(createShareLink.url);
      expect(page).not.toMatch(/<script|<img src=x|<svg onload|<a href="javascript/i);
      expect([...page.matchAll(/<bdi>/g)].length).toBe(files.length + 1);
    }
  });

  it.skipIf(!hasPython)("are unpacked from a zip, each for itself (needs python3)", async () => {
    const ids = kept.map(({ id }) => id);
    const { createZipLink } = await owner.createZipLink({ ids });
    const zip = Buffer.from(await (await fetch(createZipLink.url)).arrayBuffer());
    const dir = await mkdtemp(path.join(tmpdir(), "telestash-names-"));
    try {
      const file = path.join(dir, "names.zip");
      await writeFile(file, zip);
      const { stdout } = await promisify(execFile)("python3", ["-c", PYTHON, file], {
        env: { ...process.env, PYTHONIOENCODING: "utf8" },
        maxBuffer: 10 * 1024 * 1024,
      });
      const names = JSON.parse(stdout) as string[];

      expect(names.length).toBe(kept.length);
      expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
      for (const name of names) {
        expect(NEVER_KEPT.test(name) || RUNS_INTO_WINDOWS.test(name) ? name : "safe").toBe("safe");
      }
      const there = new Set(names);
      const plain = kept.filter(
        ({ name }) => /^[\p{L}\p{N}][\p{L}\p{N} ]*$/u.test(name) && !RUNS_INTO_WINDOWS.test(name),
      );
      expect(plain.length).toBeGreaterThan(20);
      expect(
        plain.filter(({ name }) => !there.has(name) && !names.some((one) => isNumbered(one, name))),
      ).toEqual([]);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});

describe("names that look alike", () => {
  it("composed and decomposed are one name, and the second gets a number", async () => {
    const { id } = (await owner.createFolder({ input: { name: "twins" } })).createFolder;
    const twins = ["Amélie.txt", "Ame\u0301lie.txt", "AMÉLIE.TXT"];

    const names: string[] = [];
    for (const name of twins)
      names.push((await owner.upload(new Uint8Array(0), { name, folderId: id })).name);

    expect(names).toEqual(["Amélie.txt", "Amélie (2).txt", "AMÉLIE (3).TXT"]);
  });
});
