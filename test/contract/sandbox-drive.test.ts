import { createHash, randomBytes } from "node:crypto";
import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startDrive } from "../../sandbox/drive/server.js";
import type { Drive } from "../../sandbox/drive/server.js";

const BLOCK = 256 * 1024;
const FOLDER = "application/vnd.google-apps.folder";

let drive: Drive;
let token: string;
beforeAll(async () => {
  drive = await startDrive();
  token = await tokenOf(drive);
});
afterEach(() => drive.reset({ files: true }));
afterAll(() => drive.close());

function askToken(from: Drive, change: Record<string, string> = {}): Promise<Response> {
  const { clientId: client_id, clientSecret: client_secret, refreshToken: refresh_token } = from;
  const form = { grant_type: "refresh_token", client_id, client_secret, refresh_token, ...change };
  return fetch(from.tokenUrl, { method: "POST", body: new URLSearchParams(form) });
}

async function tokenOf(from: Drive): Promise<string> {
  const { access_token } = (await (await askToken(from)).json()) as { access_token: string };
  return access_token;
}

function call(method: string, path: string, body?: unknown, on: Drive = drive): Promise<Response> {
  const headers = { authorization: `Bearer ${token}` };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  return fetch(new URL(path, on.url), { method, headers, ...sent });
}

async function json(response: Promise<Response>): Promise<Record<string, unknown>> {
  return (await (await response).json()) as Record<string, unknown>;
}

async function errorOf(response: Promise<Response>): Promise<unknown> {
  const { status } = await response;
  const { error } = (await json(response.then((r) => r.clone()))) as { error: { errors: unknown[] } };
  return [status, error.errors[0]];
}

async function openSession(
  fields = "id,size,sha256Checksum",
  metadata: object = { name: "blob" },
): Promise<string> {
  const path = `/upload/drive/v3/files?uploadType=resumable&fields=${fields}`;
  return (await call("POST", path, metadata)).headers.get("location") ?? "";
}

function put(session: string, range: string, body: Buffer = Buffer.alloc(0)): Promise<Response> {
  return fetch(session, {
    method: "PUT",
    headers: { "content-range": `bytes ${range}` },
    body: new Uint8Array(body),
  });
}

async function upload(bytes: Buffer, metadata: object = { name: "blob" }): Promise<string> {
  const session = await openSession("id", metadata);
  const { id } = await json(put(session, `0-${bytes.length - 1}/${bytes.length}`, bytes));
  return id as string;
}

describe("the token endpoint", () => {
  it("gives an access token for the refresh token", async () => {
    const answer = await json(askToken(drive));

    expect(answer).toMatchObject({
      expires_in: 3599,
      token_type: "Bearer",
      scope: expect.any(String) as string,
    });
  });

  it.each([
    [
      { refresh_token: "1//other" },
      400,
      { error: "invalid_grant", error_description: "Token has been expired or revoked." },
    ],
    [{ client_secret: "other" }, 401, { error: "invalid_client" }],
    [{ grant_type: "password" }, 400, { error: "unsupported_grant_type" }],
  ])("refuses %o with %i", async (change, status, body) => {
    const response = await askToken(drive, change);

    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject(body);
  });

  it("ends the refresh token of an app in testing after seven days", async () => {
    drive.config({ refreshTokenDays: 7 });
    const before = await askToken(drive);

    drive.advance({ ms: 8 * 86_400_000 });

    expect(before.status).toBe(200);
    expect((await askToken(drive)).status).toBe(400);
    token = await (drive.reset(), tokenOf(drive));
  });

  it("listens on its own port when asked to", async () => {
    const split = await startDrive({ tokenPort: 0 });

    expect(new URL(split.tokenUrl).port).not.toBe(new URL(split.url).port);
    expect((await askToken(split)).status).toBe(200);
    await split.close();
  });
});

