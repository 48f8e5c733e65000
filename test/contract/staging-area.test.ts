import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startDrive } from "../../sandbox/drive/server.js";
import type { Drive } from "../../sandbox/drive/server.js";
import { GoogleDrive } from "../../server/adapters/drive/google-drive.js";
import type { StagingArea } from "../../server/vault/vault.ports.js";
import {
  BLOCK,
  log,
  onSandbox,
  read,
  sha256,
  signal,
  stage,
  whole,
  writeAll,
} from "./staging-area.support.js";

function stagingAreaContract(start: () => Promise<StagingArea>): void {
  let area: StagingArea;
  beforeAll(async () => {
    area = await start();
  });

  it("answers a check", async () => {
    await expect(area.check(signal)).resolves.toBeUndefined();
  });

  it.each([1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 3 * BLOCK + 7])(
    "gives back %i bytes as they came",
    async (size) => {
      const bytes = randomBytes(size);
      const stagedId = await stage(area, bytes);

      const back = await read(await area.open(stagedId, whole(bytes), signal));

      expect(back.equals(bytes)).toBe(true);
      await area.discard(stagedId, signal);
    },
  );

  it("takes an upload of nothing", async () => {
    const stagedId = await stage(area, Buffer.alloc(0));

    await expect(area.discard(stagedId, signal)).resolves.toBeUndefined();
  });

  it("streams one range, both ends included", async () => {
    const bytes = randomBytes(2 * BLOCK);
    const stagedId = await stage(area, bytes);

    const middle = await read(await area.open(stagedId, { start: 1000, end: 300_000 }, signal));
    const last = await read(
      await area.open(stagedId, { start: bytes.length - 1, end: bytes.length - 1 }, signal),
    );

    expect(middle.equals(bytes.subarray(1000, 300_001))).toBe(true);
    expect(last.equals(bytes.subarray(-1))).toBe(true);
    await area.discard(stagedId, signal);
  });

  it("shows discarded bytes as missing, and discards them again without complaint", async () => {
    const bytes = randomBytes(10);
    const stagedId = await stage(area, bytes);

    await area.discard(stagedId, signal);
    await area.discard(stagedId, signal);

    await expect(area.open(stagedId, whole(bytes), signal)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("refuses to commit bytes with another digest and keeps none of them", async () => {
    const upload = area.begin("a-blob", signal);
    await upload.write(randomBytes(1000));

    await expect(upload.commit(sha256(Buffer.from("other")))).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  it("hands over the receipt once, before bytes leave, and cleans up from it, also twice", async () => {
    const receipts: string[] = [];
    const upload = area.begin("a-blob", signal);
    upload.onReceipt((receipt) => Promise.resolve(void receipts.push(receipt)));
    await writeAll(upload, randomBytes(3 * BLOCK));
    await upload.write(randomBytes(BLOCK));

    await area.abandon(receipts[0] ?? "", signal);
    await area.abandon(receipts[0] ?? "", signal);

    expect(receipts).toHaveLength(1);
    await expect(upload.commit("")).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  it("deletes a finished upload that its process forgot", async () => {
    const bytes = randomBytes(BLOCK + 1);
    let receipt = "";
    const upload = area.begin("a-blob", signal);
    upload.onReceipt((text) => Promise.resolve(void (receipt = text)));
    await writeAll(upload, bytes);
    const { stagedId } = await upload.commit(sha256(bytes));

    await area.abandon(receipt, signal);

    await expect(area.open(stagedId, whole(bytes), signal)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("aborts at any time, also twice, but leaves committed bytes alone", async () => {
    const untouched = area.begin("a-blob", signal);
    const begun = area.begin("a-blob", signal);
    await writeAll(begun, randomBytes(2 * BLOCK));
    const bytes = randomBytes(10);
    const committed = area.begin("a-blob", signal);
    await committed.write(bytes);
    const { stagedId } = await committed.commit(sha256(bytes));

    for (const upload of [untouched, begun, begun, committed]) await upload.abort();

    await expect(begun.write(bytes)).rejects.toThrow();
    expect((await read(await area.open(stagedId, whole(bytes), signal))).equals(bytes)).toBe(true);
    await area.discard(stagedId, signal);
  });

  it("stops when its signal aborts", async () => {
    const stop = new AbortController();
    const upload = area.begin("a-blob", stop.signal);
    await writeAll(upload, randomBytes(2 * BLOCK));

    stop.abort();

    await expect(upload.write(randomBytes(1))).rejects.toMatchObject({ name: "AbortError" });
    await upload.abort();
  });
}

describe("Google Drive's stand-in", () => {
  let drive: Drive;
  afterAll(() => drive.close());

  stagingAreaContract(async () => {
    drive = await startDrive();
    return onSandbox(drive);
  });
});

const env = process.env;
const hasAccount =
  env["GDRIVE_CLIENT_ID"] !== undefined &&
  env["GDRIVE_CLIENT_SECRET"] !== undefined &&
  env["GDRIVE_REFRESH_TOKEN"] !== undefined;
describe.skipIf(!hasAccount)("Google Drive itself (needs GDRIVE_* in the environment)", () => {
  stagingAreaContract(() => {
    const folderId = env["GDRIVE_TEMP_FOLDER_ID"];
    const options = {
      clientId: env["GDRIVE_CLIENT_ID"] ?? "",
      clientSecret: env["GDRIVE_CLIENT_SECRET"] ?? "",
      refreshToken: env["GDRIVE_REFRESH_TOKEN"] ?? "",
      apiRoot: env["GOOGLE_API_ROOT"] ?? "https://www.googleapis.com",
      tokenUrl: env["GOOGLE_TOKEN_URL"] ?? "https://oauth2.googleapis.com/token",
      ...(folderId === undefined ? {} : { folderId }),
    };
    return Promise.resolve(new GoogleDrive({ ...options, log, pieceBytes: BLOCK }));
  });
});
