import { setMaxListeners } from "node:events";
import { AppError } from "../kernel/errors.js";
import type { EventBus } from "../kernel/events.js";
import type { Logger } from "../kernel/log.js";
import type { TransferError } from "../kernel/progress.js";
import { BytesDamaged } from "../vault/blob.js";
import type { IngestService } from "../vault/ingest.service.js";
import { CopyDeferred } from "../vault/lanes.service.js";
import type { StoreService } from "../vault/store.service.js";
import { ChatRefused } from "../vault/vault.ports.js";
import { Reporter } from "./reporter.js";
import { MAX_ATTEMPTS, PATIENCE_MS, progressOf, retryDelayMs } from "./transfer.js";
import type { Transfer } from "./transfer.js";
import type { TransferLease, TransferStore, TransferUpdate, TransferredFiles } from "./transfers.ports.js";

const LEASE_MS = 15_000;
const HEARTBEAT_MS = 5_000;

/** Ends a run whose lease went to somebody else: it must not write anything more. */
class Fenced extends Error {
  override readonly name = "Fenced";
}

/** The worker's half of a transfer: takes the lease, moves the bytes, tells how it goes, and how it ended. */
export class SendService {
  constructor(
    private readonly transfers: TransferStore,
    private readonly files: TransferredFiles,
    private readonly vault: { store: StoreService; ingest: IngestService },
    private readonly events: EventBus,
    private readonly worker: { name: string; log: Logger },
  ) {}

  /**
   * Works on a transfer until it is settled, fails, or is taken away. Survives running twice: whoever does not get
   * the lease returns at once.
   * @param signal aborts when the worker stops: the lease is given back and the next worker goes on at once
   */
  async run(transferId: string, signal: AbortSignal): Promise<void> {
    const taken = await this.transfers.take(transferId, this.worker.name, LEASE_MS);
    if (taken === undefined) return;
    const { transfer, lease } = taken;
    const fence = new AbortController();
    const letGo = this.keepLease(lease, fence);
    const reporter = new Reporter(transfer, (update) => this.report(lease, update, fence));
    const either = AbortSignal.any([signal, fence.signal]);
    // Every call of every part under way listens to it.
    setMaxListeners(0, either);
    try {
      await this.move(transfer, lease, reporter, either);
      await this.releaseStaged(signal);
    } catch (error) {
      await reporter.stop();
      if (fence.signal.aborted) return;
      const idle = { bytesPerSecond: 0, waitingUntil: null };
      if (signal.aborted) await this.settle(lease, { ...reporter.update, ...idle, state: "QUEUED" }, 0);
      else await this.fail(transfer, lease, reporter, error);
    } finally {
      await reporter.stop();
      letGo();
    }
  }

  private async move(
    transfer: Transfer,
    lease: TransferLease,
    reporter: Reporter,
    signal: AbortSignal,
  ): Promise<void> {
    const { fileId, blobId, partsTotal, bytesTotal } = transfer;
    if (!(await this.files.setState(fileId, "TRANSFERRING", lease.epoch))) {
      await this.dropIfGone(transfer, lease, signal);
      return;
    }
    await this.vault.store.store(blobId, runOf(lease), reporter, signal);
    await reporter.stop();
    await this.files.setState(fileId, "STORED", lease.epoch);
    const done = {
      partsDone: partsTotal,
      bytesSent: bytesTotal,
      bytesPerSecond: 0,
      waitingUntil: null,
      attempt: 0,
      error: null,
    };
    await this.settle(lease, { state: "DONE", ...done });
  }

  private async releaseStaged(signal: AbortSignal): Promise<void> {
    await this.vault.store.releaseStaged(signal).catch((error: unknown) => {
      this.worker.log.warn({ err: error }, "staged bytes are not deleted yet; the next sweep tries again");
    });
  }

  /** The upload may not have finished recording its file, or was given up. */
  private async dropIfGone(transfer: Transfer, lease: TransferLease, signal: AbortSignal): Promise<void> {
    if (await this.files.isGone(transfer.fileId)) {
      await this.vault.ingest.discard(transfer.blobId, transfer.fileId, signal);
      await this.transfers.removeOfFile(transfer.fileId);
    } else {
      await this.transfers.release(lease, { state: "QUEUED" }, LEASE_MS);
    }
  }

