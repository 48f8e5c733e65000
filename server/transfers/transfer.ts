import type { TransferError, TransferProgress, TransferState, WaitReason } from "../kernel/progress.js";

/** The move of one File's Blob from staging to Telegram. */
export interface Transfer {
  id: string;
  fileId: string;
  blobId: string;
  ownerId: string;
  state: TransferState;
  partsDone: number;
  partsTotal: number;
  bytesSent: number;
  bytesTotal: number;
  bytesPerSecond: number;
  /** Tries so far in a row without the last one succeeding; 0 before the first. */
  attempt: number;
  waitingUntil: Date | undefined;
  waitingFor: WaitReason | undefined;
  /** Every part has a copy that was read back: the file counts as stored, and only further copies are to be made. */
  isSafe: boolean;
  /** Somebody had it tried again after it had failed. */
  wasRetried: boolean;
  error: TransferError | undefined;
  createdAt: Date;
  /** When it was queued last: patience with outages counts from here. */
  queuedAt: Date;
  updatedAt: Date;
}

/** States in which a worker should be, or soon be, at work. */
export const DUE_STATES: readonly TransferState[] = ["QUEUED", "RUNNING", "WAITING", "VERIFYING"];

/** Failures that no waiting cures (a chat that refuses, damaged bytes) are tried this often all the same. */
export const MAX_ATTEMPTS = 5;
/** Outages are waited out this long before a transfer fails. Its bytes stay staged. */
export const PATIENCE_MS = 24 * 3_600_000;

const FIRST_RETRY_MS = 2_000;
const MAX_RETRY_MS = 300_000;

/** Milliseconds before try `attempt + 1`: doubling, capped, and spread by up to a fifth so that workers do not meet. */
export function retryDelayMs(attempt: number, random: number = Math.random()): number {
  const base = Math.min(FIRST_RETRY_MS * 2 ** Math.max(attempt - 1, 0), MAX_RETRY_MS);
  return Math.round(base * (0.9 + 0.2 * random));
}

export function progressOf(transfer: Transfer): TransferProgress {
  const { bytesPerSecond, bytesTotal, bytesSent, waitingUntil, waitingFor, error } = transfer;
  return {
    fileId: transfer.fileId,
    transferId: transfer.id,
    ownerId: transfer.ownerId,
    state: transfer.state,
    partsDone: transfer.partsDone,
    partsTotal: transfer.partsTotal,
    bytesSent,
    bytesTotal,
    bytesPerSecond,
    ...(bytesPerSecond > 0 ? { etaSeconds: (bytesTotal - bytesSent) / bytesPerSecond } : {}),
    ...(waitingUntil === undefined ? {} : { waitingUntil }),
    ...(waitingFor === undefined ? {} : { waitingFor }),
    ...(error === undefined ? {} : { error }),
    changedAt: transfer.updatedAt,
  };
}
