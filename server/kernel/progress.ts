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

/** Why a transfer stopped or waits, as its owner sees it. */
export interface TransferError {
  code: string;
  message: string;
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
  error?: TransferError;
}
