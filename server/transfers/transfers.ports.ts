import type { Page, PageRequest } from "../files/files.ports.js";
import type { TransferError, TransferState } from "../kernel/progress.js";
import type { Transfer } from "./transfer.js";

export interface NewTransfer {
  id: string;
  fileId: string;
  blobId: string;
  ownerId: string;
  partsTotal: number;
  bytesTotal: number;
}

/** The right to work on a transfer: every write of its holder carries the epoch, so a former holder's match nothing. */
export interface TransferLease {
  transferId: string;
  owner: string;
  epoch: number;
}

/** What a lease holder writes. Absent fields stay; null clears. */
export interface TransferUpdate {
  state?: TransferState;
  partsDone?: number;
  bytesSent?: number;
  bytesPerSecond?: number;
  attempt?: number;
  waitingUntil?: Date | null;
  error?: TransferError | null;
}

export interface TransferFilter {
  ownerId?: string;
  fileId?: string;
  states?: readonly TransferState[];
}

export interface TransferStore {
  /**
   * Records a transfer that nobody works on before `begin`, or before a minute has passed without it, should its
   * process die in between. One without bytes is done at once.
   */
  create(transfer: NewTransfer): Promise<void>;
  /** Makes a queued transfer due. */
  begin(id: string): Promise<Transfer | undefined>;
  find(id: string): Promise<Transfer | undefined>;
  findMany(ids: readonly string[]): Promise<Transfer[]>;
  /** Newest first. */
  list(filter: TransferFilter, page: PageRequest): Promise<Page<Transfer>>;
  count(filter: TransferFilter): Promise<number>;
  /** When the last change was made, by the database's clock. */
  latestChange(): Promise<Date | undefined>;
  /** Everything that changed at or after `since`, oldest change first. For watching without an event bus. */
  changedSince(since: Date, limit: number): Promise<Transfer[]>;
  /** Takes a due transfer whose lease is free or has expired by the database's clock. */
  take(
    id: string,
    owner: string,
    leaseMs: number,
  ): Promise<{ transfer: Transfer; lease: TransferLease } | undefined>;
  /** Extends the lease. @returns false when it was lost */
  keep(lease: TransferLease, leaseMs: number): Promise<boolean>;
  /** Writes under the lease. @returns the transfer, or undefined when the lease was lost */
  update(lease: TransferLease, change: TransferUpdate): Promise<Transfer | undefined>;
  /** Writes and gives the lease back; due again after `nextTryMs` when that is given. */
  release(lease: TransferLease, change: TransferUpdate, nextTryMs?: number): Promise<Transfer | undefined>;
  /** Queues a transfer again that is in one of `from`. @returns undefined when it is in another state */
  requeue(id: string, from: readonly TransferState[]): Promise<Transfer | undefined>;
  /** Ids of transfers that should be worked on now and are not, oldest first. */
  due(limit: number): Promise<string[]>;
  removeOfFile(fileId: string): Promise<void>;
}

/** The state of a transfer's file. A write by an older epoch changes nothing. */
export interface TransferredFiles {
  /** Whether there is no such file (any more). */
  isGone(fileId: string): Promise<boolean>;
  /**
   * A file that is stored already does not go back to TRANSFERRING: further copies are made of it.
   * @returns false when the file is gone, still arrives, or was written by a newer epoch
   */
  setState(
    fileId: string,
    state: "TRANSFERRING" | "STORED" | "DEGRADED" | "FAILED",
    epoch: number,
  ): Promise<boolean>;
}
