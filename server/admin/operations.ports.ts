import type { LaneAddress } from "../vault/vault.ports.js";

/** A (bot, chat) pair with its pace, as operators see it. */
export interface Lane extends LaneAddress {
  id: string;
  /** The first chat keeps the first copy of each part. */
  isPrimary: boolean;
  nextFreeAt: Date;
  /** Telegram asked to wait until then, or the chat refused; undefined when neither holds any more. */
  blockedUntil: Date | undefined;
  gapMs: number;
  /** Sends of the last minute. */
  recentSends: number;
  lastSentAt: Date | undefined;
  /** How often it was blocked since the lane is known, and when last. */
  blocks: number;
  lastBlockedAt: Date | undefined;
}

export interface LaneBoard {
  /** In the configured order; lanes that are not configured any more come last. Times are the database's. */
  list(): Promise<Lane[]>;
  find(id: string): Promise<Lane | undefined>;
  /** Ends a block now; its pace stays. Safe to repeat. */
  unblock(id: string): Promise<void>;
}

/** What one bot may do in one chat, asked just now. */
export interface LaneHealth extends LaneAddress {
  botName: string | undefined;
  chatTitle: string | undefined;
  mayPost: boolean | undefined;
  mayDelete: boolean | undefined;
  mayPin: boolean | undefined;
  /** Why it cannot be used; undefined when it can. */
  problem: string | undefined;
}

export interface ChatInspector {
  /** Never fails: what cannot be asked is a problem of that lane. */
  inspect(signal: AbortSignal): Promise<LaneHealth[]>;
}

/** A document that wakes a worker. It is not the truth: what is due is found in the transfers themselves. */
export interface JobRecord {
  id: string;
  name: string;
  /** What it is about, such as a transfer's id. */
  subjectId: string | undefined;
  state: "WAITING" | "DUE" | "RUNNING" | "STALLED";
  nextRunAt: Date | undefined;
  lockedAt: Date | undefined;
  lastRunAt: Date | undefined;
  failures: number;
  failReason: string | undefined;
}

export interface JobBoard {
  /** The newest. */
  list(limit: number): Promise<JobRecord[]>;
  /** Makes a job due that nobody runs. @returns it as it was; undefined when it is gone or runs */
  retry(id: string): Promise<JobRecord | undefined>;
  /** Removes a job that nobody runs. @returns it as it was; undefined when it is gone or runs */
  remove(id: string): Promise<JobRecord | undefined>;
}

export type DeadLetterKind = "TRANSFER" | "REPAIR" | "REMOVAL" | "PURGE";

/** Work that failed, and is tried again late or not at all by itself. */
export interface DeadLetter {
  kind: DeadLetterKind;
  id: string;
  /** The file concerned, where there is one. */
  fileId: string | undefined;
  title: string;
  code: string | undefined;
  reason: string;
  attempts: number;
  since: Date;
  nextTryAt: Date | undefined;
}

export interface DeadLetters {
  /** The latest of each kind. */
  list(limit: number): Promise<DeadLetter[]>;
  /** Makes failed work due now. Transfers are retried by their own rules. @returns whether there was any */
  retry(kind: Exclude<DeadLetterKind, "TRANSFER">, id: string): Promise<boolean>;
}

/** The processes that run jobs. */
export interface WorkerRegister {
  /** Says that this one is alive. */
  seen(name: string): Promise<void>;
  /** Those seen lately, and how many seconds ago, by the database's clock. */
  list(): Promise<{ name: string; secondsAgo: number }[]>;
}
