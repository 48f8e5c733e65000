import { drive } from "@googleapis/drive";
import type { drive_v3 } from "@googleapis/drive";
import type { Readable } from "node:stream";

import type { StagingQuota } from "../../admin/checks.ports.js";
import type { AppError } from "../../kernel/errors.js";
import { isAbort, notFound, unavailable, unavailableUntilMended } from "../../kernel/errors.js";
import type { Logger } from "../../kernel/log.js";
import type { ByteRange } from "../../vault/blob.js";
import type { StagedUpload, StagingArea } from "../../vault/vault.ports.js";
import { SlabPool } from "./byte-queue.js";
import { DriveHttp } from "./drive-http.js";
import { interrupted, reasonOf, refusalOf, TryAgain, stagingFull } from "./drive-refusal.js";
import { GoogleAuthorization } from "./google-authorization.js";
import { withPatience } from "./patience.js";
import { RangedBody } from "./ranged-body.js";
import { resourceOf, ResumableUpload } from "./resumable-upload.js";
import type { UploadSessions } from "./resumable-upload.js";

/** Google takes pieces of multiples of this. */
const BLOCK_BYTES = 256 * 1024;

export interface GoogleDriveOptions {
  clientId: string;
  clientSecret: string;
  refreshToken: string;
  /** Folder that takes the staged files; absent: the root of the account's Drive. */
  folderId?: string;
  /** A bare origin. */
  apiRoot: string;
  tokenUrl: string;
  log: Logger;
  /** Bytes sent in one request, a multiple of 256 KiB. An upload keeps at most two pieces in memory. */
  pieceBytes?: number;
  /** How long a call goes on trying while nothing succeeds. */
  patienceMs?: number;
  /** The first pause before trying again. */
  pauseMs?: number;
  /** How long a connection may be silent. */
  idleMs?: number;
}

/** Stages bytes in Google Drive, or in whatever speaks Drive v3 at `apiRoot`. */
export class GoogleDrive implements StagingArea, StagingQuota {
  private readonly api: drive_v3.Drive;
  private readonly authorization: GoogleAuthorization;
  private readonly http: DriveHttp;
  private readonly pieceBytes: number;
  private readonly pool = new SlabPool();
  private readonly sessions: UploadSessions;

  constructor(private readonly options: GoogleDriveOptions) {
    const { pieceBytes = 16 * BLOCK_BYTES, idleMs = 60_000, refreshToken } = options;
    if (pieceBytes <= 0 || pieceBytes % BLOCK_BYTES !== 0)
      throw new RangeError(`pieceBytes: no multiple of ${BLOCK_BYTES}`);
    this.pieceBytes = pieceBytes;
    // The official client drops a path of its root, and with it the calls would go elsewhere than the bytes.
    const root = new URL(new URL(options.apiRoot).origin);
    this.authorization = new GoogleAuthorization(options, refreshToken, idleMs);
    this.api = drive({ version: "v3", auth: this.authorization.client, rootUrl: root.href, retry: false });
    this.http = new DriveHttp(root, this.authorization, idleMs);
    this.sessions = {
      create: (name, signal) => this.createSession(name, signal),
      put: (url, range, body, signal) =>
        this.http.exchange({ method: "PUT", url, headers: { "content-range": range }, body }, signal),
      receiptOf: (session) => this.receiptOf(session),
      patiently: (signal, attempt) => this.patiently(signal, attempt),
      abandon: (receipt, signal) => this.abandon(receipt, signal),
    };
  }

  begin(name: string, signal: AbortSignal): StagedUpload {
    const { pieceBytes, pool } = this;
    return new ResumableUpload(name, this.sessions, { pieceBytes, pool, log: this.options.log }, signal);
  }

  async open(stagedId: string, { start, end }: ByteRange, signal: AbortSignal): Promise<Readable> {
    const url = new URL(`/drive/v3/files/${encodeURIComponent(stagedId)}`, this.http.root);
    url.search = "?alt=media&supportsAllDrives=true";
    const request = { method: "GET", url, headers: { range: `bytes=${start}-${end}` } };
    return this.patiently(signal, async () => {
      const response = await this.http.open(request, signal);
      const { statusCode: status = 0, headers } = response;
      const length = end - start + 1;
      if (status === 200) return new RangedBody(response, start, length, signal);
      if (status === 206 && headers["content-range"]?.startsWith(`bytes ${start}-${end}/`) === true) {
        return new RangedBody(response, 0, length, signal);
      }
      if (status === 206 || status === 416) {
        response.destroy();
        throw unavailable(
          "The staged file is shorter than it was.",
          new Error(`Google Drive answered ${status}`),
        );
      }
      const body = await this.http.readAll(response, signal);
      if (status === 404) throw notFound("The staged file");
      if (reasonOf(body) === "cannotDownloadAbusiveFile" && !url.searchParams.has("acknowledgeAbuse")) {
        // Google takes it for malware. It is its owner's all the same, and goes where its owner sends it.
        url.searchParams.set("acknowledgeAbuse", "true");
        throw new TryAgain("wants abuse acknowledged");
      }
      throw refusalOf(status, headers, body);
    });
  }

