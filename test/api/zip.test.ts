import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bearer } from "../support/accounts.js";
import { openDatabase } from "../support/audit.js";
import { becomes, isDone } from "../support/transfers.js";
import { eventually } from "../support/eventually.js";
import { startServer } from "../support/start-server.js";
import { changeFile } from "../support/stored-files.js";
import type { Person, TestServer } from "../support/start-server.js";

const MIB = 1024 * 1024;
const LIST =
  "import json,sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); print(json.dumps([z.testzip(), z.namelist()]))";

let t: TestServer;
let owner: Person;
let folder: string;
let dir: string;
const contents = new Map<string, Buffer>([
  ["résumé.txt", Buffer.from("text")],
  ["day 1/photo.jpg", randomBytes(2 * MIB + 7)],
  ["day 1/Photo.jpg", randomBytes(100)],
  ["day 1/empty.bin", Buffer.alloc(0)],
  ["day 1/日本/深い.bin", randomBytes(MIB)],
]);

beforeAll(async () => {
  t = await startServer();
  owner = await t.user();
  dir = await mkdtemp(path.join(tmpdir(), "telestash-zip-"));
  folder = await makeFolder("Holiday");
  const day = await makeFolder("day 1", folder);
  const deep = await makeFolder("日本", day);
  await makeFolder("empty", day);
  const places = [folder, day, day, day, deep];
  for (const [i, [name, bytes]] of [...contents].entries()) {
    await owner.upload(bytes, { name: path.posix.basename(name), folderId: places[i] ?? "" });
  }
});
afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
  await t.close();
});

async function makeFolder(name: string, parentId?: string): Promise<string> {
  const input = parentId === undefined ? { name } : { name, parentId };
  return (await owner.createFolder({ input })).createFolder.id;
}

function asOwner(headers: Record<string, string> = {}): RequestInit {
  return { headers: { ...bearer(owner.accessToken), ...headers } };
}

async function saved(response: Response, name: string): Promise<string> {
  const file = path.join(dir, name);
  await writeFile(file, Buffer.from(await response.arrayBuffer()));
  return file;
}

const hasUnzip = spawnSync("unzip", ["-v"]).status === 0;
const hasPython = spawnSync("python3", ["--version"]).status === 0;

describe("a folder's zip", () => {
  it("has exactly the length that it says, on HEAD too, and the folder's name", async () => {
    const url = `${t.url}/folders/${folder}/zip`;
    const head = await fetch(url, { ...asOwner(), method: "HEAD" });

    const answer = await fetch(url, asOwner());
    const bytes = Buffer.from(await answer.arrayBuffer());

    expect(answer.status).toBe(200);
    expect(bytes.length).toBe(Number(answer.headers.get("content-length")));
    expect(head.headers.get("content-length")).toBe(answer.headers.get("content-length"));
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "application/zip",
      "content-disposition": "attachment; filename=Holiday.zip",
      "accept-ranges": "none",
      "content-security-policy": "sandbox; default-src 'none'",
    });
  });

  it.skipIf(!hasUnzip)("unpacks by unzip to what was uploaded, with its folders (needs unzip)", async () => {
    const file = await saved(await fetch(`${t.url}/folders/${folder}/zip`, asOwner()), "unzip.zip");

    execFileSync("unzip", ["-tqq", file]);
    execFileSync("unzip", ["-qq", "-d", path.join(dir, "out"), file], {
      env: { ...process.env, LC_ALL: "C.UTF-8" },
    });

    const found = new Map<string, Buffer>();
    for (const entry of await readdir(path.join(dir, "out"), { recursive: true, withFileTypes: true })) {
      const name = path.relative(path.join(dir, "out"), path.join(entry.parentPath, entry.name));
      if (entry.isFile()) found.set(name, await readFile(path.join(dir, "out", name)));
      else if ((await readdir(path.join(dir, "out", name))).length === 0)
        found.set(`${name}/`, Buffer.alloc(0));
    }
    const expected = new Map([...contents, ["day 1/empty/", Buffer.alloc(0)] as const].map(renamed));
    expect([...found.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
    for (const [name, bytes] of expected) expect(found.get(name)?.equals(bytes)).toBe(true);
  });

  it.skipIf(!hasPython)("is sound to Python (needs python3)", async () => {
    const file = await saved(await fetch(`${t.url}/folders/${folder}/zip`, asOwner()), "python.zip");

    const [damaged, names] = JSON.parse(
      execFileSync("python3", ["-c", LIST, file], { encoding: "utf8" }),
    ) as [string | null, string[]];

    expect(damaged).toBeNull();
    expect(names.toSorted()).toEqual(
      [...new Map([...contents].map(renamed)).keys(), "day 1/empty/"].toSorted(),
    );
  });

  it("of a folder without files is an empty zip", async () => {
    const answer = await fetch(`${t.url}/folders/${await makeFolder("bare")}/zip`, asOwner());

    expect((await answer.arrayBuffer()).byteLength).toBe(22);
  });
});

