import { setTimeout as sleep } from "node:timers/promises";

/** Lets bytes pass no faster than a rate that may change at any time; 0 or none means without bound. */
export class Pacer {
  private freeAt = 0;

  constructor(private readonly bytesPerSecond: () => number | undefined) {}

  async pass(bytes: number): Promise<void> {
    const rate = this.bytesPerSecond();
    if (rate === undefined || rate <= 0) return;
    const now = performance.now();
    this.freeAt = Math.max(now, this.freeAt) + (bytes / rate) * 1000;
    await sleep(this.freeAt - now);
  }
}
