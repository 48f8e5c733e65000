import "reflect-metadata";
import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../support/audit.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";
import { aVisitor } from "../support/visitor.js";

const BYTES = randomBytes(200_000);
const PASSWORD = "open sesame";

let t: TestServer;
let owner: Person;
let admin: Person;

beforeAll(async () => {
  t = await startServer({ environment: { RATE_LIMIT_SCALE: "2" } });
  [owner, admin] = await Promise.all([t.user(), t.administrator()]);
});
afterAll(() => t.close());

type Limits = { password?: string; maxDownloads?: number; expiresAt?: string };

async function sharedFile(limits: Limits = {}, name = "a.bin", person = owner) {
  const { id } = await person.upload(BYTES, { name });
  const { createShareLink } = await person.createShareLink({ input: { fileId: id, ...limits } });
  return { ...createShareLink, fileId: id };
}

/** A folder with a file, and a folder in it with another. */
async function sharedFolder(limits: Limits = {}, person = owner) {
  const folder = async (name: string, parentId?: string) =>
    (await person.createFolder({ input: { name, ...(parentId && { parentId }) } })).createFolder.id;
  const [top, foreign] = [await folder("my holiday"), await folder("beside")];
  const inner = await folder("inner", top);
  const inTop = (await person.upload(BYTES, { name: "in top.bin", folderId: top })).id;
  const inInner = (await person.upload(BYTES, { name: "in inner.bin", folderId: inner })).id;
  const beside = (await person.upload(BYTES, { name: "beside.bin", folderId: foreign })).id;
  const { createShareLink } = await person.createShareLink({ input: { folderId: top, ...limits } });
  return { ...createShareLink, top, inner, inTop, inInner, beside, foreign };
}

async function download(url: string, visitor = aVisitor(), headers: Record<string, string> = {}) {
  const response = await visitor.get(url, headers);
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes };
}

/** The addresses on a page that lead below its link. */
function linksOn(page: string, kind: string): string[] {
  return [...page.matchAll(/(?:href|src)="(\/s\/[^"?]+)/g)]
    .map(([, path]) => `${t.url}${path}`)
    .filter((url) => url.includes(`/${kind}`));
}

describe("the page of a shared file", () => {
  it("shows its name and size, and nothing of its owner or of any id", async () => {
    const { url, id, fileId } = await sharedFile({}, "holiday.bin");
    const visitor = aVisitor();

    const response = await visitor.get(url, { accept: "text/html" });
    const page = await response.text();

    expect(response.status).toBe(200);
    expect(page).toContain("holiday.bin");
    expect(page).toContain("195.3 KiB");
    const { username, email } = (await owner.me()).me;
    for (const secret of [id, fileId, owner.id, username, email]) expect(page).not.toContain(secret);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "referrer-policy": "no-referrer",
      "x-robots-tag": "noindex, nofollow",
      "cache-control": "no-store",
      "content-security-policy": expect.stringMatching(/^default-src 'none'; style-src 'sha256-/) as string,
    });
    expect(page).not.toContain("<script");
  });

  it("leads to the bytes, whole, by range, by HEAD and by their tag", async () => {
    const { url } = await sharedFile({}, "résumé 1.bin");
    const content = `${url}/content`;

    const whole = await download(content);
    const part = await download(content, aVisitor(), { range: "bytes=1000-1999" });
    const etag = whole.headers.get("etag") ?? "";
    const head = await aVisitor().head(content);

    expect([whole.status, whole.bytes.equals(BYTES)]).toEqual([200, true]);
    expect(whole.headers.get("content-disposition")).toMatch(/^attachment; .*filename\*=UTF-8''r%C3%A9sum/);
    expect([part.status, part.bytes.equals(BYTES.subarray(1000, 2000))]).toEqual([206, true]);
    expect(head.headers.get("content-length")).toBe(String(BYTES.length));
    expect(etag).toBe(`"${createHash("sha256").update(BYTES).digest("hex")}"`);
    expect((await download(content, aVisitor(), { "if-none-match": etag })).status).toBe(304);
    expect((await download(content, aVisitor(), { range: "bytes=900000-" })).status).toBe(416);
  });

  it.each(["x", "A".repeat(36), "..%2f..", "0".repeat(24)])("is missing for the token %s", async (token) => {
    expect((await aVisitor().get(`${t.url}/s/${token}`)).status).toBe(404);
    expect((await aVisitor().get(`${t.url}/s/${token}/content`)).status).toBe(404);
  });

  it("is missing for a token of which one character differs", async () => {
    const { url } = await sharedFile();
    const last = url.at(-1) === "A" ? "B" : "A";

    expect((await aVisitor().get(`${url.slice(0, -1)}${last}`)).status).toBe(404);
  });
});

