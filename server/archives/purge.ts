import type { Told } from "../kernel/errors.js";
import type { TransferError } from "../kernel/progress.js";

export const PURGE_STATES = ["PENDING", "DONE", "FAILED"] as const;
export type PurgeState = (typeof PURGE_STATES)[number];

export const PURGE_KINDS = ["FILE", "FOLDER", "USER"] as const;
export type PurgeKind = (typeof PURGE_KINDS)[number];

/** A thing being removed for good. It has the id of the thing: purging the same thing twice is one purge. */
export interface Purge {
  id: string;
  kind: PurgeKind;
  /** What the thing was called. */
  name: string;
  /** Whose it was. */
  ownerId: string;
  requestedById: string | undefined;
  requestedAt: Date;
  state: PurgeState;
  /** Messages that held its bytes, and how many of them are confirmed to be gone. */
  copies: number;
  removed: number;
  attempts: number;
  /** Tries in a row that removed nothing. */
  fruitless: number;
  /** Why the last try did not finish it; it is tried again. */
  error: TransferError | undefined;
  finishedAt: Date | undefined;
  parentId: string | undefined;
  handOverTo: string | undefined;
}

/** What became of one message in one chat. */
export interface PurgedMessage {
  chat: string;
  messageId: number;
  removed: boolean;
  /** Why not. */
  why: Told | undefined;
  at: Date;
}

const FIRST_RETRY_MS = 5_000;
const MAX_RETRY_MS = 3_600_000;

/** Milliseconds before the try after so many in a row that removed nothing: doubling up to an hour, spread by a fifth. */
export function purgeRetryMs(fruitless: number, random: number = Math.random()): number {
  return Math.round(
    Math.min(FIRST_RETRY_MS * 2 ** Math.max(fruitless - 1, 0), MAX_RETRY_MS) * (0.9 + 0.2 * random),
  );
}
