import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { AppError, isAbort } from "../kernel/errors.js";
import type { Replica } from "./blob.js";
import type { ChatStore } from "./vault.ports.js";

const MAX_ATTEMPTS = 3;
const MAX_PAUSE_MS = 60_000;

/**
 * Whether a replica's document is there and equal to what was sent. One wrong answer may be the line's fault: it is
 * read again.
 * @throws AppError UNAVAILABLE when the chat cannot be reached, which says nothing about the replica
 */
export async function isIntact(chats: ChatStore, replica: Replica, signal: AbortSignal): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (await matches(chats, replica, signal)) return true;
    } catch (error) {
      if (isAbort(error) || signal.aborted) throw error;
      if (error instanceof AppError && error.code === "NOT_FOUND") return false;
      const isUntilMended = error instanceof AppError && error.forOperators !== undefined;
      if (attempt === MAX_ATTEMPTS || isUntilMended) throw error;
      await delay(pauseAfter(error), undefined, { signal });
    }
    if (attempt === MAX_ATTEMPTS) return false;
  }
}

async function matches(chats: ChatStore, replica: Replica, signal: AbortSignal): Promise<boolean> {
  const hash = createHash("sha256");
  let length = 0;
  const stream = await chats.open(replica, { start: 0, end: replica.sizeBytes - 1 }, signal);
  for await (const bytes of stream as AsyncIterable<Buffer>) {
    hash.update(bytes);
    length += bytes.length;
  }
  return length === replica.sizeBytes && hash.digest("hex") === replica.sha256;
}

/** What the chat asks for, within bounds: reading again at once would be one more call it asked not to get. */
function pauseAfter(error: unknown): number {
  const seconds = error instanceof AppError ? (error.details.retryAfterSeconds ?? 1) : 1;
  return Math.min(seconds * 1000, MAX_PAUSE_MS);
}
