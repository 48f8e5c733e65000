import type { Page, PageRequest } from "../files/files.ports.js";
import type { TransferError, TransferState, WaitReason } from "../kernel/progress.js";
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
  waitingFor?: WaitReason | null;
  isSafe?: boolean;
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
  /** A transfer that `take` would give out now. */
  findDue(id: string): Promise<Transfer | undefined>;
  /** Takes a due transfer whose lease is free or has expired by the database's clock. */
  take(
    id: string,
    owner: string,
    leaseMs: number,
  ): Promise<{ transfer: Transfer; lease: TransferLease } | undefined>;
  /** Extends the lease. @returns false when it was lost */
  keep(lease: TransferLease, leaseMs: number): Promise<boolean>;
  /** Which epoch, and which state, transfers are in now. What is gone is left out. */
  standing(ids: readonly string[]): Promise<Map<string, { epoch: number; state: TransferState }>>;
  /** Writes under the lease. @returns the transfer, or undefined when the lease was lost */
  update(lease: TransferLease, change: TransferUpdate): Promise<Transfer | undefined>;
  /** Writes and gives the lease back; due again after `nextTryMs` when that is given. */
  release(lease: TransferLease, change: TransferUpdate, nextTryMs?: number): Promise<Transfer | undefined>;
  /** Ids of transfers that should be worked on now and are not, oldest first. */
  due(limit: number): Promise<string[]>;
  removeOfFile(fileId: string): Promise<void>;
}

/**
 * What people do to a transfer, each in one atomic update that also takes it away from its worker: the epoch grows.
 * All answer undefined when the transfer is in a state that does not allow it.
 */
export interface TransferControls {
  /** Stops it until it is resumed; nothing picks it up meanwhile. */
  pause(id: string): Promise<Transfer | undefined>;
  /** Queues a paused one where it stopped. */
  resume(id: string): Promise<Transfer | undefined>;
  /** Ends it for good, unless its file is stored by now, and marks what is left of it for removal. */
  cancel(id: string): Promise<{ transfer: Transfer; epoch: number } | undefined>;
  /** Queues a failed one as if it had never been tried. */
  retry(id: string): Promise<Transfer | undefined>;
  /** Ends the wait for the next try. */
  hasten(id: string): Promise<Transfer | undefined>;
  /** Ends all waits for chats: one of them takes documents again. */
  hastenAll(): Promise<void>;
  /** Ids of cancelled transfers of which something is to be removed now. */
  uncleaned(limit: number): Promise<string[]>;
  /** Takes the right to remove what is left of a cancelled transfer; others may try after `leaseMs`. */
  takeCleaning(
    id: string,
    leaseMs: number,
  ): Promise<{ transfer: Transfer; epoch: number; bytesGone: boolean } | undefined>;
  /** Gives that right back, until `ms` have passed; twice as long each further time, up to ten minutes. */
  postponeCleaning(id: string, ms: number): Promise<void>;
  /** The bytes are gone: what is left is due after `listedMs`. */
  markBytesGone(id: string, listedMs: number): Promise<void>;
}

/** How many transfers of one owner are worked on at once, over all workers. Times are the database's. */
export interface TurnStore {
  /**
   * Takes a turn unless `limit` are taken. A turn that is not kept ends by itself; a transfer that has one
   * already keeps that one.
   */
  take(turn: Turn, limit: number, leaseMs: number): Promise<boolean>;
  /** Makes a turn last, also one that has ended by itself. */
  keep(turn: Turn, leaseMs: number): Promise<void>;
  giveBack(turn: Turn): Promise<void>;
  taken(ownerId: string): Promise<number>;
}

export interface Turn {
  ownerId: string;
  transferId: string;
  /** Names the run: another run of the same transfer does not give this turn back. */
  run: string;
}

/** Transfers that wait until others of their owner have ended. */
export interface TurnQueue {
  /** Sets a due transfer aside: nothing picks it up before `admit`. @returns undefined when it is not due any more */
  setAside(id: string): Promise<Transfer | undefined>;
  /**
   * Makes the one due that was queued first of those set aside. Those whose files are stored, and lack only further
   * copies, come last: tried again and again, they would leave no turn for new files.
   */
  admit(ownerId: string): Promise<Transfer | undefined>;
  /** The first owner after `ownerId`, in no particular order, of whom something is set aside. */
  ownerAfter(ownerId: string): Promise<string | undefined>;
}

/** How many transfers of an owner may be worked on at once. */
export interface TransferAllowance {
  transfersAtOnce(ownerId: string): Promise<number>;
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
    state: "TRANSFERRING" | "STORED" | "DEGRADED" | "FAILED" | "CANCELLED",
    epoch: number,
  ): Promise<boolean>;
  /** Forgets a cancelled file. Safe to repeat. */
  removeCancelled(fileId: string): Promise<void>;
}

/** Removes the bytes of a file that will not be stored: what is staged and every message, unless others hold them. */
export interface BytesDisposal {
  /** Safe to repeat. @throws AppError UNAVAILABLE while something is left */
  discard(blobId: string, holder: string, signal: AbortSignal): Promise<void>;
}
