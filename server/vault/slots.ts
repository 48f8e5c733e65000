import { MAX_WIRE_PADDING_BYTES } from "./blob.js";

/** Room for one part on its way, and the way to give it back. */
export interface Slot {
  /** Room for the part and its padding, and maybe more. Holds whatever the last holder left in it. */
  buffer: Buffer;
  /** May be called more than once. */
  readonly release: () => void;
}

interface Waiting {
  owner: string;
  go: (buffer: Buffer) => void;
}

/**
 * The memory a worker has for parts: a fixed number of buffers, used again and again. Whoever holds the fewest is
 * served first, so a small file is never behind all the parts of a large one; those who hold as many, in the order in
 * which they asked. Where there are more than one owner may hold, the last one that is free goes to somebody who holds
 * none: a newcomer does not wait until one of those before has sent a part.
 */
export class Slots {
  private waiting: Waiting[] = [];
  private readonly free: Buffer[];
  private readonly kept: number;
  private readonly held = new Map<string, number>();

  /**
   * @param perOwner buffers that one owner may hold
   * @param total buffers in all: more than `perOwner` leaves room for others, who then need not wait for a large part
   */
  constructor(
    private readonly perOwner: number,
    total = perOwner,
  ) {
    this.free = Array.from({ length: total }, () => Buffer.alloc(0));
    this.kept = total > perOwner ? 1 : 0;
  }

  /**
   * @param partBytes the part's size: blobs keep the grid they came with, whatever today's is
   * @param owner whose bytes they are; repairs share one name
   */
  async acquire(partBytes: number, owner: string, signal: AbortSignal): Promise<Slot> {
    signal.throwIfAborted();
    const needed = partBytes + MAX_WIRE_PADDING_BYTES;
    const kept = await this.turn(owner, signal);
    const buffer = kept.length >= needed ? kept : Buffer.allocUnsafeSlow(needed);
    let held = true;
    return {
      buffer,
      release: () => {
        if (held) this.giveBack(owner, buffer);
        held = false;
      },
    };
  }

  private turn(owner: string, signal: AbortSignal): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.waiting = this.waiting.filter((other) => other !== me);
        reject(signal.reason as Error);
      };
      const go = (buffer: Buffer): void => {
        signal.removeEventListener("abort", leave);
        resolve(buffer);
      };
      const me = { owner, go };
      this.waiting.push(me);
      signal.addEventListener("abort", leave, { once: true });
      this.serve();
    });
  }

  private giveBack(owner: string, buffer: Buffer): void {
    const left = this.heldBy(owner) - 1;
    if (left === 0) this.held.delete(owner);
    else this.held.set(owner, left);
    this.free.push(buffer);
    this.serve();
  }

  private serve(): void {
    while (this.free.length > 0) {
      const next = this.waiting
        .filter(({ owner }) => this.mayHoldMore(owner))
        .reduce<Waiting | undefined>((best, one) => {
          return best === undefined || this.heldBy(one.owner) < this.heldBy(best.owner) ? one : best;
        }, undefined);
      const buffer = next && this.free.pop();
      if (next === undefined || buffer === undefined) return;
      this.waiting = this.waiting.filter((other) => other !== next);
      this.held.set(next.owner, this.heldBy(next.owner) + 1);
      next.go(buffer);
    }
  }

  private mayHoldMore(owner: string): boolean {
    const held = this.heldBy(owner);
    return held === 0 || (held < this.perOwner && this.free.length > this.kept);
  }

  private heldBy(owner: string): number {
    return this.held.get(owner) ?? 0;
  }
}
