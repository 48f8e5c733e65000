const SLAB_BYTES = 1024 * 1024;
const MAX_FREE_SLABS = 48;

/**
 * Memory for bytes on their way, used again and again. Keeping the small buffers of incoming requests instead saves
 * a copy but costs more: they outlive the cheap collections (15 full ones in 512 MiB, measured, against 2).
 */
export class SlabPool {
  private readonly free: Buffer[] = [];

  take(): Buffer {
    return this.free.pop() ?? Buffer.allocUnsafeSlow(SLAB_BYTES);
  }

  give(slab: Buffer): void {
    if (this.free.length < MAX_FREE_SLABS) this.free.push(slab);
  }
}

/** Bytes waiting to be acknowledged. */
export class ByteQueue {
  /** Position in the whole upload of the first byte kept here. */
  offset = 0;
  length = 0;
  private readonly slabs: Buffer[] = [];
  /** Where in the first slab the bytes start. */
  private head = 0;

  constructor(private readonly pool: SlabPool) {}

  /** Position after the last byte kept here. */
  get end(): number {
    return this.offset + this.length;
  }

  push(bytes: Buffer): void {
    for (let taken = 0; taken < bytes.length;) {
      const used = (this.head + this.length) % SLAB_BYTES;
      if (this.head + this.length === this.slabs.length * SLAB_BYTES) this.slabs.push(this.pool.take());
      const copied = bytes.copy(this.slabs.at(-1) as Buffer, used, taken);
      this.length += copied;
      taken += copied;
    }
  }

  /** The first `count` bytes, without copying: good until they are dropped. */
  peek(count: number): Buffer[] {
    const found: Buffer[] = [];
    const end = this.head + Math.min(count, this.length);
    for (let at = this.head; at < end;) {
      const index = Math.floor(at / SLAB_BYTES);
      const next = Math.min(end, (index + 1) * SLAB_BYTES);
      found.push((this.slabs[index] as Buffer).subarray(at % SLAB_BYTES, next - index * SLAB_BYTES));
      at = next;
    }
    return found;
  }

  /** Forgets the first `count` bytes; nothing may read them any more. */
  drop(count: number): void {
    this.offset += count;
    this.length -= count;
    this.head += count;
    const isEmpty = this.length === 0;
    const whole = isEmpty ? this.slabs.length : Math.floor(this.head / SLAB_BYTES);
    for (const slab of this.slabs.splice(0, whole)) this.pool.give(slab);
    this.head = isEmpty ? 0 : this.head - whole * SLAB_BYTES;
  }
}
