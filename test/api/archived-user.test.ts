import { randomBytes } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import type { Db } from "mongodb";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../support/audit.js";
import { eventually } from "../support/eventually.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";

let t: TestServer;
let admin: Person;
beforeAll(async () => {
  t = await startServer();
  admin = await t.administrator();
});
afterAll(() => t.close());

/** Somebody with a picture in a folder, both shared, and a transfer looked at. */
async function somebody() {
  const user = await t.user();
  const folderId = (await user.createFolder({ input: { name: "pictures" } })).createFolder.id;
  const picture = await sharp({ create: { width: 64, height: 64, channels: 3, background: "red" } })
    .png()
    .toBuffer();
  const { id } = await user.upload(picture, { name: "red.png", folderId });
  const { createShareLink: shareLink } = await user.createShareLink({ input: { fileId: id } });
  const { createShareLink: folderLink } = await user.createShareLink({ input: { folderId } });
  const { downloadUrl } = (await user.file({ id })).file;
  const bearer = { authorization: `Bearer ${user.accessToken}` };
  const routes: [name: string, ask: () => Promise<Response>][] = [
    ["signed link", () => fetch(downloadUrl)],
    ["download", () => fetch(`${t.url}/files/${id}/content`, { headers: bearer })],
    ["thumbnail", () => fetch(`${t.url}/files/${id}/thumbnail`, { headers: bearer })],
    ["zip", () => fetch(`${t.url}/folders/${folderId}/zip`, { headers: bearer })],
    [
      "upload",
      () => fetch(`${t.url}/files?name=more.bin`, { method: "PUT", headers: bearer, body: "more bytes" }),
    ],
    ["share page", () => fetch(shareLink.url)],
    ["shared bytes", () => fetch(`${shareLink.url}/content`)],
    ["shared folder", () => fetch(folderLink.url)],
    ["shared zip", () => fetch(`${folderLink.url}/zip`)],
  ];
  return { user, routes, id, folderId };
}

async function statuses(routes: [name: string, ask: () => Promise<Response>][]): Promise<string[]> {
  const answers = routes.map(async ([name, ask]) => {
    const response = await ask();
    await response.arrayBuffer();
    return `${name}: ${response.ok ? "ok" : response.status}`;
  });
  return Promise.all(answers);
}

describe("an archived user", () => {
  it("is refused by every route at once, open sockets and links of others included, until restored", async () => {
    const { user, routes } = await somebody();
    const updates: unknown[] = [];
    let end: string | undefined;
    const listening = (async () => {
      for await (const update of user.transferProgress()) updates.push(update);
      end = "complete";
    })().catch((error: unknown) => (end = String(error)));
    await eventually(() => updates.length > 0);
    expect(await statuses(routes)).toEqual(routes.map(([name]) => `${name}: ok`));
    expect(end).toBeUndefined();

    await admin.archiveUsers({ ids: [user.id] });

    expect(await statuses(routes)).toEqual([
      ...["signed link", "download", "thumbnail", "zip", "upload"].map((name) => `${name}: 401`),
      ...["share page", "shared bytes", "shared folder", "shared zip"].map((name) => `${name}: 404`),
    ]);
    await eventually(() => end !== undefined);
    await listening;

    await admin.restoreUsers({ ids: [user.id] });
    const shared = routes.slice(5);
    expect(await statuses(shared)).toEqual(shared.map(([name]) => `${name}: ok`));
  });
});

describe("a download that runs while its owner is archived", () => {
  it("ends, and gives no more", async () => {
    const user = await t.user();
    const { id } = await user.upload(randomBytes(24 * 1024 * 1024), { name: "long.bin" });
    const { createShareLink: link } = await user.createShareLink({ input: { fileId: id } });
    const headers = { authorization: `Bearer ${user.accessToken}` };
    const downloads = await Promise.all([
      fetch(`${t.url}/files/${id}/content`, { headers }),
      fetch(`${link.url}/content`),
    ]);
    const readers = downloads.map(({ body }) => (body as ReadableStream<Uint8Array>).getReader());
    for (const reader of readers) expect((await reader.read()).done).toBe(false);

    await admin.archiveUsers({ ids: [user.id] });

    // A piece at each look, so neither is read to its end before it is cut.
    for (const reader of readers) await eventually(() => isCut(reader));
  });
});

async function isCut(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<boolean> {
  const piece = await reader.read().catch(() => "cut" as const);
  return piece === "cut";
}

/** What is kept of what is gone: that it was removed, and who did what. */
const RECORDS = ["audit", "purges", "purgedMessages", "days", "orphans"];

/** Every collection that the server's adapters name. */
async function collectionNames(): Promise<string[]> {
  const adapters = path.join(import.meta.dirname, "../../server/adapters/mongo");
  const files = (await readdir(adapters)).filter((name) => name.endsWith(".ts"));
  const sources = await Promise.all(files.map((name) => readFile(path.join(adapters, name), "utf8")));
  const named = /collection: "(\w+)"|collection(?:<[^(]*>)?\("(\w+)"\)/g;
  const names = sources.flatMap((text) =>
    [...text.matchAll(named)].map(([, model, raw]) => model ?? raw ?? ""),
  );
  return [...new Set(names)];
}

/** The collections that mention one of these ids anywhere. */
async function mentions(database: Db, ids: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const name of await collectionNames()) {
    const documents = await database.collection(name).find({}).toArray();
    if (documents.some((one) => ids.some((id) => JSON.stringify(one).includes(id)))) found.push(name);
  }
  return found;
}

describe("a purged user", () => {
  it("leaves nothing anywhere, of account, files, folders and links, but the records of that", async () => {
    const { user, routes, id, folderId } = await somebody();
    expect(await statuses(routes)).toEqual(routes.map(([name]) => `${name}: ok`));
    const { db, files, shareLinks, close } = await openDatabase(t.world);
    const blobId = (await files.findOne({ _id: id }))?.blobId ?? "";
    const links = await shareLinks.find({ targetId: { $in: [id, folderId] } }).toArray();
    const ids = [user.id, id, folderId, blobId, ...links.map(({ _id }) => _id)];
    const kept = ["users", "files", "folders", "thumbnails", "sharelinks", "shareaccesses", "turns"];
    await eventually(async () => {
      const names = await mentions(db, ids);
      return kept.every((name) => names.includes(name));
    });

    await admin.archiveUsers({ ids: [user.id] });
    await admin.purgeUsers({ ids: [user.id] });

    await eventually(async () => (await admin.purge({ id: user.id })).purge.state === "DONE");
    expect((await mentions(db, ids)).filter((name) => !RECORDS.includes(name))).toEqual([]);
    await close();
  });
});
