import { setTimeout as delay } from "node:timers/promises";

/** Paces bytes to a rate; several users of one line share it. Undefined means as fast as it goes. */
export class Line {
  private freeAt = 0;

  constructor(private readonly bytesPerSecond: number | undefined) {}

  /** The largest piece that keeps a slow line even: what passes in 50 ms. */
  get pieceBytes(): number {
    return this.bytesPerSecond === undefined ? Infinity : Math.max(16, Math.floor(this.bytesPerSecond / 20));
  }

  /** Resolves when `bytes` more may pass. */
  async pass(bytes: number): Promise<void> {
    if (this.bytesPerSecond === undefined) return;
    const now = performance.now();
    this.freeAt = Math.max(this.freeAt, now) + (bytes / this.bytesPerSecond) * 1000;
    const waitMs = this.freeAt - now;
    if (waitMs > 1) await delay(waitMs);
  }
}
