import { MAX_WIRE_PADDING_BYTES } from "./blob.js";

/** Room for one part on its way, and the way to give it back. */
export interface Slot {
  /** Room for the part and its padding, and maybe more. Holds whatever the last holder left in it. */
  buffer: Buffer;
  /** May be called more than once. */
  readonly release: () => void;
}

/**
 * The memory a worker has for parts: a fixed number of buffers, used again and again. Waiting is first come, first
 * served, and a transfer asks for one part at a time, so a small file is never behind all the parts of a large one.
 */
export class Slots {
  private readonly waiting: ((buffer: Buffer) => void)[] = [];
  private readonly free: Buffer[];

  constructor(count: number) {
    this.free = Array.from({ length: count }, () => Buffer.alloc(0));
  }

  /** @param partBytes the part's size: blobs keep the grid they came with, whatever today's is */
  async acquire(partBytes: number, signal: AbortSignal): Promise<Slot> {
    signal.throwIfAborted();
    const needed = partBytes + MAX_WIRE_PADDING_BYTES;
    const kept = this.free.pop() ?? (await this.turn(signal));
    const buffer = kept.length >= needed ? kept : Buffer.allocUnsafeSlow(needed);
    let held = true;
    return {
      buffer,
      release: () => {
        if (held) this.giveBack(buffer);
        held = false;
      },
    };
  }

  private turn(signal: AbortSignal): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const go = (buffer: Buffer): void => {
        signal.removeEventListener("abort", leave);
        resolve(buffer);
      };
      const leave = (): void => {
        this.waiting.splice(this.waiting.indexOf(go), 1);
        reject(signal.reason as Error);
      };
      this.waiting.push(go);
      signal.addEventListener("abort", leave, { once: true });
    });
  }

  private giveBack(buffer: Buffer): void {
    const next = this.waiting.shift();
    if (next === undefined) this.free.push(buffer);
    else next(buffer);
  }
}