/** Of two names that differ in case, one gets a number. */
/** Of two names that differ in case only, the later upload got a number. */
function renamed([name, bytes]: readonly [string, Buffer]): [string, Buffer] {
  return [name === "day 1/Photo.jpg" ? "day 1/Photo (2).jpg" : name, bytes];
}

describe("a selection", () => {
  it.skipIf(!hasPython)(
    "is zipped side by side, by header or by a link that holds a thousand files (needs python3)",
    async () => {
      const files = await Promise.all(
        ["twin.txt", "twin.txt"].map((name) => owner.upload(randomBytes(50), { name })),
      );
      const ids = files.map(({ id }) => id);
      const { createZipLink: link } = await owner.createZipLink({ ids });

      const byHeader = await fetch(`${t.url}/files/zip?ids=${ids.join(",")}`, asOwner());
      const byLink = await fetch(link.url);

      expect(link).toMatchObject({ name: "files.zip", fileCount: 2, leftOut: 0 });
      expect(byLink.headers.get("content-length")).toBe(String(link.size));
      for (const [i, answer] of [byHeader, byLink].entries()) {
        const output = execFileSync("python3", ["-c", LIST, await saved(answer, `${i}.zip`)], {
          encoding: "utf8",
        });
        expect(JSON.parse(output)).toEqual([null, ["twin.txt", "twin (2).txt"]]);
      }
    },
  );

  it("of nothing, or of too much, is refused", async () => {
    const none = await fetch(`${t.url}/files/zip`, asOwner());
    const ids = Array.from({ length: 1_001 }, (_, i) => `id${i}`);

    expect(none.status).toBe(400);
    await expect(owner.createZipLink({ ids })).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
    await expect(owner.createZipLink({ ids: ["x"], folderId: folder })).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
    });
    await expect(owner.createZipLink({})).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
  });

  it("with one file of somebody else's is not found, nor is his folder, nor a link of his changed to another", async () => {
    const stranger = await t.user();
    const his = await stranger.upload(randomBytes(5), { name: "his.bin" });
    const mine = await owner.upload(randomBytes(5), { name: "mine.bin" });
    const { createZipLink: link } = await stranger.createZipLink({ ids: [his.id] });
    const token = new URL(link.url).searchParams.get("token") ?? "";

    const statuses = await Promise.all(
      [
        fetch(`${t.url}/files/zip?ids=${mine.id},${his.id}`, asOwner()),
        fetch(`${t.url}/files/zip?ids=${his.id}`),
        fetch(`${t.url}/folders/${folder}/zip`, { headers: bearer(stranger.accessToken) }),
        fetch(`${t.url}/folders/${folder}/zip`),
        fetch(`${t.url}/folders/nonsense/zip`, asOwner()),
        fetch(`${t.url}/folders/${folder}/zip?token=${token}`),
        fetch(`${t.url}/files/zip?ids=${his.id}&token=${token}`),
        fetch(`${t.url}/files/${his.id}/content?token=${token}`),
        fetch(`${t.url}/files/zip?selection=${mine.id}&token=${token}`),
      ].map(async (answer) => (await answer).status),
    );

    expect(statuses).toEqual([404, 404, 404, 404, 404, 401, 401, 401, 401]);
    await expect(owner.createZipLink({ ids: [his.id] })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("a file that is being purged", () => {
  it("is in no zip, neither selected nor in its folder", async () => {
    const inside = await makeFolder("Half purged");
    const stays = await owner.upload(randomBytes(5), { name: "stays.bin", folderId: inside });
    const goes = await owner.upload(randomBytes(5), { name: "goes.bin", folderId: inside });
    const { files, close } = await openDatabase(t.world);
    await changeFile(files, goes.id, { purgingAt: new Date() });

    const selected = await fetch(`${t.url}/files/zip?ids=${stays.id},${goes.id}`, asOwner());
    const whole = await fetch(`${t.url}/folders/${inside}/zip`, asOwner());

    expect(selected.status).toBe(404);
    const [, names] = JSON.parse(
      execFileSync("python3", ["-c", LIST, await saved(whole, "purged.zip")], { encoding: "utf8" }),
    ) as [string | null, string[]];
    expect(names.filter((name) => name.endsWith(".bin"))).toEqual(["stays.bin"]);
    await close();
  });
});

describe("a zip with a file that cannot be read", () => {
  it("ends in a broken connection, never in something that looks whole", async () => {
    const inside = await makeFolder("Broken");
    const sizes = [100, 3 * MIB];
    for (const [i, size] of sizes.entries()) {
      const { id } = await owner.upload(randomBytes(size), { name: `${i}.bin`, folderId: inside });
      await becomes({ owner, id, sha256: "" }, isDone);
    }
    await eventually(() => t.world.drive.files().length === 0);
    t.world.telegram.fault({ match: { op: "download" }, kind: "corrupt", after: 2, times: 50 });

    const answer = await fetch(`${t.url}/folders/${inside}/zip`, asOwner());

    expect(answer.status).toBe(200);
    await expect(answer.arrayBuffer()).rejects.toThrow();
    t.world.telegram.reset();
  });
});
