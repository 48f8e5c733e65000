import { setMaxListeners } from "node:events";
import { AppError, isUnavailable, toldOf } from "../kernel/errors.js";
import type { EventBus } from "../kernel/events.js";
import type { Logger } from "../kernel/log.js";
import type { TransferError } from "../kernel/progress.js";
import { BytesDamaged } from "../vault/blob.js";
import { CopyDeferred } from "../vault/lanes.service.js";
import { PartFailed } from "../vault/store.service.js";
import type { StoreService } from "../vault/store.service.js";
import { ChatRefused } from "../vault/vault.ports.js";
import { LEASE_MS, LeaseKeeper } from "./lease-keeper.js";
import type { HeldLease } from "./lease-keeper.js";
import { Reporter } from "./reporter.js";
import { MAX_ATTEMPTS, PATIENCE_MS, progressOf, retryDelayMs } from "./transfer.js";
import type { Transfer } from "./transfer.js";
import type {
  BytesDisposal,
  TransferLease,
  TransferStore,
  TransferUpdate,
  TransferredFiles,
  Turn,
} from "./transfers.ports.js";
import type { TurnsService } from "./turns.service.js";

/** The worker's half of a transfer: takes the lease, moves the bytes, tells how it goes, and how it ended. */
export class SendService {
  private readonly leases: LeaseKeeper;

  constructor(
    private readonly transfers: TransferStore,
    private readonly turns: TurnsService,
    private readonly files: TransferredFiles,
    private readonly vault: { store: StoreService; disposal: BytesDisposal },
    private readonly events: EventBus,
    private readonly worker: { name: string; log: Logger },
  ) {
    this.leases = new LeaseKeeper(transfers, worker.log);
  }

  /**
   * Works on a transfer until it is settled, fails, or is taken away. Survives running twice: whoever does not get
   * the lease returns at once, as does one whose owner has no turn free.
   * @param signal aborts when the worker stops: the lease is given back and the next worker goes on at once
   */
  async run(transferId: string, signal: AbortSignal): Promise<void> {
    const due = await this.transfers.findDue(transferId);
    if (due === undefined) return;
    const turn = await this.turns.begin(due);
    if (turn === undefined) return;
    const isMoved = await this.work(turn, signal).finally(() => this.turns.end(turn));
    // The owner's next transfer does not wait for it.
    if (isMoved) await this.releaseStaged(signal);
  }

  /** @returns whether it came to its end */
  private async work(turn: Turn, signal: AbortSignal): Promise<boolean> {
    const taken = await this.transfers.take(turn.transferId, this.worker.name, LEASE_MS);
    if (taken === undefined) return false;
    const { transfer, lease } = taken;
    // The turn may be that of a run that died with it.
    await this.turns.keep(turn, LEASE_MS);
    const held = this.leases.hold(lease, (leaseMs) => this.turns.keep(turn, leaseMs));
    const reporter = new Reporter(transfer, (update) => this.report(held, update));
    try {
      await this.move(transfer, held, reporter, signal);
      return true;
    } catch (error) {
      await reporter.stop();
      // What was taken away fails in many ways, before its worker knows.
      await held.check();
      if (held.isLost) return false;
      const idle = { bytesPerSecond: 0, waitingUntil: null, waitingFor: null };
      if (signal.aborted) await this.settle(lease, { ...reporter.update, ...idle, state: "QUEUED" }, 0);
      else await this.fail(transfer, lease, reporter, error);
      return false;
    } finally {
      await reporter.stop();
      held.letGo();
    }
  }

  private async move(
    transfer: Transfer,
    held: HeldLease,
    reporter: Reporter,
    signal: AbortSignal,
  ): Promise<void> {
    const { lease } = held;
    const { fileId, blobId, ownerId, partsTotal, bytesTotal } = transfer;
    if (!(await this.files.setState(fileId, "TRANSFERRING", lease.epoch))) {
      await this.dropIfGone(transfer, lease, signal);
      return;
    }
    const order = { blobId, ownerId, run: runOf(lease), watch: reporter };
    const stop = {
      beginning: AbortSignal.any([signal, held.beginning]),
      finishing: AbortSignal.any([signal, held.finishing]),
    };
    setMaxListeners(0, stop.beginning, stop.finishing);
    await this.vault.store.store(order, stop);
    await reporter.stop();
    if (!(await this.markSafe(lease))) return;
    await this.files.setState(fileId, "STORED", lease.epoch);
    const done = {
      partsDone: partsTotal,
      bytesSent: bytesTotal,
      bytesPerSecond: 0,
      ...{ waitingUntil: null, waitingFor: null },
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
      await this.vault.disposal.discard(transfer.blobId, transfer.fileId, signal);
      await this.transfers.removeOfFile(transfer.fileId);
    } else {
      await this.transfers.release(lease, { state: "QUEUED" }, LEASE_MS);
    }
  }

