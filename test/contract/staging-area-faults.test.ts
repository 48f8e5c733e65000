import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { FaultInput } from "../../sandbox/drive/faults.js";
import { startDrive } from "../../sandbox/drive/server.js";
import type { Drive } from "../../sandbox/drive/server.js";
import { AppError, operatorText } from "../../server/kernel/errors.js";
import type { GoogleDrive, GoogleDriveOptions } from "../../server/adapters/drive/google-drive.js";
import {
  BLOCK,
  logged,
  onSandbox,
  read,
  sha256,
  signal,
  stage,
  whole,
  writeAll,
} from "./staging-area.support.js";

let drive: Drive;
beforeAll(async () => {
  drive = await startDrive();
});
afterEach(() => drive.reset({ files: true }));
afterAll(() => drive.close());

/** With which words, for the operator, something is refused as UNAVAILABLE. */
async function refusalOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: "UNAVAILABLE" });
  return error instanceof AppError ? operatorText(error) : "";
}

describe("an upload to Google Drive under faults", () => {
  it.each<[string, FaultInput[]]>([
    [
      "keeps only part of a piece",
      [{ kind: "keepPart", bytes: BLOCK + 5, match: { op: "piece" }, times: 2 }],
    ],
    ["keeps nothing of a piece", [{ kind: "keepPart", bytes: 10, after: 1, times: 2 }]],
    [
      "resets the connection in the middle of a body",
      [{ kind: "resetMidBody", bytes: BLOCK + 10, every: 2, times: 3 }],
    ],
    [
      "resets the connection at once",
      [{ kind: "reset", match: { op: ["piece", "session"] }, every: 2, times: 4 }],
    ],
    ["loses the answers to pieces", [{ kind: "lostResponse", match: { op: "piece" }, every: 1, times: 9 }]],
    [
      "loses the last answer and cuts the one to the question",
      [
        { kind: "lostResponse", match: { op: "piece" }, after: 2 },
        { kind: "truncateResponse", match: { op: "status" }, times: 5 },
      ],
    ],
    ["answers 503 in HTML three times", [{ kind: "5xx", match: { op: ["piece", "status"] }, times: 3 }]],
    [
      "answers 500 to the opening of the session",
      [{ kind: "5xx", status: 500, match: { op: "session" }, times: 2 }],
    ],
    ["answers 429 with Retry-After", [{ kind: "429", retryAfter: 0, match: { op: "piece" }, times: 2 }]],
    [
      "answers 403 for the rate",
      [{ kind: "403rate", match: { op: ["session", "piece"] }, every: 2, times: 3 }],
    ],
    ["refuses the access token once", [{ kind: "401", match: { op: "piece" }, after: 1, times: 1 }]],
    ["falls silent", [{ kind: "hang", match: { op: "piece" }, after: 1, times: 1 }]],
    ["fails to renew the token at first", [{ kind: "lostResponse", match: { op: "token" }, times: 1 }]],
  ])("arrives whole when the service %s", async (_what, faults) => {
    const area = onSandbox(drive, { pieceBytes: 2 * BLOCK, idleMs: 200 });
    const bytes = randomBytes(5 * BLOCK + 12_345);
    for (const fault of faults) drive.fault(fault);

    const stagedId = await stage(area, bytes);
    const struck = drive.stats().faults;
    drive.reset();

    expect(Object.keys(struck)).toEqual(expect.arrayContaining(faults.map(({ kind }) => kind)));
    expect((await read(await area.open(stagedId, whole(bytes), signal))).equals(bytes)).toBe(true);
    expect(drive.files()).toHaveLength(1);
  });

  it.each([1, 2, 3, 4, 5])("arrives whole under a mixture of faults, seed %i", async (seed) => {
    const stormy = await startDrive({ seed });
    const area = onSandbox(stormy);
    for (const kind of ["keepPart", "resetMidBody"] as const)
      stormy.fault({ kind, bytes: 70_000, prob: 0.1 });
    stormy.fault({ kind: "401", every: 9, match: { op: ["session", "piece", "status"] } });
    for (const kind of ["lostResponse", "reset", "5xx", "truncateResponse"] as const) {
      stormy.fault({ kind, prob: 0.08, match: { op: ["session", "piece", "status"] } });
    }
    const bytes = randomBytes(12 * BLOCK + 77);

    const stagedId = await stage(area, bytes);

    stormy.reset();
    expect((await read(await area.open(stagedId, whole(bytes), signal))).equals(bytes)).toBe(true);
    expect(stormy.files()).toHaveLength(1);
    await stormy.close();
  });

  it("goes on when the access token expires in the middle", async () => {
    const area = onSandbox(drive);
    const bytes = randomBytes(6 * BLOCK);
    const upload = area.begin("a-blob", signal);
    await writeAll(upload, bytes.subarray(0, 3 * BLOCK));

    drive.advance({ ms: 3_600_000 });
    await writeAll(upload, bytes.subarray(3 * BLOCK));
    await upload.commit(sha256(bytes));

    expect(drive.stats().calls).toMatchObject({ session: 1, token: 2 });
    expect(drive.files()).toMatchObject([{ size: bytes.length }]);
  });

  it.each<[FaultInput, RegExp]>([
    [{ kind: "sessionGone", match: { op: "piece" }, after: 2 }, /Upload the file again/],
    [{ kind: "corrupt", match: { op: "piece" }, after: 1, times: 1 }, /Upload the file again/],
    [{ kind: "storageQuota", match: { op: "piece" }, after: 1 }, /full/],
    [{ kind: "expiredRefresh" }, /must be renewed/],
    [{ kind: "401", match: { op: "session" } }, /authorization/],
    [{ kind: "5xx", match: { op: ["piece", "status"] }, times: 30 }, /Try again later/],
    [{ kind: "429", retryAfter: 86_400, match: { op: "piece" } }, /Try again later/],
  ])("ends with UNAVAILABLE and leaves nothing behind after %o", async (fault, message) => {
    const area = onSandbox(drive, { patienceMs: 150 });
    const bytes = randomBytes(4 * BLOCK);
    drive.fault(fault);

    const upload = stage(area, bytes);

    expect(await refusalOf(upload)).toMatch(message);
    expect(drive.files()).toEqual([]);
  });

  it("waits for the service instead of keeping more than two pieces", async () => {
    drive.config({ bandwidth: { up: { global: 8 * 2 ** 20 } } });
    const upload = onSandbox(drive, { idleMs: 5000 }).begin("a-blob", signal);
    const step = Buffer.alloc(BLOCK / 4);
    let most = 0;

    for (let written = step.length; written <= 8 * BLOCK; written += step.length) {
      await upload.write(step);
      most = Math.max(most, written - drive.stats().bytesIn);
    }
    await upload.abort();

    expect(most).toBeGreaterThan(BLOCK);
    expect(most).toBeLessThanOrEqual(2 * BLOCK + step.length);
  });

  it("costs nothing outside before the first byte, and nothing leaves before the receipt is kept", async () => {
    const upload = onSandbox(drive).begin("a-blob", signal);
    upload.onReceipt(() => Promise.reject(new Error("the database is down")));
    const before = drive.stats().calls;

    const committed = upload.write(Buffer.alloc(10)).then(() => upload.commit(sha256(Buffer.alloc(10))));

    await expect(committed).rejects.toThrow("the database is down");
    expect(before).toEqual({});
    expect(drive.stats()).toMatchObject({ bytesIn: 0, openSessions: 0 });
  });
});

