import { AppError, unavailable } from "../../kernel/errors.js";
import type { Logger } from "../../kernel/log.js";
import type { StagedUpload } from "../../vault/vault.ports.js";
import { ByteQueue } from "./byte-queue.js";
import type { SlabPool } from "./byte-queue.js";
import type { DriveAnswer } from "./drive-http.js";
import { refusalOf, TryAgain } from "./drive-refusal.js";

/** What the service tells about a finished upload. */
export interface StoredResource {
  id: string;
  size?: string;
  sha256Checksum?: string;
}

/** What an upload needs from Drive. */
export interface UploadSessions {
  /** Opens a session; `session` is a secret. Patient. */
  create(name: string, signal: AbortSignal): Promise<URL>;
  /** One PUT to a session. @throws TryAgain */
  put(session: URL, contentRange: string, body: readonly Buffer[], signal: AbortSignal): Promise<DriveAnswer>;
  receiptOf(session: URL): string;
  patiently<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T>;
  /** Removes whatever a session has stored. */
  abandon(receipt: string, signal: AbortSignal): Promise<void>;
}

const CLEAN_UP_MS = 15_000;

/**
 * One resumable upload of unknown length. Bytes are kept until the service acknowledges them: at most
 * two pieces. The last piece is held back until `commit`, because it must name the total.
 */
export class ResumableUpload implements StagedUpload {
  private readonly queue: ByteQueue;
  private readonly stop = new AbortController();
  private readonly signal: AbortSignal;
  private record: (receipt: string) => Promise<void> = () => Promise.resolve();
  private session: URL | undefined;
  private sending: Promise<void> | undefined;
  private failure: { reason: unknown } | undefined;
  /** After a failed request nobody knows what arrived: ask before sending more. */
  private isInDoubt = false;
  private isCommitted = false;

  constructor(
    private readonly name: string,
    private readonly sessions: UploadSessions,
    private readonly settings: { pieceBytes: number; pool: SlabPool; log: Logger },
    signal: AbortSignal,
  ) {
    this.queue = new ByteQueue(settings.pool);
    this.signal = AbortSignal.any([signal, this.stop.signal]);
  }

  onReceipt(record: (receipt: string) => Promise<void>): void {
    this.record = record;
  }

  async write(bytes: Buffer): Promise<void> {
    this.throwIfOver();
    this.queue.push(bytes);
    this.pump();
    while (this.queue.length > 2 * this.settings.pieceBytes && this.sending !== undefined) await this.sending;
    this.throwIfOver();
  }

  async commit(sha256: string): Promise<{ stagedId: string }> {
    while (this.sending !== undefined) await this.sending;
    this.throwIfOver();
    try {
      const resource = await this.sendLast();
      this.verify(resource, sha256);
      this.isCommitted = true;
      this.queue.drop(this.queue.length);
      return { stagedId: resource.id };
    } catch (error) {
      await this.abort();
      throw error;
    }
  }

  /** After a successful commit the bytes are the caller's: nothing is removed then. */
  async abort(): Promise<void> {
    if (this.isCommitted) return;
    this.stop.abort();
    this.failure ??= { reason: new AppError("GONE", "The upload was given up.") };
    await this.sending;
    this.queue.drop(this.queue.length);
    const { session } = this;
    if (session === undefined) return;
    try {
      await this.sessions.abandon(this.sessions.receiptOf(session), AbortSignal.timeout(CLEAN_UP_MS));
      this.session = undefined;
    } catch (error) {
      // The receipt in the database lets a later sweep do it.
      this.settings.log.warn(
        { why: String(error) },
        "Google Drive: an upload given up could not be cleaned up yet",
      );
    }
  }

  private throwIfOver(): void {
    if (this.failure !== undefined) throw this.failure.reason;
    this.signal.throwIfAborted();
  }

  /** Sends pieces, one at a time, while there is more than one: then the last is never sent too early. */
  private pump(): void {
    if (
      this.sending !== undefined ||
      this.failure !== undefined ||
      this.queue.length <= this.settings.pieceBytes
    )
      return;
    this.sending = this.send(undefined)
      .then((resource) => {
        if (resource !== undefined) throw uploadAgain("finished too early");
      })
      .catch((reason: unknown) => {
        this.failure ??= { reason };
      })
      .then(() => {
        this.sending = undefined;
        this.pump();
      });
  }

  private async sendLast(): Promise<StoredResource> {
    const total = this.queue.end;
    for (;;) {
      const resource = await this.send(this.queue.length > this.settings.pieceBytes ? undefined : total);
      if (resource !== undefined) return resource;
    }
  }

  /** Gets some bytes acknowledged, or the whole upload finished. */
  private async send(total: number | undefined): Promise<StoredResource | undefined> {
    const session = (this.session ??= await this.openSession());
    return this.sessions.patiently(this.signal, async () => {
      const before = this.queue.offset;
      if (this.isInDoubt) {
        const resource = await this.put(session, `bytes */${total ?? "*"}`, []);
        if (resource !== undefined || this.queue.offset > before) return resource;
      }
      const { offset, length } = this.queue;
      const count = total === undefined ? this.settings.pieceBytes : length;
      const range = count === 0 ? "*" : `${offset}-${offset + count - 1}`;
      const resource = await this.put(session, `bytes ${range}/${total ?? "*"}`, this.queue.peek(count));
      if (resource === undefined && this.queue.offset === before) throw new TryAgain("nothing was kept");
      return resource;
    });
  }

  private async put(session: URL, contentRange: string, body: Buffer[]): Promise<StoredResource | undefined> {
    this.isInDoubt = true;
    const answer = await this.sessions.put(session, contentRange, body, this.signal);
    switch (answer.status) {
      case 308:
        this.acknowledge(answer.headers.range);
        this.isInDoubt = false;
        return undefined;
      case 200:
      case 201:
        return resourceOf(answer.body);
      case 404:
      case 410:
        throw uploadAgain(`answered ${answer.status}`);
      default:
        throw refusalOf(answer.status, answer.headers, answer.body);
    }
  }

  private acknowledge(range: string | undefined): void {
    const next = range === undefined ? 0 : Number(/^bytes=0-(\d+)$/.exec(range)?.[1] ?? NaN) + 1;
    // Bytes acknowledged before are no longer here, and bytes never sent cannot be there.
    if (!(next >= this.queue.offset && next <= this.queue.end)) throw uploadAgain("lost acknowledged bytes");
    this.queue.drop(next - this.queue.offset);
  }

  private async openSession(): Promise<URL> {
    const session = await this.sessions.create(this.name, this.signal);
    this.session = session;
    await this.record(this.sessions.receiptOf(session));
    return session;
  }

  private verify(resource: StoredResource, sha256: string): void {
    const hasSize = resource.size === undefined || Number(resource.size) === this.queue.end;
    const hasDigest = resource.sha256Checksum === undefined || resource.sha256Checksum === sha256;
    if (!hasSize || !hasDigest) throw uploadAgain("stored other bytes");
  }
}

/**
 * Reads the answer to a finished upload.
 * @throws TryAgain when it is not what it should be: the status query gives it again
 */
export function resourceOf(body: string): StoredResource {
  try {
    const resource = JSON.parse(body) as Partial<StoredResource> | null;
    if (typeof resource?.id === "string") return resource as StoredResource;
  } catch {
    // Cut or not JSON.
  }
  throw new TryAgain("unreadable answer");
}

function uploadAgain(why: string): AppError {
  const cause = new Error(`Google Drive: ${why}`);
  return unavailable("The staging area did not keep the file whole. Upload the file again.", cause);
}
