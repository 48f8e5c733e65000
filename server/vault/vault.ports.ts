import { needingOperator } from "../kernel/errors.js";
import type { Told } from "../kernel/errors.js";
import type { Readable } from "node:stream";
import type { Blob, ByteRange, NewPart, Part, Replica, SendIntent } from "./blob.js";

/** Where uploaded bytes wait until Telegram has them: Google Drive, or anything with these five verbs. */
export interface StagingArea {
  /**
   * Opens an upload. Costs nothing outside until the first byte is written.
   * @param name what the staging area calls the bytes (our blob id, never the user's name)
   */
  begin(name: string, signal: AbortSignal): StagedUpload;
  /**
   * Streams bytes `start`..`end` (both included) of staged bytes. The caller destroys the stream.
   * @throws AppError NOT_FOUND when the staged bytes are gone, UNAVAILABLE when they cannot be reached
   */
  open(stagedId: string, range: ByteRange, signal: AbortSignal): Promise<Readable>;
  /** Deletes staged bytes. Safe to repeat: bytes that are gone already count as deleted. */
  discard(stagedId: string, signal: AbortSignal): Promise<void>;
  /**
   * Ends an upload that its process did not finish, from the receipt it left: whatever it stored is deleted.
   * Safe to repeat.
   */
  abandon(receipt: string, signal: AbortSignal): Promise<void>;
  /** Resolves when the service answers and accepts our credentials. @throws AppError UNAVAILABLE with the reason */
  check(signal: AbortSignal): Promise<void>;
}

/** One upload into the staging area. Bytes arrive in order; what the service dropped is sent again. */
export interface StagedUpload {
  /**
   * Called once, before the first byte leaves, with a text from which `abandon` can clean up after a crash.
   * It is a secret (it may authorize writing): keep it in the database only.
   */
  onReceipt(record: (receipt: string) => Promise<void>): void;
  /** Takes the next bytes; resolves when more may follow (back-pressure). The buffer must not change afterwards. */
  write(bytes: Buffer): Promise<void>;
  /**
   * Finishes. The service's own digest is compared where it gives one.
   * @param sha256 lower-case hex of all bytes written
   * @throws AppError UNAVAILABLE when the bytes did not arrive whole; nothing stays staged then
   */
  commit(sha256: string): Promise<{ stagedId: string }>;
  /** Gives up and removes what was stored. Safe at any time, also twice. Never throws. */
  abort(): Promise<void>;
}

/** A bot and a chat it posts to. `bot` is the bot's numeric id (the token's prefix), never its token. */
export interface LaneAddress {
  bot: string;
  chat: string;
}

/** Where one copy lies. `fileId` belongs to one bot; chat and message id survive it. */
export interface MessageLocation extends LaneAddress {
  messageId: number;
  fileId: string;
  fileUniqueId: string;
  /** Bytes the chat says it stored. */
  sizeBytes: number;
}

export interface OutgoingDocument {
  name: string;
  caption: string;
  bytes: Buffer;
}

/** The chats that keep documents: Telegram. */
export interface ChatStore {
  /** Every (bot, chat) pair, the primary chat's first. */
  readonly lanes: readonly LaneAddress[];
  /**
   * Posts a document. Not safe to repeat: a lost answer may leave an orphan message behind. Aborted after the last
   * byte left, it waits a moment for the answer, so that the message is known.
   * @throws ChatBusy when the chat asks to wait; AppError UNAVAILABLE for what may work later;
   * ChatRefused for what will not work again (bot removed, chat unknown, document refused)
   */
  send(lane: LaneAddress, document: OutgoingDocument, signal: AbortSignal): Promise<MessageLocation>;
  /**
   * Streams a stored document from `start` (0 when absent) to its end or to `end` (included), whether or not the
   * service honours ranges. The caller destroys the stream; it errors when the connection ends early.
   * @throws AppError NOT_FOUND when the document is gone, UNAVAILABLE when it cannot be reached now
   */
  open(location: MessageLocation, range: ByteRange, signal: AbortSignal): Promise<Readable>;
  /** Asks the service to make a document ready, so that a later `open` starts at once. Never throws. */
  prefetch(location: MessageLocation): void;
  /**
   * Deletes messages; older than 48 h they are overwritten with a one-byte placeholder instead. Safe to repeat.
   * @returns one verdict for each location: gone, or why not
   */
  remove(
    locations: readonly { bot: string; chat: string; messageId: number }[],
    signal: AbortSignal,
  ): Promise<RemovalResult[]>;
  /** Resolves when every bot answers and may post to its chats. @throws AppError UNAVAILABLE with the reason */
  check(signal: AbortSignal): Promise<void>;
}

export type RemovalResult =
  | { removed: true }
  | {
      removed: false;
      reason: string;
      forOperators?: string | undefined;
      /** Said of the whole lane, not of this message: asking it for others makes no sense now. */
      isLanes?: true;
    };

