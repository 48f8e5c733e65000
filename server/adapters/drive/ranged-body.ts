import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";

import { unavailable } from "../../kernel/errors.js";
import { interrupted } from "./drive-refusal.js";

/** Enough for a few network reads, so that the connection is not paused after each. */
const BUFFER_BYTES = 256 * 1024;

/** Exactly the bytes asked for out of a response, or an error: never fewer, never others. */
export class RangedBody extends Readable {
  constructor(
    private readonly source: IncomingMessage,
    private toSkip: number,
    private left: number,
    signal: AbortSignal,
  ) {
    super({ highWaterMark: BUFFER_BYTES, signal });
    source.on("data", (chunk: Buffer) => this.accept(chunk));
    source.on("end", () => this.left > 0 && this.destroy(cut(new Error("the answer ended early"))));
    source.on("error", (error) => this.destroy(cut(interrupted(error))));
  }

  override _read(): void {
    this.source.resume();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    // A response read to its end leaves its connection for the next request.
    if (!this.source.readableEnded && !(this.source.complete && this.left === 0)) this.source.destroy();
    callback(error);
  }

  private accept(chunk: Buffer): void {
    if (this.left === 0) return;
    const wanted = chunk.subarray(this.toSkip, this.toSkip + this.left);
    this.toSkip -= Math.min(this.toSkip, chunk.length);
    if (wanted.length === 0) return;
    this.left -= wanted.length;
    if (!this.push(wanted) && this.left > 0) this.source.pause();
    if (this.left === 0) this.push(null);
  }
}

function cut(cause: Error): Error {
  return unavailable("Google Drive ended a download early. Try again.", cause);
}