describe("authorization", () => {
  it("refuses missing, wrong and expired tokens in Google's form", async () => {
    const refused = await fetch(`${drive.url}/drive/v3/about?fields=user`);
    const old = token;
    drive.advance({ ms: 3_600_000 });
    token = await tokenOf(drive);
    const expired = await fetch(`${drive.url}/drive/v3/about?fields=user`, {
      headers: { authorization: `Bearer ${old}` },
    });

    expect(refused.headers.get("www-authenticate")).toContain("Bearer");
    expect(await refused.json()).toMatchObject({
      error: { code: 401, errors: [{ reason: "authError", location: "Authorization" }] },
    });
    expect(expired.status).toBe(401);
  });
});

describe("a resumable session", () => {
  const bytes = randomBytes(3 * BLOCK + 100);
  const total = bytes.length;

  it("takes pieces of unknown total, then the last", async () => {
    const session = await openSession("id,size,sha256Checksum,md5Checksum");

    const first = await put(session, `0-${BLOCK - 1}/*`, bytes.subarray(0, BLOCK));
    const status = await put(session, "*/*");
    const last = await put(session, `${BLOCK}-${total - 1}/${total}`, bytes.subarray(BLOCK));

    expect([first.status, first.headers.get("range")]).toEqual([308, `bytes=0-${BLOCK - 1}`]);
    expect([status.status, status.headers.get("range")]).toEqual([308, `bytes=0-${BLOCK - 1}`]);
    expect(last.status).toBe(200);
    expect(await last.json()).toEqual({
      id: expect.any(String) as string,
      size: String(total),
      sha256Checksum: createHash("sha256").update(bytes).digest("hex"),
      md5Checksum: createHash("md5").update(bytes).digest("hex"),
    });
  });

  it("answers a finished upload again with its resource", async () => {
    const session = await openSession();
    const done = await json(put(session, `0-${total - 1}/${total}`, bytes));

    expect(await json(put(session, `*/${total}`))).toEqual(done);
    expect(await json(put(session, "*/*"))).toEqual(done);
  });

  it("says nothing of a range when it has nothing", async () => {
    const status = await put(await openSession(), "*/*");

    expect([status.status, status.headers.get("range")]).toEqual([308, null]);
  });

  it("skips bytes it already has", async () => {
    const session = await openSession();
    await put(session, `0-${2 * BLOCK - 1}/*`, bytes.subarray(0, 2 * BLOCK));

    const done = await json(put(session, `${BLOCK}-${total - 1}/${total}`, bytes.subarray(BLOCK)));

    expect(done["sha256Checksum"]).toBe(createHash("sha256").update(bytes).digest("hex"));
  });

  it.each([
    ["a piece that is no multiple of 256 KiB", "0-99/*", 100, 400],
    ["a length that is not the body's", `0-${BLOCK - 1}/*`, 5, 400],
    ["an end past the total", "0-9/5", 10, 400],
    ["a range that is none", "zero-nine/ten", 10, 400],
    ["a gap", `${BLOCK}-${2 * BLOCK - 1}/*`, BLOCK, 503],
  ])("refuses %s", async (_what, range, length, status) => {
    expect((await put(await openSession(), range, Buffer.alloc(length))).status).toBe(status);
  });

  it("ends on DELETE with 499 and after a week, and is 404 then", async () => {
    const cancelled = await openSession();
    const expired = await openSession();

    const deleted = await fetch(cancelled, { method: "DELETE" });
    drive.advance({ ms: 8 * 86_400_000 });

    expect(deleted.status).toBe(499);
    expect((await put(cancelled, "*/*")).status).toBe(404);
    expect((await put(expired, "*/*")).status).toBe(404);
    token = await tokenOf(drive);
  });

  it("keeps a pre-generated id from being used twice", async () => {
    const { ids } = (await json(call("GET", "/drive/v3/files/generateIds?count=1"))) as { ids: string[] };
    const metadata = { id: ids[0], name: "once" };

    expect(await upload(bytes, metadata)).toBe(ids[0]);

    const again = call("POST", "/upload/drive/v3/files?uploadType=resumable", metadata);
    expect(await errorOf(again)).toMatchObject([409, { reason: "fileIdInUse" }]);
  });

  it("survives a restart, and a log whose last line was cut", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "drive-restart-"));
    const before = await startDrive({ dataDir });
    token = await tokenOf(before);
    const opened = await call(
      "POST",
      "/upload/drive/v3/files?uploadType=resumable&fields=id,sha256Checksum",
      {},
      before,
    );
    const session = new URL(opened.headers.get("location") ?? "");
    await put(session.href, `0-${2 * BLOCK - 1}/*`, bytes.subarray(0, 2 * BLOCK));
    await before.close();
    await appendFile(join(dataDir, "journal.jsonl"), '{"put":{"id":"1cut');

    const after = await startDrive({ dataDir });
    const again = new URL(`${session.pathname}${session.search}`, after.url).href;
    const status = await put(again, "*/*");
    const done = await json(put(again, `${2 * BLOCK}-${total - 1}/${total}`, bytes.subarray(2 * BLOCK)));
    const back = await call("GET", `/drive/v3/files/${String(done["id"])}?alt=media`, undefined, after);

    expect(status.headers.get("range")).toBe(`bytes=0-${2 * BLOCK - 1}`);
    expect(done["sha256Checksum"]).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect(Buffer.from(await back.arrayBuffer()).equals(bytes)).toBe(true);
    expect(after.refreshToken).toBe(before.refreshToken);
    await after.close();
    await rm(dataDir, { recursive: true });
    token = await tokenOf(drive);
  });
});

