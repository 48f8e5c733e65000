/** What was served counts half as much after this time. */
const HALF_LIFE_MS = 30_000;
/** Below this, what an owner got is forgotten. */
const FORGOTTEN = 0.01;

interface Served {
  amount: number;
  atMs: number;
}

/** Remembers who was served how much lately, and so who is still owed his share. */
export class FairShare {
  private readonly served = new Map<string, Served>();

  /** @param nowMs a monotonic clock in milliseconds */
  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  count(owner: string): void {
    this.served.set(owner, { amount: this.amountOf(owner) + 1, atMs: this.nowMs() });
  }

  /** Whether an owner got less than an equal share of what all got lately. False when he is the only one. */
  isOwed(owner: string): boolean {
    let total = 0;
    let others = 0;
    for (const other of this.served.keys()) {
      const amount = this.amountOf(other);
      if (amount < FORGOTTEN) this.served.delete(other);
      else if (other !== owner) others += 1;
      total += amount;
    }
    // Half a service less: what decays at different moments is never quite equal.
    return others > 0 && this.amountOf(owner) + 0.5 < total / (others + 1);
  }

  private amountOf(owner: string): number {
    const served = this.served.get(owner);
    if (served === undefined) return 0;
    return served.amount * 0.5 ** ((this.nowMs() - served.atMs) / HALF_LIFE_MS);
  }
}
