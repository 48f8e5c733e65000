import "reflect-metadata";
import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../support/audit.js";
import type { Database } from "../support/audit.js";
import { eventually } from "../support/eventually.js";
import { UploadFilesDocument } from "../support/generated/sdk.js";
import type { FolderFieldsFragment } from "../support/generated/sdk.js";
import { sendMultipart } from "../support/graphql.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";
import { changeFile } from "../support/stored-files.js";
import { dice, seeds } from "../support/transfers.js";

const KIB = 1024;
/** 4 MiB in 5 files of at most 3 MiB, two transfers at once. */
const QUOTA = { bytes: 4096 * KIB, files: 5, fileBytes: 3072 * KIB, transfers: 2 };

let t: TestServer;
let admin: Person;
let database: Database;
beforeAll(async () => {
  t = await startServer({ environment: { QUOTA_FREE: "4MiB, 5, 3145728, 2" } });
  admin = await t.administrator();
  database = await openDatabase(t.world);
});
afterAll(async () => {
  await database.close();
  await t.close();
});

/** Puts a file; with `declared: false` as chunks of unknown length. */
async function put(person: Person, bytes: number, { declared = true } = {}) {
  const content = Buffer.alloc(bytes, 7);
  const response = await fetch(`${t.url}/files?name=a.bin`, {
    method: "PUT",
    headers: { authorization: `Bearer ${person.accessToken}` },
    ...(declared ? { body: content } : { body: new Blob([content]).stream(), duplex: "half" as const }),
  });
  const body = (await response.json()) as { code?: string; detail?: string };
  return { status: response.status, ...body };
}

async function usageOf(person: Person) {
  const { bytesUsed, fileCount, bytesReserved, filesReserved } = (await person.usage()).me;
  return { bytesUsed, fileCount, bytesReserved, filesReserved };
}

async function isUsed(person: Person, bytesUsed: number, fileCount: number): Promise<void> {
  const wanted = { bytesUsed, fileCount, bytesReserved: 0, filesReserved: 0 };
  await eventually(
    () => usageOf(person),
    (usage) => JSON.stringify(usage) === JSON.stringify(wanted),
  );
}

describe("a quota", () => {
  it("is the role's, until an administrator gives the account numbers of its own, which the audit log keeps", async () => {
    const owner = await t.user();
    expect((await owner.usage()).me).toMatchObject({ quota: QUOTA, ownQuota: { bytes: null, files: null } });

    await admin.setUserQuota({ id: owner.id, input: { files: 1, bytes: 10 } });
    const { setUserQuota } = await admin.setUserQuota({ id: owner.id, input: { bytes: null } });

    expect(setUserQuota).toMatchObject({
      quota: { ...QUOTA, files: 1 },
      ownQuota: { bytes: null, files: 1 },
    });
    const entries = await database.db
      .collection("audit")
      .find({ "target.id": owner.id, action: "user.quota-changed" })
      .toArray();
    expect(entries).toMatchObject([
      { action: "user.quota-changed", before: { bytes: null, files: null }, after: { bytes: 10, files: 1 } },
      { actorId: admin.id, before: { bytes: 10, files: 1 }, after: { bytes: null, files: 1 } },
    ]);
    expect((await put(owner, 1)).status).toBe(201);
    expect(await put(owner, 1)).toMatchObject({ status: 507, code: "QUOTA_EXCEEDED" });
  });

  it("of an administrator is the largest file alone", async () => {
    expect((await admin.usage()).me.quota).toEqual({
      bytes: null,
      files: null,
      fileBytes: 2 ** 53 - 1,
      transfers: null,
    });
  });

  it("is changed by administrators only, and with sensible numbers", async () => {
    const owner = await t.user();

    await expect(owner.setUserQuota({ id: owner.id, input: { files: 9 } })).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
    await expect(admin.setUserQuota({ id: "nobody", input: { files: 9 } })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    for (const [name, input] of Object.entries({ transfers: { transfers: 0 }, files: { files: -1 } })) {
      await expect(admin.setUserQuota({ id: owner.id, input })).rejects.toMatchObject({
        code: "BAD_USER_INPUT",
        extensions: { field: ["input", name] },
      });
    }
    await expect(admin.setUserQuota({ id: owner.id, input: {} })).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
    });
  });

  it("that is not as it was seen any more is left as it is, and the refusal says what it is", async () => {
    const { id } = await t.user();
    const seen = { bytes: null, files: 7, fileBytes: null };
    await admin.setUserQuota({ id, input: { files: 7 }, seen: {} });
    await admin.setUserQuota({ id, input: { bytes: 5 * 2 ** 30, files: null }, seen });

    const late = admin.setUserQuota({ id, input: { transfers: 2 }, seen });

    await expect(late).rejects.toMatchObject({
      code: "CONFLICT",
      message:
        "Somebody else changed this quota meanwhile: all files together is 5 GiB now, and how many files is its role's number now. Load it again before you change it.",
      extensions: {
        changed: [
          { field: ["input", "bytes"], now: 5 * 2 ** 30 },
          { field: ["input", "files"], now: null },
        ],
      },
    });
    expect((await admin.user({ id })).user.ownQuota).toMatchObject({ bytes: 5 * 2 ** 30, transfers: null });
  });

  it("given by many at once who saw the same is given once; of different numbers without that none is lost", async () => {
    const { id } = await t.user();
    const inputs = [{ bytes: 11 }, { files: 12 }, { fileBytes: 13 }, { transfers: 14 }];

    const results = await Promise.allSettled(
      inputs.map((input) => admin.setUserQuota({ id, input, seen: {} })),
    );
    await Promise.all(inputs.map((input) => admin.setUserQuota({ id, input })));

    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect((await admin.user({ id })).user.ownQuota).toEqual(Object.assign({}, ...inputs));
  });
});