describe("a download", () => {
  const bytes = randomBytes(1000);

  it.each([
    ["bytes=0-9", 206, "bytes 0-9/1000", [0, 10]],
    ["bytes=990-", 206, "bytes 990-999/1000", [990, 1000]],
    ["bytes=-5", 206, "bytes 995-999/1000", [995, 1000]],
    ["bytes=500-5000", 206, "bytes 500-999/1000", [500, 1000]],
    ["bytes=9-1", 200, null, [0, 1000]],
    ["lines=1-2", 200, null, [0, 1000]],
  ])("answers Range %s with %i", async (range, status, contentRange, [from, to]) => {
    const id = await upload(bytes);

    const headers = { authorization: `Bearer ${token}`, range };
    const response = await fetch(`${drive.url}/drive/v3/files/${id}?alt=media`, { headers });

    expect([response.status, response.headers.get("content-range")]).toEqual([status, contentRange]);
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes.subarray(from, to))).toBe(true);
  });

  it("answers a range past the end with 416", async () => {
    const id = await upload(bytes);

    const headers = { authorization: `Bearer ${token}`, range: "bytes=1000-" };
    const response = await fetch(`${drive.url}/drive/v3/files/${id}?alt=media`, { headers });

    expect([response.status, response.headers.get("content-range")]).toEqual([416, "bytes */1000"]);
  });
});

