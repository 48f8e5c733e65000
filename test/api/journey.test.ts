import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.js";
import { UploadFilesDocument } from "../support/generated/sdk.js";
import type { UploadFilesMutation } from "../support/generated/sdk.js";
import { sendMultipart } from "../support/graphql.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";

const MIB = 1024 * 1024;

const SIZES: [string, number][] = [
  ["an empty file", 0],
  ["one byte", 1],
  ["a block less a byte", MIB - 1],
  ["exactly one block and part", MIB],
  ["a part and a byte", MIB + 1],
  ["several parts", 5 * MIB + 12_345],
];
if (process.env["LARGE"] === "1") SIZES.push(["three hundred megabytes", 300_000_000]);

let t: TestServer;
let owner: Person;

beforeAll(async () => {
  t = await startServer({ environment: { ANONYMOUS_UPLOADS: "false" } });
  owner = await t.user();
});
afterAll(() => t.close());

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function isStored(person: Person, id: string): Promise<unknown> {
  return eventually(
    async () => (await person.file({ id })).file,
    ({ state, transfer }) => state === "STORED" && transfer?.state === "DONE",
  );
}

describe("a file's way", () => {
  it.each(SIZES)("%s comes back byte for byte, staged and stored", async (_what, size) => {
    const bytes = randomBytes(size);

    const file = await owner.upload(bytes, { name: `${size}.bin` });
    await isStored(owner, file.id);
    const { file: stored } = await owner.file({ id: file.id });
    const answer = await owner.download(stored.downloadUrl);

    expect(file).toMatchObject({ size, sha256: sha256(bytes) });
    expect(answer.headers.get("content-length")).toBe(String(size));
    expect(sha256(new Uint8Array(await answer.arrayBuffer()))).toBe(sha256(bytes));
  });

  it("puts two verified copies of each part into different chats, with a caption that describes it", async () => {
    const { id } = await owner.upload(randomBytes(2 * MIB + 5), { name: "captions.bin" });
    await isStored(owner, id);

    const captions = t.world.telegram.ledger().filter(({ caption }) => caption?.includes("/3 ") ?? false);

    const parts = new Map<string, typeof captions>();
    for (const message of captions) {
      const part = message.caption?.split(" ").slice(1, 3).join(" ") ?? "";
      parts.set(part, [...(parts.get(part) ?? []), message]);
    }
    expect(parts.size).toBe(3);
    for (const copies of parts.values()) {
      expect(new Set(copies.map(({ chat }) => chat)).size).toBe(2);
      for (const { caption, sha256: stored, file_name: name } of copies) {
        expect(caption).toMatch(/^telestash\/1 [0-9a-f]{24} [123]\/3 [0-9a-f]{64}$/);
        expect(caption?.endsWith(stored ?? "?")).toBe(true);
        expect(name).toMatch(/^[0-9a-f]{24}-[012]\.bin$/);
      }
    }
  });

  it("leaves nothing staged once it is stored", async () => {
    const { id } = await owner.upload(randomBytes(MIB), { name: "staged.bin" });
    await isStored(owner, id);

    await eventually(
      () => t.world.drive.files(),
      (files) => files.length === 0,
    );
  });

  it("follows a transfer from its present state to the end, and then completes", async () => {
    const { id } = await owner.upload(randomBytes(4 * MIB), { name: "watched.bin" });

    const states = [];
    for await (const { transferProgress } of owner.transferProgress({ fileId: id }))
      states.push(transferProgress);

    expect(states.at(-1)).toMatchObject({ state: "DONE", partsDone: 4, partsTotal: 4, bytesSent: 4 * MIB });
    const done = states.map(({ partsDone }) => partsDone);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
  });

  it("tells a late watcher the state that ended it", async () => {
    const { id } = await owner.upload(randomBytes(10), { name: "late.bin" });
    await isStored(owner, id);

    const states = [];
    for await (const { transferProgress } of owner.transferProgress({ fileId: id }))
      states.push(transferProgress.state);

    expect(states).toEqual(["DONE"]);
  });

  it("keeps Unicode names as they are", async () => {
    const name = 'résumé "1" 日本語 ✓.pdf';

    const { downloadUrl, ...file } = await owner.upload(randomBytes(3), { name });
    const answer = await owner.download(downloadUrl);

    expect(file.name).toBe(name);
    expect(decodeURIComponent(answer.headers.get("content-disposition")?.split("UTF-8''")[1] ?? "")).toBe(
      name,
    );
  });
});

