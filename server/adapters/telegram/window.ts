import { Readable } from "node:stream";

export interface WindowRules {
  /** Bytes of the source before the window, and in it. */
  skip: number;
  length: number;
  /** Whether the source goes on after the window. Then it is cut; otherwise its connection stays usable. */
  hasMore: boolean;
  /** How long the source may be silent while it is being waited for, and the slowest rate it may have. */
  idleMs: number;
  bytesPerSecond: number;
  /** Makes the error that readers see. */
  failure(cause: Error): Error;
  signal: AbortSignal;
}

/** What waits here for a slow reader comes on top of the block that he is given. */
const READ_AHEAD_BYTES = 64 * 1024;

/**
 * A stretch of a source stream: exactly `length` bytes or an error, never a short clean end. Only time in which the
 * reader wants bytes counts as silence of the source: a slow reader is not its fault.
 */
export class Window extends Readable {
  private skip: number;
  private left: number;
  private received = 0;
  private waitedMs = 0;
  private waitingSince: number | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly source: Readable,
    private readonly rules: WindowRules,
  ) {
    super({ highWaterMark: READ_AHEAD_BYTES });
    this.skip = rules.skip;
    this.left = rules.length;
    rules.signal.addEventListener("abort", this.onAbort);
    // The error listener stays: a source that is destroyed early may still report that it was cut.
    source.on("error", (error) => this.fail(error));
    source.on("close", () => this.fail(new Error("The document ended early.")));
    source.on("end", () => this.fail(new Error("The document ended early.")));
    source.on("data", (chunk: Buffer) => this.accept(chunk));
    source.pause();
    if (rules.signal.aborted) this.onAbort();
  }

  override _read(): void {
    this.startWaiting();
    this.source.resume();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.stopWaiting();
    this.rules.signal.removeEventListener("abort", this.onAbort);
    if (this.left > 0 || this.rules.hasMore) this.source.destroy();
    else this.source.resume();
    done(error);
  }

  private readonly onAbort = (): void => {
    this.destroy(this.rules.signal.reason as Error);
  };

  private accept(chunk: Buffer): void {
    if (this.left === 0) return;
    this.stopWaiting();
    this.received += chunk.length;
    const skipped = Math.min(this.skip, chunk.length);
    this.skip -= skipped;
    const piece = chunk.subarray(skipped, skipped + this.left);
    this.left -= piece.length;
    const wantsMore = piece.length === 0 || this.push(piece);
    if (this.left === 0) this.push(null);
    else if (!wantsMore) this.source.pause();
    else if (this.isTooSlow()) this.fail(new Error("The document came too slowly."));
    else this.startWaiting();
  }

  private isTooSlow(): boolean {
    return this.waitedMs > this.rules.idleMs + (this.received / this.rules.bytesPerSecond) * 1000;
  }

  private startWaiting(): void {
    if (this.waitingSince !== undefined || this.left === 0) return;
    this.waitingSince = performance.now();
    this.timer = setTimeout(() => this.fail(new Error("The connection fell silent.")), this.rules.idleMs);
  }

  private stopWaiting(): void {
    if (this.waitingSince !== undefined) this.waitedMs += performance.now() - this.waitingSince;
    this.waitingSince = undefined;
    clearTimeout(this.timer);
  }

  private fail(cause: Error): void {
    if (this.left > 0 && !this.destroyed) this.destroy(this.rules.failure(cause));
  }
}
