import { setTimeout as delay } from "node:timers/promises";
import type { AppError } from "../kernel/errors.js";

const FAST_MS = 5_000;
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 10_000;
/** So long a reader who has got bytes already waits for more. */
const PATIENCE_MS = 60_000;

/** Decides whether all sources of a part are tried once more after all of them failed. */
export class ReadPatience {
  private began = 0;
  private first = 0;
  private hasTriedTwice = false;
  private pauseMs = FIRST_PAUSE_MS;
  private waitedMs = 0;

  constructor(private readonly mayWait: () => boolean) {}

  /** @param block the one that is wanted next */
  begin(block: number): void {
    this.began = performance.now();
    this.first = block;
  }

  /**
   * Yes when blocks came meanwhile, since a slow reader outlives many connections; once when all failed fast, since
   * the line may have been at fault; and after a pause, for a while, when an outage may pass.
   * @param block the one that is wanted now
   */
  async allows(block: number, outage: AppError | undefined, signal: AbortSignal): Promise<boolean> {
    if (block > this.first) {
      this.hasTriedTwice = false;
      this.pauseMs = FIRST_PAUSE_MS;
      this.waitedMs = 0;
      return true;
    }
    const isWorthwhile = !this.hasTriedTwice && performance.now() - this.began < FAST_MS;
    this.hasTriedTwice = true;
    if (isWorthwhile) return true;
    if (outage === undefined || !this.mayWait()) return false;
    const asked = (outage.details.retryAfterSeconds ?? 0) * 1000;
    const pauseMs = Math.max(asked, this.pauseMs);
    this.waitedMs += pauseMs;
    if (this.waitedMs > PATIENCE_MS) return false;
    this.pauseMs = Math.min(this.pauseMs * 2, MAX_PAUSE_MS);
    await delay(pauseMs, undefined, { signal });
    return true;
  }
}
