import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../support/audit.js";
import type { Database } from "../support/audit.js";
import { aDropper } from "../support/drops.js";
import type { PutAnswer } from "../support/drops.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";
import { aVisitor } from "../support/visitor.js";

const DAY_MS = 86_400_000;
const KIB = 1024;
const BYTES = randomBytes(100 * KIB);

let t: TestServer;
let database: Database;
let admin: Person;
let stranger: Person;

beforeAll(async () => {
  const environment = {
    ...{ TRUST_PROXY: "true", RATE_LIMIT_SCALE: "1", ANONYMOUS_LINK_EXPIRATION_DAYS: "3" },
    QUOTA_ANONYMOUS: "1MiB,6,400KiB,1",
  };
  t = await startServer({ environment });
  database = await openDatabase(t.world);
  [admin, stranger] = await Promise.all([t.administrator(), t.user()]);
});
afterAll(async () => {
  await database.close();
  await t.close();
});

async function bytesAt(url: string): Promise<Buffer> {
  const answer = await aVisitor().get(url);
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
}

function expectSoon(expiresAt: unknown): void {
  expect(Math.abs(Date.parse(String(expiresAt)) - Date.now() - 3 * DAY_MS)).toBeLessThan(60_000);
}

describe("a file uploaded without an account", () => {
  it("by PUT answers with its only key and its end", async () => {
    const answer = await aDropper(t.url).put("report.bin", BYTES);
    const file = (await answer.json()) as PutAnswer;

    expect(answer.status).toBe(201);
    expect(file.shareLink.url).toMatch(new RegExp(`^${t.url}/s/[\\w-]{20,}$`));
    expect(answer.headers.get("location")).toBe(new URL(file.shareLink.url).pathname);
    expectSoon(file.expiresAt);
    expect(file.shareLink.expiresAt).toBe(file.expiresAt);
    expect(await bytesAt(`${file.shareLink.url}/content`)).toEqual(BYTES);
    expect(await bytesAt(file.downloadUrl)).toEqual(BYTES);
    const page = await aVisitor().page(file.shareLink.url);
    expect(page).toContain("report.bin");
    expect(page).toContain(`until ${file.expiresAt.slice(0, 16).replace("T", " ")} UTC`);
    expect(page).not.toContain(file.id);
  });

  it("by GraphQL answers with everything about it, and nobody's name", async () => {
    const file = await aDropper(t.url).dropFile("picture.png", BYTES);

    expect(file).toMatchObject({
      name: "picture.png",
      owner: null,
      preview: { url: null, thumbnailUrl: null },
    });
    expectSoon(file.expiresAt);
    expect(file.shareLink?.expiresAt).toBe(file.expiresAt);
    expect(file.downloadUrl).toBe(`${file.shareLink?.url}/content`);
    expect(await bytesAt(file.downloadUrl)).toEqual(BYTES);
  });

  it("in a folder is reached through the folder's link, alone and in its zip", async () => {
    const folder = await aDropper(t.url).dropFiles("my trip", { "a.txt": BYTES, "day 1/b.txt": BYTES });

    expect(folder).toMatchObject({ name: "my trip", owner: null, fileCount: 2, failedUploads: [] });
    expectSoon(folder.expiresAt);
    expect(folder.files.nodes).toMatchObject([{ name: "a.txt", shareLink: null }]);
    const [inFolder] = folder.files.nodes;
    expect(await bytesAt(inFolder?.downloadUrl ?? "")).toEqual(BYTES);
    const page = await aVisitor().page(folder.shareLink?.url ?? "");
    expect(page).toContain("day 1");
    const zip = await bytesAt(`${folder.shareLink?.url}/zip`);
    expect(zip.includes("day 1/b.txt")).toBe(true);
  });

  it("cannot be read, listed or changed by anything but its link", async () => {
    const { id, transfer } = await aDropper(t.url).dropFile("secret.bin", BYTES);

    const asked = {
      file: () => t.anonymous.file({ id }),
      files: () => t.anonymous.files({ where: { anonymous: true } }),
      transfer: () => t.anonymous.transfer({ id: transfer?.id ?? "" }),
      share: () => t.anonymous.createShareLink({ input: { fileId: id } }),
      archive: () => t.anonymous.archiveFiles({ ids: [id] }),
    };
    for (const ask of Object.values(asked)) {
      await expect(ask()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    }
    expect((await fetch(`${t.url}/files/${id}/content`)).status).toBe(404);
    await expect(stranger.file({ id })).rejects.toMatchObject({ code: "NOT_FOUND" });
    const { ownerId = "" } = (await database.files.findOne({ _id: id })) ?? {};
    for (const name of [ownerId, "anonymous", "Anonymous"]) {
      await expect(stranger.files({ where: { ownerId: name } })).rejects.toMatchObject({ code: "NOT_FOUND" });
    }
    expect((await stranger.files({ where: { anonymous: true } })).files.nodes).toEqual([]);
  });

  it("keeps its name whatever others dropped under the same", async () => {
    const dropped = await Promise.all([1, 2].map(() => aDropper(t.url).dropFile("same.txt", BYTES)));

    expect(dropped.map(({ name }) => name)).toEqual(["same.txt", "same.txt"]);
  });

  it("is refused into a folder, and with a token that is none", async () => {
    const mine = (await stranger.createFolder({ input: { name: "mine" } })).createFolder.id;
    const dropper = aDropper(t.url);
    const before = await database.files.countDocuments({});

    for (const folderId of [mine, "0123456789abcdef01234567", "no id"]) {
      await expect(dropper.dropFile("a", BYTES, folderId)).rejects.toMatchObject({ code: "NOT_FOUND" });
    }
    expect((await dropper.put("a", BYTES, { authorization: "Bearer x.y.z" })).status).toBe(401);
    expect(await database.files.countDocuments({})).toBe(before);
  });

  it("belongs to nobody who calls himself Anonymous", async () => {
    const input = {
      ...{ username: "Anonymous", email: "anonymous@example.com", password: "a long enough password" },
      ...{ acceptTerms: true, acceptPrivacy: true },
    };

    await expect(t.anonymous.register({ input })).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
  });
});

describe("an address without an account", () => {
  it("may drop so many bytes a day, and hears when to come again", async () => {
    const dropper = aDropper(t.url);
    for (let i = 0; i < 3; i += 1) expect((await dropper.put("a", Buffer.alloc(300 * KIB))).status).toBe(201);

    const refused = await dropper.put("a", Buffer.alloc(300 * KIB));

    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(80_000);
    expect(await refused.json()).toMatchObject({ code: "RATE_LIMITED" });
    expect((await dropper.put("a", Buffer.alloc(100 * KIB))).status).toBe(201);
    expect((await aDropper(t.url).put("a", Buffer.alloc(300 * KIB))).status).toBe(201);
  });

  it("may drop so many files a day, of many at once only as many as fit", async () => {
    const dropper = aDropper(t.url);

    const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => dropper.put(`${i}`, "x")));

    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array<number>(6).fill(201), ...Array<number>(6).fill(429)]);
    await expect(dropper.dropFile("b", BYTES)).rejects.toMatchObject({ code: "RATE_LIMITED", status: 429 });
  });

  it("is charged nothing for what fails, and for a body of unknown size what it has", async () => {
    const dropper = aDropper(t.url);
    const wrong = { "repr-digest": `sha-256=:${Buffer.alloc(32).toString("base64")}:` };
    for (let i = 0; i < 8; i += 1)
      expect((await dropper.put("a", Buffer.alloc(300 * KIB), wrong)).status).toBe(400);
    for (let i = 0; i < 3; i += 1)
      expect((await dropper.put("a", new Blob([Buffer.alloc(300 * KIB)]).stream())).status).toBe(201);

    const over = await dropper.put("a", new Blob([Buffer.alloc(200 * KIB)]).stream());

    expect(over.status).toBe(429);
    expect((await dropper.put("a", new Blob([Buffer.alloc(100 * KIB)]).stream())).status).toBe(201);
  });

  it("may drop no file that is too large, declared or not", async () => {
    const large = Buffer.alloc(401 * KIB);
    const dropper = aDropper(t.url);

    expect((await dropper.put("a", large)).status).toBe(413);
    expect((await dropper.put("a", new Blob([large]).stream())).status).toBe(413);
    await expect(dropper.dropFile("a", large)).rejects.toMatchObject({ code: "FILE_TOO_LARGE" });
    const folder = await dropper.dropFiles("two", { large, small: Buffer.from("x") });
    expect(folder).toMatchObject({ fileCount: 1, failedUploads: [{ code: "FILE_TOO_LARGE" }] });
  });
});

describe("administrators", () => {
  it("find what is anonymous, count it, look at it, archive and restore it", async () => {
    const { id, shareLink } = await aDropper(t.url).dropFile("seen.bin", BYTES);
    const owned = await admin.upload(BYTES);
    const link = shareLink?.url ?? "";

    const found = (await admin.adminFiles({ where: { anonymous: true } })).files.nodes;
    const others = (await admin.adminFiles({ where: { anonymous: false } })).files.nodes;
    expect(found.find((file) => file.id === id)).toMatchObject({ owner: null });
    expect(found.map((file) => file.id)).not.toContain(owned.id);
    expect(others.map((file) => file.id)).toContain(owned.id);
    expect(others.every(({ owner }) => owner !== null)).toBe(true);
    expect(await bytesAt((await admin.file({ id })).file.downloadUrl)).toEqual(BYTES);
    expect((await admin.stats()).stats.totals.anonymousFiles).toBeGreaterThan(0);

    await admin.archiveFiles({ ids: [id] });
    expect((await aVisitor().get(link)).status).toBe(404);
    await admin.restoreFiles({ ids: [id] });
    expect((await aVisitor().get(link)).status).toBe(200);
  });
});