/** What became of one message. */
export interface MessageVerdict {
  bot: string;
  chat: string;
  messageId: number;
  removed: boolean;
  /** Why not. */
  reason?: string;
  /** The same in the operator's words, where only the operator can mend it. */
  forOperators?: string | undefined;
}

/** The chat asked to wait (flood control). Only this lane is concerned. */
export class ChatBusy extends Error {
  override readonly name = "ChatBusy";
  constructor(readonly retryAfterSeconds: number) {
    super(`Telegram asks to wait ${retryAfterSeconds} s before the next message to this chat.`);
  }
}

/** The chat will not take this document now or later, until somebody changes something. */
export class ChatRefused extends Error implements Told {
  override readonly name = "ChatRefused";
  readonly forOperators: string | undefined;

  /** @param fix what the chat said and what the operator does about it */
  constructor(readonly fix: string) {
    const { message, forOperators } = needingOperator("A chat in Telegram refuses documents.", fix);
    super(message);
    this.forOperators = forOperators;
  }
}

/** Blobs and their parts, as documents. Every change is one atomic update with its precondition in the filter. */
export interface BlobStore {
  /** @param blob `holder`: the file that the bytes arrive for, the blob's first holder */
  create(blob: Pick<Blob, "id" | "blocksPerPart" | "tagKey"> & { holder: string }): Promise<void>;
  /**
   * Makes a file one of those that hold the blob. Record the file first: a holder that never came to be would keep the
   * bytes for ever. Safe to repeat.
   * @returns false when the blob is gone or condemned, or has as many holders as it can list
   */
  acquire(blobId: string, holder: string): Promise<boolean>;
  /**
   * Takes a file off the blob's holders. With the last one the blob is condemned, in the same atomic update: nobody can
   * acquire it again. Safe to repeat, also for what was never a holder.
   * @returns whether the blob is condemned, or gone already
   */
  release(blobId: string, holder: string): Promise<boolean>;
  /** Condemned blobs that are still there though nobody has tried to remove them for a while, the longest first. */
  condemned(limit: number): Promise<string[]>;
  /** Leaves a condemned blob to whoever tries to remove it now, for so long. */
  postponeDisposal(blobId: string, ms: number): Promise<void>;
  /** Keeps the staging area's receipt, so that an upload cut short by a crash can be cleaned up. */
  recordReceipt(blobId: string, receipt: string): Promise<void>;
  addParts(blobId: string, parts: readonly NewPart[]): Promise<void>;
  /** The bytes are whole and staged. */
  commit(
    blobId: string,
    facts: { sizeBytes: number; sha256: string; partsTotal: number; stagedId?: string },
  ): Promise<void>;
  find(blobId: string): Promise<Blob | undefined>;
  /** Every part has its copies: the staged bytes may go. */
  markStored(blobId: string): Promise<void>;
  /** Blobs whose staged bytes may go now but have not gone yet, the longest due first. */
  releasable(limit: number): Promise<{ id: string; stagedId: string }[]>;
  /** Takes the right to delete a blob's staged bytes for `leaseMs`. @returns false when that is not due (any more) */
  takeRelease(blobId: string, leaseMs: number): Promise<boolean>;
  /** Keeps that right, or leaves it to nobody, for `leaseMs` from now. */
  keepRelease(blobId: string, leaseMs: number): Promise<void>;
  /** Forgets the staged bytes and the receipt. */
  clearStaged(blobId: string): Promise<void>;
  /** The receipt or staged id of a blob that will never be used; undefined when nothing was staged. */
  stagedTraces(blobId: string): Promise<{ receipt: string | undefined; stagedId: string | undefined }>;
  /** Deletes the documents of a blob that has no replicas. Safe to repeat. */
  remove(blobId: string): Promise<void>;
  /**
   * Asks for a repair; one that is under way is followed by another.
   * @param isNews something is wrong, or right, that was not before: a repair that waits for its next try need not wait
   * @returns false when one was due already
   */
  requestRepair(blobId: string, isNews?: boolean): Promise<boolean>;
  needingRepair(limit: number): Promise<string[]>;
  /** Takes the right to repair for `leaseMs`. Undefined when somebody else holds it or nothing is due. */
  takeRepair(blobId: string, run: string, leaseMs: number): Promise<Blob | undefined>;
  /** Extends the right to repair. @returns false when it was lost */
  keepRepair(blobId: string, run: string, leaseMs: number): Promise<boolean>;
  /** Ends a repair; due again after `nextTryMs` when that is given, at once when one was asked for meanwhile. */
  endRepair(blobId: string, run: string, nextTryMs: number | undefined): Promise<void>;
}