describe("a password", () => {
  it("is asked for on every route, and shows nothing before it is given", async () => {
    const { url } = await sharedFolder({ password: PASSWORD });
    const visitor = aVisitor();

    const page = await visitor.get(url, { accept: "text/html" });
    const text = await page.text();

    expect(page.status).toBe(401);
    expect(text).toContain('type="password"');
    expect(text).not.toContain("my holiday");
    for (const path of ["/zip", "/content", "/files/x/content", "/folders/x"]) {
      expect((await visitor.get(`${url}${path}`)).status).toBe(401);
    }
  });

  it("opens this link, for this visitor only", async () => {
    const [one, other] = [await sharedFile({ password: PASSWORD }), await sharedFile({ password: PASSWORD })];
    const visitor = aVisitor();

    const wrong = await visitor.password(one.url, "not this one");
    const right = await visitor.password(one.url, PASSWORD);

    expect([wrong.status, right.status]).toEqual([401, 303]);
    expect(await wrong.text()).toContain("not the link&#39;s password");
    const cookie = right.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/; Path=\/s\/[\w-]{36}; Max-Age=3600; HttpOnly; SameSite=Strict$/);
    expect((await download(`${one.url}/content`, visitor)).bytes.equals(BYTES)).toBe(true);
    const stolen = { cookie: cookie.split(";", 1)[0] ?? "" };
    expect((await download(`${other.url}/content`, aVisitor(), stolen)).status).toBe(401);
    expect((await download(`${one.url}/content`)).status).toBe(401);
  });

  it("is not to be guessed: after some wrong ones even the right one waits", async () => {
    const { url } = await sharedFile({ password: PASSWORD });
    const visitor = aVisitor();

    const statuses = new Set<number>();
    for (let i = 0; i < 13; i += 1) statuses.add((await visitor.password(url, `guess number ${i}`)).status);
    const right = await visitor.password(url, PASSWORD);

    expect([...statuses]).toEqual([401, 429]);
    expect(right.status).toBe(429);
    expect(Number(right.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});

describe("a cap", () => {
  it("lets exactly as many begin, also when ten ask at once for the last one", async () => {
    const { url, id } = await sharedFile({ maxDownloads: 3 });
    await download(`${url}/content`);
    await download(`${url}/content`);

    const answers = await Promise.all(Array.from({ length: 10 }, () => download(`${url}/content`)));

    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(9).fill(410)]);
    expect((await owner.shareLink({ id })).shareLink).toMatchObject({ downloads: 3, state: "USED_UP" });
    expect((await aVisitor().get(url)).status).toBe(410);
  });

  it("counts a download once, with all the ranges that its visitor goes on with", async () => {
    const { url, id } = await sharedFile({ maxDownloads: 1 });
    const visitor = aVisitor();

    const begun = await download(`${url}/content`, visitor, { range: "bytes=0-99999" });
    const rest = await download(`${url}/content`, visitor, { range: "bytes=100000-" });
    const other = await download(`${url}/content`, aVisitor(), { range: "bytes=100000-" });
    const again = await download(`${url}/content`, visitor);

    expect(Buffer.concat([begun.bytes, rest.bytes]).equals(BYTES)).toBe(true);
    expect([other.status, again.status]).toEqual([410, 410]);
    expect((await owner.shareLink({ id })).shareLink.downloads).toBe(1);
  });

  it("is not touched by looking: the page, HEAD, 304 and 416 count nothing", async () => {
    const { url, id } = await sharedFile({ maxDownloads: 1 });
    const visitor = aVisitor();

    await visitor.page(url);
    await visitor.head(`${url}/content`);
    await download(`${url}/content`, visitor, { "if-none-match": "*" });
    await download(`${url}/content`, visitor, { range: "bytes=900000-" });

    expect((await owner.shareLink({ id })).shareLink.downloads).toBe(0);
  });
});

describe("a shared folder", () => {
  it("lists what is in it, goes down and up again, and gives each file and the zip", async () => {
    const { url, inTop, inInner } = await sharedFolder();
    const visitor = aVisitor();

    const top = await visitor.page(url);
    const inner = await visitor.page(linksOn(top, "folders/")[0] ?? "");
    const zip = await download(`${url}/zip`);

    expect(top).toContain("in top.bin");
    expect(inner).toContain("in inner.bin");
    expect(inner).toContain("Up one folder");
    expect(`${top}${inner}`).not.toContain(inTop);
    expect(`${top}${inner}`).not.toContain(inInner);
    const [member = ""] = linksOn(inner, "files/");
    expect(await visitor.page(member)).toContain("in inner.bin");
    expect((await download(`${member}/content`)).bytes.equals(BYTES)).toBe(true);
    expect(zip.headers.get("content-disposition")).toMatch(/"my holiday( \(\d+\))?\.zip"/);
    expect(zip.bytes.includes("inner/in inner.bin")).toBe(true);
  });

  it("gives nothing that is not in it, and knows no names of other links", async () => {
    const [one, two] = [await sharedFolder(), await sharedFolder()];
    const [member = ""] = linksOn(await aVisitor().page(one.url), "files/");
    const key = member.split("/").at(-1) ?? "";

    for (const other of [key, one.inTop, one.beside, `${key}A`, "x", "%00"]) {
      const { status } = await download(`${two.url}/files/${other}/content`);
      expect([400, 404]).toContain(status);
    }
    expect((await download(`${one.url}/content`)).status).toBe(404);
    expect((await download(`${one.url}/folders/${key}`)).status).toBe(404);
  });
});

describe("a link that ended", () => {
  /** Every route of a link, with the keys of what is in it. */
  async function routesOf(url: string): Promise<string[]> {
    const page = await aVisitor().page(url);
    const [member = `${url}/files/x`] = linksOn(page, "files/");
    const [folder = `${url}/folders/x`] = linksOn(page, "folders/");
    return [
      url,
      `${url}/zip`,
      `${url}/thumbnail`,
      `${member}/content`,
      member,
      `${member}/thumbnail`,
      folder,
    ];
  }
  const statuses = async (urls: string[]): Promise<number[]> => {
    const all = await Promise.all(urls.map(async (url) => (await download(url)).status));
    return [...new Set(all)];
  };

  it("is gone on every route at once when it is revoked", async () => {
    const { url, id } = await sharedFolder();
    const routes = await routesOf(url);

    await owner.revokeShareLink({ id });

    expect(await statuses(routes)).toEqual([410]);
    expect(await aVisitor().page(url)).toContain("revoked");
  });

  it("is gone on every route when its time is over", async () => {
    const { url, id } = await sharedFolder({ expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
    const routes = await routesOf(url);

    const database = await openDatabase(t.world);
    const links = database.db.collection<{ _id: string }>("sharelinks");
    await links.updateOne({ _id: id }, { $set: { expiresAt: new Date() } });
    await database.close();

    expect(await statuses(routes)).toEqual([410]);
  });

  it("is missing on every route while its folder is archived, and is back with it", async () => {
    const { url, top } = await sharedFolder();
    const routes = await routesOf(url);

    await owner.archiveFolders({ ids: [top] });
    expect(await statuses(routes)).toEqual([404]);

    await owner.restoreFolders({ ids: [top] });
    expect((await download(url)).status).toBe(200);
  });

  it("loses what is archived in it, and only that", async () => {
    const { url, inner } = await sharedFolder();
    const [folder = ""] = linksOn(await aVisitor().page(url), "folders/");
    const [member = ""] = linksOn(await aVisitor().page(folder), "files/");

    await owner.archiveFolders({ ids: [inner] });

    expect(await statuses([folder, member, `${member}/content`])).toEqual([404]);
    const page = await aVisitor().page(url);
    expect(page).not.toContain("inner");
    expect(page).toContain("in top.bin");
  });

  it("is missing while its owner is archived, and when its file is purged", async () => {
    const person = await t.user();
    const [one, two] = [await sharedFile({}, "a.bin", person), await sharedFile({}, "b.bin", person)];
    await person.archiveFiles({ ids: [two.fileId] });
    await person.purgeFiles({ ids: [two.fileId] });

    await admin.archiveUsers({ ids: [person.id] });

    const routes = [one.url, `${one.url}/content`, two.url, `${two.url}/content`];
    expect(await statuses(routes)).toEqual([404]);
  });
});