describe("an upload over the quota", () => {
  it.each([true, false])("says what is used, allowed and to do (declared: %s)", async (declared) => {
    const owner = await t.user();
    await put(owner, 3072 * KIB);

    const refused = await put(owner, 1536 * KIB, { declared });
    const fits = await put(owner, 1024 * KIB, { declared });
    const full = await put(owner, 1, { declared });

    expect([refused.status, fits.status, full.status]).toEqual([507, 201, 507]);
    expect(refused).toMatchObject({ code: "QUOTA_EXCEEDED" });
    expect(full.detail).toContain("uses 4 MiB of its 4 MiB");
    expect(full.detail).toContain("purge files");
    await isUsed(owner, 4096 * KIB, 2);
  });

  it.each([true, false])("as a single file is too large (declared: %s)", async (declared) => {
    const owner = await t.user();

    const refused = await put(owner, 3072 * KIB + 1, { declared });

    expect(refused).toMatchObject({ status: 413, code: "FILE_TOO_LARGE" });
    expect(refused.detail).toContain("3 MiB");
    await isUsed(owner, 0, 0);
  });

  it("that waits for permission is refused before a byte is sent", async () => {
    const owner = await t.user();
    await admin.setUserQuota({ id: owner.id, input: { bytes: 100 } });
    const seen = { continued: false, status: 0 };
    const request = httpRequest(`${t.url}/files?name=a`, {
      method: "PUT",
      headers: {
        authorization: `Bearer ${owner.accessToken}`,
        "content-length": 101,
        expect: "100-continue",
      },
    });
    request.on("continue", () => (seen.continued = true));
    request.on("error", () => undefined);
    request.on("response", (response) => (seen.status = response.statusCode ?? 0));
    request.flushHeaders();

    await eventually(() => seen.status !== 0);

    request.destroy();
    expect(seen).toEqual({ continued: false, status: 507 });
    expect(await database.files.countDocuments({ ownerId: owner.id })).toBe(0);
  });

  it("as a member of a batch fails alone, and small ones find the room that larger ones left", async () => {
    const owner = await t.user();
    await put(owner, 1024 * KIB);
    const sizes = [1000, 2500, 1000, 1000, 60].map((size) => size * KIB);

    const reply = await sendMultipart(
      t.url,
      owner.accessToken,
      UploadFilesDocument,
      { files: sizes.map(() => null), folderName: "batch", paths: sizes.map((size, i) => `${i}-${size}`) },
      sizes.map((size, i) => ({
        path: `variables.files.${i}`,
        name: `${i}`,
        bytes: Buffer.alloc(size),
      })),
    );

    const { failedUploads } = (reply as { uploadFiles: FolderFieldsFragment & { failedUploads: object[] } })
      .uploadFiles;
    expect(failedUploads).toMatchObject([{ path: `1-${2500 * KIB}`, code: "QUOTA_EXCEEDED" }]);
    await isUsed(owner, (1024 + 3060) * KIB, 5);
  });
});