  /** From here on the file is stored, and can not be cancelled any more. @returns false when it was cancelled before */
  private async markSafe(lease: TransferLease): Promise<boolean> {
    return (await this.transfers.update(lease, { isSafe: true })) !== undefined;
  }

  private async report(held: HeldLease, update: TransferUpdate): Promise<void> {
    try {
      const transfer = await this.transfers.update(held.lease, update);
      if (transfer === undefined) await held.check();
      else this.events.publish("transfer.progress", progressOf(transfer));
    } catch (error) {
      this.worker.log.warn(
        { transferId: held.lease.transferId, err: error },
        "progress could not be written",
      );
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
    thrown: unknown,
  ): Promise<void> {
    const { fileId, blobId } = transfer;
    const { error, part } = thrown instanceof PartFailed ? thrown : { error: thrown, part: undefined };
    const waitMs = error instanceof CopyDeferred ? error.waitMs : 0;
    const isPutOff = isOnlyPutOff(error);
    const attempt = isPutOff ? transfer.attempt : reporter.progressed ? 1 : transfer.attempt + 1;
    const cause = { ...explain(error), ...(part === undefined ? {} : { part }) };
    this.worker.log.warn(
      { transferId: transfer.id, attempt, code: cause.code, part, err: error },
      "a transfer's try failed",
    );
    const isOutOfPatience = Date.now() - transfer.queuedAt.getTime() > PATIENCE_MS;
    const isSafe = await this.vault.store.isSafe(blobId);
    if (isSafe && !(await this.markSafe(lease))) return;
    const isHopeless = !isPutOff && !mayRecover(error) && attempt >= MAX_ATTEMPTS;
    const idle = { bytesPerSecond: 0, waitingUntil: null, waitingFor: null };
    const numbers = { ...reporter.update, attempt, ...idle };
    if (isSafe && isOutOfPatience) {
      await this.vault.store.settleForLess(blobId);
      await this.files.setState(fileId, "DEGRADED", lease.epoch);
      const { partsTotal: partsDone, bytesTotal: bytesSent } = transfer;
      await this.settle(lease, { ...numbers, state: "DONE", partsDone, bytesSent, error: cause });
    } else if (isOutOfPatience || (isHopeless && !isSafe)) {
      await this.files.setState(fileId, "FAILED", lease.epoch);
      await this.settle(lease, { ...numbers, state: "FAILED", error: cause });
    } else {
      if (isSafe) await this.files.setState(fileId, "STORED", lease.epoch);
      const delayMs = isPutOff ? waitMs : Math.max(waitMs, retryDelayMs(attempt));
      const waitingUntil = new Date(Date.now() + delayMs);
      const why: TransferUpdate = isPutOff
        ? { waitingFor: error.isBlocked ? "FLOOD_LIMIT" : "PACE", error: null }
        : { waitingFor: "RETRY", error: { ...cause, nextTryAt: waitingUntil } };
      await this.settle(lease, { ...numbers, state: "WAITING", waitingUntil, ...why }, delayMs);
    }
  }
}

/** What intents are marked with: another owner or a later epoch is another run. */
function runOf({ owner, epoch }: TransferLease): string {
  return `${owner}/${epoch}`;
}

/** Nothing went wrong: chats are busy. Those that are left alone because they refused are another matter. */
function isOnlyPutOff(error: unknown): error is CopyDeferred {
  return error instanceof CopyDeferred && error.refusal === undefined;
}

function mayRecover(error: unknown): boolean {
  return isUnavailable(error) && !(error instanceof BytesDamaged);
}

/** Only texts made for people: whatever else was thrown stays in the log. */
function explain(error: unknown): TransferError {
  if (error instanceof BytesDamaged)
    return { code: "BYTES_DAMAGED", message: error.message, part: error.part };
  if (error instanceof AppError) return { code: error.code, ...toldOf(error) };
  if (error instanceof ChatRefused) return { code: "CHAT_REFUSED", ...toldOf(error) };
  if (error instanceof CopyDeferred)
    return error.refusal === undefined
      ? { code: "UNAVAILABLE", message: error.message }
      : { code: "CHAT_REFUSED", ...toldOf(new ChatRefused(error.refusal)) };
  return {
    code: "INTERNAL_SERVER_ERROR",
    message: "The transfer failed inside Telestash; the server's log says why.",
  };
}