  async discard(stagedId: string, signal: AbortSignal): Promise<void> {
    await this.call(signal, [404], () =>
      this.api.files.delete({ fileId: stagedId, supportsAllDrives: true }, { signal }),
    );
  }

  async abandon(receipt: string, signal: AbortSignal): Promise<void> {
    const session = new URL(receipt, this.http.root);
    const status = await this.patiently(signal, async () => {
      const answer = await this.sessions.put(session, "bytes */*", [], signal);
      if (answer.status === 200 || answer.status === 201) {
        await this.discard(resourceOf(answer.body).id, signal);
      } else if (answer.status !== 308 && (answer.status >= 500 || [401, 403, 429].includes(answer.status))) {
        throw refusalOf(answer.status, answer.headers, answer.body);
      }
      return answer.status;
    });
    if (status !== 308) return;
    await this.patiently(signal, async () => {
      const answer = await this.http.exchange({ method: "DELETE", url: session }, signal);
      if (answer.status === 429 || answer.status >= 500)
        throw refusalOf(answer.status, answer.headers, answer.body);
    });
  }

  async check(signal: AbortSignal): Promise<void> {
    // The quota is worth knowing where the service tells it; our credentials are checked all the same.
    const answer = await this.call(signal, [404, 501], () =>
      this.api.about.get({ fields: "storageQuota(limit,usage)" }, { signal }),
    );
    const { limit, usage } = answer?.data.storageQuota ?? {};
    if (limit != null && Number(usage) >= Number(limit)) {
      throw stagingFull();
    }
    const { folderId } = this.options;
    if (folderId === undefined) return;
    const folder = await this.call(signal, [404], () =>
      this.api.files.get({ fileId: folderId, fields: "id,trashed", supportsAllDrives: true }, { signal }),
    );
    if (folder === undefined || folder.data.trashed === true) {
      throw noFolder();
    }
  }

  async space(signal: AbortSignal): Promise<{ usedBytes: number; limitBytes: number } | undefined> {
    const answer = await this.call(signal, [404, 501], () =>
      this.api.about.get({ fields: "storageQuota(limit,usage)" }, { signal }),
    );
    const { limit, usage } = answer?.data.storageQuota ?? {};
    return limit == null ? undefined : { usedBytes: Number(usage ?? 0), limitBytes: Number(limit) };
  }

  /** Lets go of idle connections. */
  close(): void {
    this.http.close();
  }

  private createSession(name: string, signal: AbortSignal): Promise<URL> {
    const { folderId } = this.options;
    const type = "application/octet-stream";
    const metadata = { name, mimeType: type, ...(folderId === undefined ? {} : { parents: [folderId] }) };
    const query = "uploadType=resumable&supportsAllDrives=true&fields=id,size,sha256Checksum";
    const headers = { "content-type": "application/json; charset=UTF-8", "x-upload-content-type": type };
    const request = {
      method: "POST",
      url: new URL(`/upload/drive/v3/files?${query}`, this.http.root),
      headers,
      body: [Buffer.from(JSON.stringify(metadata))],
    };
    // Opening a session stores nothing, so it is safe to repeat.
    return this.patiently(signal, async () => {
      const { status, headers: given, body } = await this.http.exchange(request, signal);
      if (status === 404 && folderId !== undefined) {
        throw noFolder();
      }
      if (status !== 200 && status !== 404) throw refusalOf(status, given, body);
      if (given.location === undefined) {
        const said = new Error(`${status} without a session`);
        throw unavailableUntilMended("Google Drive opens no uploads.", "Check GOOGLE_API_ROOT.", said);
      }
      return new URL(given.location, this.http.root);
    });
  }

  /** Relative where it can be: a stand-in may come back on another port. */
  private receiptOf(session: URL): string {
    return session.origin === this.http.root.origin ? `${session.pathname}${session.search}` : session.href;
  }

  private patiently<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
    const { patienceMs = 60_000, pauseMs = 500, log } = this.options;
    return withPatience({ patienceMs, pauseMs, log }, signal, attempt);
  }

  /** A call through the official client. @returns undefined for a status in `fine` */
  private call<T>(
    signal: AbortSignal,
    fine: readonly number[],
    send: () => Promise<T>,
  ): Promise<T | undefined> {
    return this.patiently(signal, async () => {
      for (let isSecond = false; ; isSecond = true) {
        const token = await this.authorization.token(signal);
        try {
          return await send();
        } catch (error) {
          if (signal.aborted) throw signal.reason as Error;
          // The client's own time limit.
          if (isAbort(error)) throw interrupted(error);
          // The client's errors hold the whole request, tokens included: only status and reason go on.
          const { status, data } = (error as { response?: { status: number; data: unknown } }).response ?? {};
          if (status === undefined) throw interrupted(error);
          if (fine.includes(status)) return undefined;
          if (status !== 401 || isSecond) throw refusalOf(status, {}, data);
          this.authorization.forget(token);
        }
      }
    });
  }
}

function noFolder(): AppError {
  return unavailableUntilMended(
    "The folder where uploads wait is missing.",
    "The folder that GDRIVE_TEMP_FOLDER_ID names does not exist, or is not ours to see.",
  );
}