describe("a batch", () => {
  it("keeps its folders, and lets a bad file fail alone, in whatever order the bytes come", async () => {
    const files = [0, 1, 2].map((i) => ({
      path: `variables.files.${2 - i}`,
      name: "x",
      bytes: randomBytes(MIB + i),
    }));
    const variables = {
      files: [null, null, null],
      paths: ["trip/day 1/a.jpg", "../escape.jpg", "trip/b.jpg"],
      folderName: "Holiday",
    };

    const { uploadFiles: folder } = (await sendMultipart(
      t.url,
      owner.accessToken,
      UploadFilesDocument,
      variables,
      files,
    )) as UploadFilesMutation;
    const { folders } = await owner.folders({ parentId: folder.id });

    expect(folder.failedUploads).toMatchObject([{ path: "../escape.jpg", code: "BAD_USER_INPUT" }]);
    expect(folders.nodes).toMatchObject([{ name: "trip", fileCount: 2, size: 2 * MIB + 2 }]);
    await eventually(
      async () => (await owner.folder({ id: folder.id })).folder,
      ({ state }) => state === "PARTIAL",
    );
  });
});

describe("what a stranger sees", () => {
  it("is nothing: a foreign, a missing and a malformed id answer alike", async () => {
    const { id } = await owner.upload(randomBytes(10), { name: "private.bin" });
    const stranger = await t.user();

    for (const wrong of [id, "0123456789abcdef01234567", "nonsense", ""]) {
      await expect(stranger.file({ id: wrong })).rejects.toMatchObject({
        code: "NOT_FOUND",
        message: "File not found.",
      });
    }
    expect((await stranger.files()).files.nodes).toEqual([]);
  });

  it("does not include other users' progress", async () => {
    const stranger = await t.user();
    const seen: unknown[] = [];
    const watching = (async () => {
      for await (const { transferProgress } of stranger.transferProgress()) {
        seen.push(transferProgress.fileId);
        if (seen.length === 1) return;
      }
    })();
    const { id } = await owner.upload(randomBytes(MIB), { name: "quiet.bin" });
    await isStored(owner, id);

    const own = await stranger.upload(randomBytes(10), { name: "own.bin" });
    await isStored(stranger, own.id);
    await eventually(async () => {
      if (seen.length === 0) await stranger.upload(randomBytes(10), { name: "again.bin" });
      return seen.length;
    });
    await watching;

    expect(seen).not.toContain(id);
  });
});

describe("what is refused", () => {
  it("a file over the limit, leaving nothing behind", async () => {
    const small = await startServer({
      world: t.world,
      environment: { MAX_FILE_BYTES: "1000", MONGODB_DATABASE: "small" },
    });
    const person = await small.user();

    const refusal = expect(person.upload(randomBytes(300_000))).rejects.toMatchObject({
      code: "FILE_TOO_LARGE",
    });

    await refusal;
    expect((await person.files()).files.nodes).toEqual([]);
    await small.close();
  });

  it("bytes that do not have the announced digest", async () => {
    const before = (await owner.files()).files.totalCount;

    await expect(owner.upload(randomBytes(MIB), { sha256: "0".repeat(64) })).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
    });

    expect((await owner.files()).files.totalCount).toBe(before);
  });

  it("an upload without an account, where that is not allowed", async () => {
    await expect(
      sendMultipart(t.url, undefined, UploadFilesDocument, { files: [null], folderName: "x" }, [
        { path: "variables.files.0", name: "x", bytes: randomBytes(10) },
      ]),
    ).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });
});
