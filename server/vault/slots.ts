import { MAX_WIRE_PADDING_BYTES } from "./blob.js";

/** Room for one part on its way, and the way to give it back. */
export interface Slot {
  /** As large as the largest part and its padding. Holds whatever the last holder left in it. */
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
  private readonly free: Buffer[] = [];

  constructor(
    private unused: number,
    private readonly partBytes: number,
  ) {}

  async acquire(signal: AbortSignal): Promise<Slot> {
    signal.throwIfAborted();
    const buffer = this.free.pop() ?? this.grow() ?? (await this.turn(signal));
    let held = true;
    return {
      buffer,
      release: () => {
        if (held) this.giveBack(buffer);
        held = false;
      },
    };
  }

  private grow(): Buffer | undefined {
    if (this.unused === 0) return undefined;
    this.unused -= 1;
    return Buffer.allocUnsafeSlow(this.partBytes + MAX_WIRE_PADDING_BYTES);
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