describe("files and folders", () => {
  it("shows the default fields, the fields asked for, and refuses others", async () => {
    const id = await upload(Buffer.from("hello"));

    expect(await json(call("GET", `/drive/v3/files/${id}`))).toEqual({
      kind: "drive#file",
      id,
      name: "blob",
      mimeType: "application/octet-stream",
    });
    expect(await json(call("GET", `/drive/v3/files/${id}?fields=size,trashed`))).toEqual({
      size: "5",
      trashed: false,
    });
    const refused = call("GET", `/drive/v3/files/${id}?fields=size,colour`);
    expect(await errorOf(refused)).toMatchObject([400, { reason: "invalidParameter", location: "fields" }]);
  });

  it("renames, tags, trashes and deletes", async () => {
    const id = await upload(Buffer.from("hello"));
    const change = { name: "new", trashed: true, appProperties: { stage: "1" } };

    const changed = await json(
      call("PATCH", `/drive/v3/files/${id}?fields=name,trashed,appProperties`, change),
    );
    const deleted = await call("DELETE", `/drive/v3/files/${id}`);

    expect(changed).toEqual(change);
    expect(deleted.status).toBe(204);
    expect(await errorOf(call("GET", `/drive/v3/files/${id}`))).toMatchObject([
      404,
      { reason: "notFound", message: `File not found: ${id}.`, location: "fileId" },
    ]);
  });

  it("keeps files in folders, finds them there and deletes them with it", async () => {
    const folder = await json(call("POST", "/drive/v3/files", { name: "temp", mimeType: FOLDER }));
    const parents = [folder["id"]];
    for (const name of ["a", "b'c", "d"])
      await upload(Buffer.from(name), { name, parents, appProperties: { of: name } });
    const find = async (q: string) => {
      const { files } = await json(
        call("GET", `/drive/v3/files?fields=files/name&q=${encodeURIComponent(q)}`),
      );
      return (files as { name: string }[]).map(({ name }) => name).sort();
    };

    expect(await find(`'${String(folder["id"])}' in parents and trashed = false`)).toEqual(["a", "b'c", "d"]);
    expect(await find("name = 'b\\'c'")).toEqual(["b'c"]);
    expect(await find("appProperties has { key='of' and value='d' }")).toEqual(["d"]);
    await call("DELETE", `/drive/v3/files/${String(folder["id"])}`);
    expect(drive.files()).toEqual([]);
  });

  it("pages through a list", async () => {
    for (const name of ["a", "b", "c"]) await upload(Buffer.from(name), { name });

    const first = await json(call("GET", "/drive/v3/files?pageSize=2"));
    const second = await json(
      call("GET", `/drive/v3/files?pageSize=2&pageToken=${String(first["nextPageToken"])}`),
    );

    const names = [first, second].flatMap(({ files }) =>
      (files as { name: string }[]).map(({ name }) => name),
    );
    expect(names.sort()).toEqual(["a", "b", "c"]);
    expect(second["nextPageToken"]).toBeUndefined();
  });

  it.each([
    ["GET", "/drive/v3/files?q=fullText+contains+'x'", undefined, 400, "invalid"],
    ["GET", "/drive/v3/files?orderBy=name", undefined, 400, "badRequest"],
    ["GET", "/drive/v3/about", undefined, 400, "required"],
    ["GET", "/drive/v3/changes", undefined, 404, "notFound"],
    ["POST", "/drive/v3/files", { name: "x", mimeType: FOLDER, starred: true }, 400, "badRequest"],
    ["POST", "/drive/v3/files", { parents: ["1nowherenowherenowhere"] }, 404, "notFound"],
    ["POST", "/upload/drive/v3/files?uploadType=media", {}, 400, "badRequest"],
  ])("refuses %s %s", async (method, path, body, status, reason) => {
    expect(await errorOf(call(method, path, body))).toMatchObject([status, { reason }]);
  });
});

describe("limits", () => {
  it("answers 403 when the minute's units are used up, until it is over", async () => {
    drive.config({ limits: true, unitsPerMinute: 10 });
    const ask = () => call("GET", "/drive/v3/about?fields=user");
    await Promise.all([ask(), ask()]);

    expect(await errorOf(ask())).toMatchObject([
      403,
      { reason: "userRateLimitExceeded", domain: "usageLimits" },
    ]);
    drive.advance({ ms: 60_000 });
    expect((await ask()).status).toBe(200);
  });

  it("answers 403 when the storage is full", async () => {
    drive.config({ limits: true, storageBytes: 5 });
    await upload(Buffer.from("hello"));

    const more = call("POST", "/upload/drive/v3/files?uploadType=resumable", {});
    expect(await errorOf(more)).toMatchObject([403, { reason: "storageQuotaExceeded" }]);
    const { storageQuota } = await json(call("GET", "/drive/v3/about?fields=storageQuota"));
    expect(storageQuota).toMatchObject({ limit: "5", usage: "5" });
  });
});
