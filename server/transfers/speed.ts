const HALF_LIFE_MS = 2_000;
/** Below a byte a second nothing moves: what is left of a rate would give times of years. */
const STANDSTILL = 1;

/** Bytes per second, smoothed so that a part's arrival neither leaps nor lags: a weight halves in two seconds. */
export class SpeedMeter {
  private rate = 0;
  private bytes = 0;
  private lastMs: number;

  /** @param nowMs a monotonic clock in milliseconds */
  constructor(private readonly nowMs: () => number = () => performance.now()) {
    this.lastMs = nowMs();
  }

  add(bytes: number): void {
    this.bytes += bytes;
  }

  /** The rate now. Bytes added since the last call count over the time since then. */
  bytesPerSecond(): number {
    const now = this.nowMs();
    const elapsed = now - this.lastMs;
    if (elapsed > 0) {
      const kept = 0.5 ** (elapsed / HALF_LIFE_MS);
      this.rate = this.rate * kept + (this.bytes / elapsed) * 1000 * (1 - kept);
      this.bytes = 0;
      this.lastMs = now;
    }
    return this.rate < STANDSTILL ? 0 : this.rate;
  }
}
