import "reflect-metadata";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";
import { aVisitor } from "../support/visitor.js";

let t: TestServer;
let owner: Person;
let stranger: Person;
let admin: Person;
let fileId: string;
let folderId: string;

beforeAll(async () => {
  t = await startServer();
  [owner, stranger, admin] = await Promise.all([t.user(), t.user(), t.administrator()]);
  folderId = (await owner.createFolder({ input: { name: "shared" } })).createFolder.id;
  fileId = (await owner.upload(randomBytes(500), { name: "a.bin", folderId })).id;
});
afterAll(() => t.close());

async function share(input: Parameters<Person["createShareLink"]>[0]["input"], person = owner) {
  return (await person.createShareLink({ input })).createShareLink;
}

describe("a new link", () => {
  it("has an address that nothing about it gives away, and that its owner can see again", async () => {
    const [one, two] = [await share({ fileId }), await share({ fileId })];

    const token = new URL(one.url).pathname.slice("/s/".length);
    expect(token).toMatch(/^[\w-]{36}$/);
    expect(token).not.toContain(one.id);
    expect(two.url).not.toBe(one.url);
    expect((await owner.shareLink({ id: one.id })).shareLink.url).toBe(one.url);
    expect(one).toMatchObject({ state: "ACTIVE", hasPassword: false, downloads: 0, file: { id: fileId } });
  });

  it.each([
    ["nothing to share", () => ({}), ["input", "fileId"]],
    ["two things to share", () => ({ fileId, folderId }), ["input", "fileId"]],
    ["an end in the past", () => ({ fileId, expiresAt: "2020-01-01T00:00:00Z" }), ["input", "expiresAt"]],
    ["a short password", () => ({ fileId, password: "1234567" }), ["input", "password"]],
    ["an endless password", () => ({ fileId, password: "x".repeat(1_025) }), ["input", "password"]],
    ["a cap of none", () => ({ fileId, maxDownloads: 0 }), ["input", "maxDownloads"]],
    ["a cap beyond reason", () => ({ fileId, maxDownloads: 1_000_001 }), ["input", "maxDownloads"]],
  ])("is refused with %s", async (_what, input, field) => {
    await expect(share(input())).rejects.toMatchObject({ code: "BAD_USER_INPUT", extensions: { field } });
  });

  it("is refused for what is archived", async () => {
    const { id } = await owner.upload(randomBytes(10), { name: "old.bin" });
    await owner.archiveFiles({ ids: [id] });

    await expect(share({ fileId: id })).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("is the owner's, also when an administrator makes it; both are in the audit log", async () => {
    const link = await share({ folderId }, admin);

    const { shareLinks } = await owner.shareLinks({ folderId });
    expect(shareLinks.nodes.map(({ id }) => id)).toContain(link.id);
    await owner.revokeShareLink({ id: link.id });
    const { auditLog } = await admin.auditLog({ where: { targetId: link.id } });
    expect(auditLog.nodes.map(({ action }) => action)).toEqual(["share-link.revoked", "share-link.created"]);
    expect(JSON.stringify(auditLog)).not.toContain(new URL(link.url).pathname);
  });

  it("cannot be made, seen or ended by a stranger", async () => {
    const { id } = await share({ fileId });

    const missing = { code: "NOT_FOUND" };
    await expect(share({ fileId }, stranger)).rejects.toMatchObject(missing);
    await expect(stranger.shareLink({ id })).rejects.toMatchObject(missing);
    await expect(stranger.revokeShareLink({ id })).rejects.toMatchObject(missing);
    await expect(stranger.shareLinks({ fileId })).rejects.toMatchObject(missing);
    expect((await stranger.shareLinks({})).shareLinks.nodes).toEqual([]);
    await expect(t.anonymous.shareLinks({})).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect((await owner.shareLink({ id })).shareLink.state).toBe("ACTIVE");
  });
});

describe("the list of links", () => {
  it("is paged newest first, and an administrator sees anybody's", async () => {
    const person = await t.user();
    const { id } = await person.upload(randomBytes(10));
    const made = [];
    for (let i = 0; i < 5; i += 1) made.push((await share({ fileId: id }, person)).id);

    const one = (await person.shareLinks({ first: 3 })).shareLinks;
    const after = one.pageInfo.endCursor ?? "";
    const two = (await person.shareLinks({ first: 3, after })).shareLinks;

    expect([...one.nodes, ...two.nodes].map((link) => link.id)).toEqual(made.toReversed());
    expect([one.totalCount, two.pageInfo.hasNextPage]).toEqual([5, false]);
    expect((await admin.shareLinks({ ownerId: person.id })).shareLinks.totalCount).toBe(5);
    await expect(stranger.shareLinks({ ownerId: person.id })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("gives each file and folder its newest link that still opens", async () => {
    const person = await t.user();
    const folder = (await person.createFolder({ input: { name: "f" } })).createFolder.id;
    const file = (await person.upload(randomBytes(10), { folderId: folder })).id;
    const older = await share({ fileId: file }, person);
    const newer = await share({ fileId: file }, person);
    const ofFolder = await share({ folderId: folder }, person);

    await person.revokeShareLink({ id: newer.id });

    const found = await person.sharedThings({ fileId: file, folderId: folder });
    expect(found.file.shareLink?.id).toBe(older.id);
    expect(found.folder.shareLink?.id).toBe(ofFolder.id);
    await person.revokeShareLink({ id: ofFolder.id });
    expect((await person.sharedThings({ fileId: file, folderId: folder })).folder.shareLink).toBeNull();
  });
});

describe("a link's access log", () => {
  it("tells who did what and how many bytes went out, in pages, to the owner", async () => {
    const bytes = randomBytes(3_000);
    const { id } = await owner.upload(bytes, { name: "logged.bin" });
    const link = await share({ fileId: id, password: "open sesame" });
    const visitor = aVisitor();

    await visitor.password(link.url, "not this one");
    await visitor.password(link.url, "open sesame");
    await visitor.page(link.url);
    await (await visitor.get(`${link.url}/content`)).arrayBuffer();
    await (await visitor.get(`${link.url}/content`, { range: "bytes=1000-" })).arrayBuffer();

    await expect
      .poll(async () => (await owner.shareLink({ id: link.id })).shareLink.accesses.nodes)
      .toEqual(
        expect.arrayContaining([
          expect.objectContaining({ action: "WRONG_PASSWORD", times: 1, bytes: 0 }),
          expect.objectContaining({ action: "UNLOCKED", times: 1 }),
          expect.objectContaining({ action: "OPENED" }),
          expect.objectContaining({
            ...{ action: "FILE", name: "logged.bin", times: 2, bytes: 5_000, address: "127.0.0.1" },
          }),
        ]),
      );
    const one = (await owner.shareLink({ id: link.id, first: 3 })).shareLink.accesses;
    const after = one.pageInfo.endCursor ?? "";
    const two = (await owner.shareLink({ id: link.id, first: 3, after })).shareLink.accesses;
    expect([one.totalCount, one.nodes.length, two.nodes.length]).toEqual([4, 3, 1]);
    expect((await owner.shareLink({ id: link.id })).shareLink.downloads).toBe(1);
  });
});