describe("a download from Google Drive under faults", () => {
  const bytes = randomBytes(3 * 2 ** 20 + 11);
  let area: GoogleDrive;
  let stagedId: string;
  const setUp = async (options: Partial<GoogleDriveOptions> = {}) => {
    area = onSandbox(drive, { pieceBytes: 4 * 2 ** 20, ...options });
    stagedId = await stage(area, bytes);
  };

  it.each<[string, FaultInput]>([
    ["refuses the access token once", { kind: "401", match: { op: "download" }, times: 1 }],
    ["answers 503 twice", { kind: "5xx", match: { op: "download" }, times: 2 }],
    ["resets the connection", { kind: "reset", match: { op: "download" }, times: 2 }],
    ["takes the file for malware", { kind: "abusive" }],
    ["falls silent", { kind: "hang", match: { op: "download" }, times: 1 }],
  ])("succeeds when the service %s", async (_what, fault) => {
    await setUp({ idleMs: 200 });
    drive.fault(fault);

    const back = await read(await area.open(stagedId, { start: 5, end: 2_000_000 }, signal));

    expect(back.equals(bytes.subarray(5, 2_000_001))).toBe(true);
  });

  it("gives the right range when the service ignores it", async () => {
    await setUp();
    drive.config({ range: false });

    const back = await read(await area.open(stagedId, { start: 1_234_567, end: 1_300_000 }, signal));

    expect(back.equals(bytes.subarray(1_234_567, 1_300_001))).toBe(true);
  });

  it("errors when the answer is cut, after the bytes that came", async () => {
    await setUp();
    drive.fault({ kind: "truncate", bytes: 100_000 });
    const stream = await area.open(stagedId, whole(bytes), signal);
    let received = 0;
    stream.on("data", (chunk: Buffer) => (received += chunk.length));

    const end = new Promise((resolve, reject) => stream.once("end", resolve).once("error", reject));

    await expect(end).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(received).toBeLessThanOrEqual(100_000);
  });

  it("refuses a range past the end", async () => {
    await setUp();

    const past = area.open(stagedId, { start: bytes.length, end: bytes.length + 5 }, signal);
    const beyond = area.open(stagedId, { start: 0, end: bytes.length }, signal);

    await expect(past).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await expect(beyond).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  it("waits for a slow reader as long as it takes", async () => {
    await setUp({ idleMs: 40 });
    const stream = await area.open(stagedId, whole(bytes), signal);
    const started = performance.now();

    const chunks: Buffer[] = [];
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      if (chunks.length === 1) await new Promise((resolve) => setTimeout(resolve, 150));
    }

    expect(performance.now() - started).toBeGreaterThan(120);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  it("ends when its signal aborts", async () => {
    await setUp();
    const stop = new AbortController();
    const stream = await area.open(stagedId, whole(bytes), stop.signal);

    stop.abort();

    await expect(read(stream)).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("Google Drive's settings", () => {
  it("says when the folder does not exist", async () => {
    const area = onSandbox(drive, { folderId: "1aaaaaaaaaaaaaaaaaaaaaaaaaaa" });

    expect(await refusalOf(area.check(signal))).toContain("GDRIVE_TEMP_FOLDER_ID");
    expect(await refusalOf(stage(area, Buffer.alloc(5)))).toContain("GDRIVE_TEMP_FOLDER_ID");
  });

  it("says when the client is unknown", async () => {
    const check = onSandbox(drive, { clientSecret: "wrong" }).check(signal);

    expect(await refusalOf(check)).toContain("GDRIVE_CLIENT_SECRET");
  });

  it.each([200, 404])("says at once when nobody opens uploads there (%i)", async (status) => {
    const server = createServer(
      (request, response) =>
        void request.resume().on("end", () => {
          response.writeHead(status, { "content-type": "application/json" }).end('{"id":"a"}');
        }),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const area = onSandbox(drive, { apiRoot: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });

    expect(await refusalOf(stage(area, Buffer.alloc(5)))).toContain("GOOGLE_API_ROOT");
    area.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it("says when the Drive is full", async () => {
    drive.config({ limits: true, storageBytes: 1 });
    const area = onSandbox(drive);
    await stage(area, Buffer.alloc(1));

    await expect(area.check(signal)).rejects.toThrow(/full/);
    await expect(stage(area, Buffer.alloc(1))).rejects.toThrow(/full/);
  });
});

it("never shows a secret of Google Drive, whatever fails", async () => {
  const area = onSandbox(drive, { patienceMs: 40, idleMs: 30 });
  const stagedId = await stage(onSandbox(drive), Buffer.alloc(1000, 1));
  const failures: unknown[] = [];
  const receipts: string[] = [];
  const kinds = ["hang", "reset", "lostResponse", "5xx"] as const;
  const ops = ["token", "session", "piece", "status", "download", "delete", "about"] as const;
  const faults: FaultInput[] = [
    ...kinds.flatMap((kind) => ops.map((op): FaultInput => ({ kind, match: { op } }))),
    { kind: "401" },
    { kind: "429" },
    { kind: "403rate" },
    { kind: "storageQuota" },
    { kind: "expiredRefresh" },
    { kind: "sessionGone" },
    { kind: "corrupt" },
    { kind: "truncate", bytes: 10 },
  ];

  for (const fault of faults) {
    if (fault.match?.op === "token" || fault.kind === "expiredRefresh") drive.advance({ ms: 3_600_000 });
    drive.fault(fault);
    const upload = area.begin("a-blob", signal);
    upload.onReceipt((receipt) => Promise.resolve(void receipts.push(receipt)));
    const acts = [
      async () => upload.write(Buffer.alloc(3 * BLOCK)).then(() => upload.commit("0".repeat(64))),
      async () => read(await area.open(stagedId, { start: 0, end: 999 }, signal)),
      () => area.abandon(receipts[0] ?? "/none", signal),
      () => area.check(signal),
    ];
    // The official client tries a token request several times: one act is enough there.
    for (const act of fault.match?.op === "token" ? acts.slice(-1) : acts)
      await act().catch((error: unknown) => failures.push(error));
    drive.reset();
  }

  const shown = inspect([failures, logged], {
    depth: 20,
    showHidden: true,
    maxStringLength: null,
    maxArrayLength: null,
  });
  const secrets = [drive.refreshToken, drive.clientSecret, "ya29.", "upload_id", drive.clientId];
  expect(failures.length).toBeGreaterThan(30);
  expect(secrets.filter((secret) => shown.includes(secret))).toEqual([]);
});
