import type { Readable } from "node:stream";

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

/** Offsets in bytes, both included. */
export interface ByteRange {
  start: number;
  end: number;
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
   * Posts a document. Not safe to repeat: a lost answer may leave an orphan message behind.
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

export type RemovalResult = { removed: true } | { removed: false; reason: string };

/** The chat asked to wait (flood control). Only this lane is concerned. */
export class ChatBusy extends Error {
  override readonly name = "ChatBusy";
  constructor(readonly retryAfterSeconds: number) {
    super(`Telegram asks to wait ${retryAfterSeconds} s before the next message to this chat.`);
  }
}

/** The chat will not take this document now or later, until somebody changes something. The message says what. */
export class ChatRefused extends Error {
  override readonly name = "ChatRefused";
}