export interface PartStore {
  /** Parts `from`..`to` (both included) of a blob, in order. */
  range(blobId: string, from: number, to: number): Promise<Part[]>;
  /** The next `limit` parts after `after` that lack a healthy copy of the `copies` wanted. */
  lacking(blobId: string, copies: number, after: number, limit: number): Promise<Part[]>;
  /** How many parts, and bytes of parts, have at least `copies` healthy copies. */
  countComplete(blobId: string, copies: number): Promise<{ parts: number; bytes: number }>;
  /** @returns false when the part is gone or closed: nothing may be sent for it any more */
  recordIntent(blobId: string, index: number, intent: SendIntent): Promise<boolean>;
  /**
   * Turns an intent into a replica.
   * @returns false when the intent was withdrawn meanwhile, or the chat has a copy of this part by now
   */
  commitReplica(blobId: string, index: number, intentId: string, replica: Replica): Promise<boolean>;
  /** Gives up an intent whose outcome is unknown or negative. */
  withdrawIntent(blobId: string, index: number, intentId: string): Promise<boolean>;
  /** Intents left behind by other runs on this blob. */
  foreignIntents(blobId: string, run: string): Promise<{ index: number; intent: SendIntent }[]>;
  markVerified(blobId: string, index: number, replica: Replica): Promise<void>;
  /** @returns false when it was suspect before, or is not there */
  markSuspect(blobId: string, index: number, replica: Replica): Promise<boolean>;
  dropReplica(blobId: string, index: number, replica: Replica): Promise<void>;
  /** Refuses intents on every part of a blob from now on. Safe to repeat. */
  close(blobId: string): Promise<void>;
  /** How many copies there are of all parts together. */
  countReplicas(blobId: string): Promise<number>;
  /** The next `limit` parts after `after` that have a copy anywhere. */
  withReplicas(blobId: string, after: number, limit: number): Promise<Part[]>;
}

/** Messages that nothing refers to, or may not: each is listed before it is forgotten, and removed when known. */
export interface OrphanStore {
  /** A send whose outcome is unknown. Safe to repeat. */
  addUnknown(orphan: {
    intentId: string;
    blobId: string;
    index: number;
    bot: string;
    chat: string;
  }): Promise<void>;
  /** A message that must go. Safe to repeat; completes an unknown one of the same intent. */
  addMessage(orphan: {
    intentId: string;
    blobId: string;
    index: number;
    bot: string;
    chat: string;
    messageId: number;
  }): Promise<void>;
  /** Messages due for removal. */
  removable(
    limit: number,
  ): Promise<{ id: string; bot: string; chat: string; messageId: number; attempts: number }[]>;
  settle(id: string, result: RemovalResult, nextTryMs: number): Promise<void>;
  forget(intentId: string): Promise<void>;
  /** How many messages of a blob are still to be removed, and why the last try did not remove one of them. */
  standingOf(blobId: string): Promise<{ count: number; why: Told | undefined }>;
}

/** The shared pace of all workers. Times are the database's. */
export interface LaneStore {
  /** Makes the lanes known. Safe to repeat. */
  register(lanes: readonly LaneAddress[]): Promise<void>;
  /**
   * Reserves the earliest slot among `lanes`, preferring those registered first when several are free now.
   * @param when "ahead": as soon as Telegram takes it, also when that is later, before everybody who takes only what is
   * free "now"; these keep an even pace once they have had a burst, so that there is always room soon for the former
   * @returns undefined when none of them is registered, or free now where that is asked for
   */
  reserve(lanes: readonly LaneAddress[], when: "now" | "ahead"): Promise<LaneSlot | undefined>;
  /** Says when a reserved send really ended, so that the chat's window is counted as the chat counts it. */
  sent(slot: LaneSlot): Promise<void>;
  /** Takes a reserved slot back of which nothing came. Safe to repeat. */
  giveBack(slot: LaneSlot): Promise<void>;
  /** When the earliest of `lanes` is free for those who reserve like this; undefined when none of them is registered. */
  freeIn(lanes: readonly LaneAddress[], when: "now" | "ahead"): Promise<LaneWait | undefined>;
  /** Milliseconds for which a reserved slot must not be used yet: its lane is blocked, or its window still full. */
  hindrance(slot: LaneSlot): Promise<{ blockedMs: number; fullMs: number }>;
  /**
   * Nothing on this lane before `ms` have passed, and a wider gap afterwards.
   * @param refusal what the chat said when it refused; absent when it asked to wait
   */
  block(lane: LaneAddress, ms: number, refusal?: string): Promise<void>;
  /** No slot is reserved on this lane before `ms` have passed, though its chat did not ask for it. */
  rest(lane: LaneAddress, ms: number): Promise<void>;
}

export interface LaneWait {
  /** Milliseconds from now until a send may begin. */
  waitMs: number;
  /** The chat asked for it; otherwise it is our own pace. */
  isBlocked: boolean;
  /** What a chat said, when all that were asked about are left alone because they refused a document. */
  refusal?: string | undefined;
}

export interface LaneSlot extends LaneAddress, LaneWait {
  id: string;
}

/** Told when the health of stored bytes changes, so that the files naming them can show it. */
export interface BlobHealth {
  changed(blobId: string, state: "STORED" | "DEGRADED" | "LOST"): Promise<void>;
}
export type { ByteRange } from "./blob.js";