  /**
   * Extends the lease until it is let go. Whoever could not extend it in time stops by his own clock, before the
   * database gives it to somebody else: a process that was frozen learns it before it does anything.
   * @returns lets it go
   */
  private keepLease(lease: TransferLease, fence: AbortController): () => void {
    const lose = (): void => fence.abort(new Fenced());
    let expiry = setTimeout(lose, LEASE_MS);
    const heartbeat = setInterval(() => {
      const asked = performance.now();
      this.transfers.keep(lease, LEASE_MS).then(
        (kept) => {
          clearTimeout(expiry);
          if (!kept) lose();
          else if (!fence.signal.aborted) expiry = setTimeout(lose, LEASE_MS - (performance.now() - asked));
        },
        (error: unknown) => this.worker.log.warn({ ...lease, err: error }, "a lease could not be extended"),
      );
    }, HEARTBEAT_MS);
    return () => {
      clearInterval(heartbeat);
      clearTimeout(expiry);
      lose();
    };
  }

  private async report(lease: TransferLease, update: TransferUpdate, fence: AbortController): Promise<void> {
    try {
      const transfer = await this.transfers.update(lease, update);
      if (transfer === undefined) fence.abort(new Fenced());
      else this.events.publish("transfer.progress", progressOf(transfer));
    } catch (error) {
      this.worker.log.warn({ transferId: lease.transferId, err: error }, "progress could not be written");
    }
  }

  private async settle(lease: TransferLease, update: TransferUpdate, nextTryMs?: number): Promise<void> {
    const transfer = await this.transfers.release(lease, update, nextTryMs);
    if (transfer !== undefined) this.events.publish("transfer.progress", progressOf(transfer));
  }

  /** Decides between trying again, settling for fewer copies, and giving up with the bytes still staged. */
  private async fail(
    transfer: Transfer,
    lease: TransferLease,
    reporter: Reporter,
    error: unknown,
  ): Promise<void> {
    const { fileId, blobId } = transfer;
    const isDeferred = error instanceof CopyDeferred;
    const attempt = isDeferred ? transfer.attempt : reporter.progressed ? 1 : transfer.attempt + 1;
    const cause = explain(error);
    this.worker.log.warn(
      { transferId: transfer.id, attempt, code: cause.code, err: error },
      "a transfer's try failed",
    );
    const isOutOfPatience = Date.now() - transfer.queuedAt.getTime() > PATIENCE_MS;
    const isSafe = await this.vault.store.isSafe(blobId);
    const isHopeless = !mayRecover(error) && attempt >= MAX_ATTEMPTS;
    const numbers = { ...reporter.update, attempt, bytesPerSecond: 0, waitingUntil: null };
    if (isSafe && isOutOfPatience) {
      await this.vault.store.settleForLess(blobId);
      await this.files.setState(fileId, "DEGRADED", lease.epoch);
      const { partsTotal: partsDone, bytesTotal: bytesSent } = transfer;
      await this.settle(lease, { ...numbers, state: "DONE", partsDone, bytesSent, error: cause });
    } else if (isOutOfPatience || (isHopeless && !isSafe)) {
      await this.files.setState(fileId, "FAILED", lease.epoch);
      await this.settle(lease, { ...numbers, state: "FAILED", error: cause });
    } else if (isDeferred) {
      await this.files.setState(fileId, "STORED", lease.epoch);
      const waitingUntil = new Date(Date.now() + error.waitMs);
      await this.settle(lease, { ...numbers, state: "WAITING", waitingUntil }, error.waitMs);
    } else {
      if (isSafe) await this.files.setState(fileId, "STORED", lease.epoch);
      const delayMs = retryDelayMs(attempt);
      const nextTryAt = new Date(Date.now() + delayMs);
      await this.settle(lease, { ...numbers, state: "QUEUED", error: { ...cause, nextTryAt } }, delayMs);
    }
  }
}

/** What intents are marked with: another owner or a later epoch is another run. */
function runOf({ owner, epoch }: TransferLease): string {
  return `${owner}/${epoch}`;
}

function mayRecover(error: unknown): boolean {
  return error instanceof AppError && error.code === "UNAVAILABLE" && !(error instanceof BytesDamaged);
}

/** Only texts made for people: whatever else was thrown stays in the log. */
function explain(error: unknown): TransferError {
  if (error instanceof BytesDamaged)
    return { code: "BYTES_DAMAGED", message: error.message, part: error.part };
  if (error instanceof AppError) return { code: error.code, message: error.message };
  if (error instanceof ChatRefused) return { code: "CHAT_REFUSED", message: error.message };
  if (error instanceof CopyDeferred) return { code: "UNAVAILABLE", message: error.message };
  return {
    code: "INTERNAL_SERVER_ERROR",
    message: "The transfer failed inside Telestash; the server's log says why.",
  };
}
