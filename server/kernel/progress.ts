import type { Told } from "./errors.js";

export const TRANSFER_STATES = [
  "QUEUED",
  "RUNNING",
  "WAITING",
  "PAUSED",
  "VERIFYING",
  "DONE",
  "FAILED",
  "CANCELLED",
] as const;
export type TransferState = (typeof TRANSFER_STATES)[number];

export const SETTLED_STATES: readonly TransferState[] = ["DONE", "FAILED", "CANCELLED"];

export function isSettled(state: TransferState): boolean {
  return SETTLED_STATES.includes(state);
}

/** What a transfer waits for: see the descriptions in the schema. */
export const WAIT_REASONS = ["FLOOD_LIMIT", "PACE", "RETRY", "TURN"] as const;
export type WaitReason = (typeof WAIT_REASONS)[number];

/** Why a transfer stopped or waits. */
export interface TransferError extends Told {
  code: string;
  part?: number;
  nextTryAt?: Date;
}

/** What somebody watching a transfer learns, at most four times a second, the last time always. */
export interface TransferProgress {
  fileId: string;
  transferId: string;
  ownerId: string | undefined;
  state: TransferState;
  partsDone: number;
  partsTotal: number;
  bytesSent: number;
  bytesTotal: number;
  bytesPerSecond: number;
  etaSeconds?: number;
  waitingUntil?: Date;
  waitingFor?: WaitReason;
  error?: TransferError;
  /** When it was so, by the database's clock: an event that was overtaken on its way is older than the one before. */
  changedAt: Date;
}