describe("many uploads at once", () => {
  it("into the last free slot: exactly one succeeds", async () => {
    const owner = await t.user();
    await admin.setUserQuota({ id: owner.id, input: { files: 2 } });
    await put(owner, 1);

    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, i) => put(owner, 10, { declared: i % 2 === 0 })),
    );

    expect(replies.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(9).fill(507)]);
    await isUsed(owner, 11, 2);
  });

  it.each(seeds)(
    "never exceed the bytes, declared or not, and give back what they did not use (SEED=%i)",
    async (seed) => {
      const random = dice(seed);
      const owner = await t.user();
      await admin.setUserQuota({ id: owner.id, input: { bytes: 2000 * KIB, files: 50 } });
      const sizes = Array.from({ length: 12 }, () => Math.ceil(random() * 600 * KIB));

      const replies = await Promise.all(sizes.map((size) => put(owner, size, { declared: random() < 0.6 })));

      const stored = sizes.filter((_, i) => replies[i]?.status === 201);
      const sum = stored.reduce((bytes, size) => bytes + size, 0);
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201, 507]));
      expect(sum).toBeLessThanOrEqual(2000 * KIB);
      await isUsed(owner, sum, stored.length);
      const left = 2000 * KIB - sum;
      expect((await put(owner, left + 1)).status).toBe(507);
      expect((await put(owner, left)).status).toBe(201);
    },
  );
});

describe("a reservation", () => {
  it("ends with an upload that the client breaks off", async () => {
    const owner = await t.user();
    const upload = httpRequest(`${t.url}/files?name=cut`, {
      method: "PUT",
      headers: { authorization: `Bearer ${owner.accessToken}`, "content-length": 3_000_000 },
    });
    upload.on("error", () => undefined);
    upload.write(Buffer.alloc(1000));
    await eventually(async () => (await usageOf(owner)).bytesReserved === 3_000_000);

    upload.destroy();

    await isUsed(owner, 0, 0);
  });

  it("of an upload that died before its file was recorded is released by the sweep, others are not", async () => {
    const owner = await t.user();
    const file = await owner.upload(Buffer.alloc(10));
    await isUsed(owner, 10, 1);
    const at = (ago: number) => new Date(Date.now() - ago);
    const reserved = [
      { key: "never-recorded", bytes: 5, at: at(120_000) },
      { key: file.id, bytes: 6, at: at(120_000) },
      { key: "begins-just-now", bytes: 7, at: at(0) },
    ];

    await database.db
      .collection<{ _id: string }>("users")
      .updateOne({ _id: owner.id }, { $set: { reserved } });

    await eventually(async () => (await usageOf(owner)).filesReserved === 2, undefined, 20_000);
    expect((await usageOf(owner)).bytesReserved).toBe(13);
  });

  it("makes a file count once, however often that is tried again", async () => {
    const owner = await t.user();
    const [counted, uncounted] = [await owner.upload(Buffer.alloc(10)), await owner.upload(Buffer.alloc(20))];
    await isUsed(owner, 30, 2);
    // As if the server had died right after the one was counted, and right before the other.
    const reserved = [{ key: uncounted.id, bytes: 20, at: new Date() }];
    await database.users.updateOne(
      { _id: owner.id },
      { $set: { reserved }, $inc: { bytesUsed: -20, fileCount: -1 } },
    );
    for (const { id } of [counted, uncounted])
      await changeFile(database.files, id, { countedBy: new Date(0) });

    const isCounted = { _id: { $in: [counted.id, uncounted.id] }, countedBy: { $exists: false } };
    await eventually(async () => (await database.files.countDocuments(isCounted)) === 2, undefined, 20_000);
    await isUsed(owner, 30, 2);
  });
});
