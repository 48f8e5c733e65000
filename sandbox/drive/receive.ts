import type { Hash } from "node:crypto";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import type { IncomingMessage } from "node:http";

import type { Fault } from "./faults.js";
import { Pacer } from "./pacer.js";
import { BLOCK_BYTES } from "./store.js";
import type { World } from "./world.js";

const FLUSH_BYTES = 1024 * 1024;

/** What is known of an upload beyond its journal: how far it is, and its digest while that is gap-free. */
export interface Progress {
  offset: number;
  hash: Hash | undefined;
}

export interface Incoming {
  path: string;
  progress: Progress;
  /** Leading bytes that are stored already. */
  skip: number;
  /** Whether the last bytes of the upload are among these, so that a part of a block is kept too. */
  isLast: boolean;
  fault: Fault | undefined;
}

/**
 * Streams a request body to disk, hashing on the way. Whole blocks are kept whatever happens to the connection.
 * @returns whether the body arrived whole and all of it was kept
 */
export async function receive(world: World, req: IncomingMessage, incoming: Incoming): Promise<boolean> {
  const handle = await open(incoming.path, "r+");
  const blocks = new BlockWriter(handle, incoming.progress);
  const pacer = new Pacer(() => world.config.bandwidth.up?.perConnection);
  const { fault } = incoming;
  const keep = fault?.kind === "keepPart" ? (fault.bytes ?? 0) : Infinity;
  const resetAt = fault?.kind === "resetMidBody" ? (fault.bytes ?? 0) : Infinity;
  let received = 0;
  let complete = false;
  try {
    // Pausing the request in a data handler loses to its end under parallel uploads; iterating does not.
    for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      world.countUpload(chunk.length);
      if (received === 0 && fault?.kind === "corrupt") chunk[0] = (chunk[0] ?? 0) ^ 1;
      const from = Math.max(0, incoming.skip - received);
      const to = Math.min(chunk.length, keep - received);
      if (from < to) await blocks.add(chunk.subarray(from, to));
      received += chunk.length;
      if (received >= resetAt) req.socket.destroy();
      await world.up.pass(chunk.length);
      await pacer.pass(chunk.length);
    }
    complete = req.complete && received <= keep;
  } catch {
    // The connection broke: what arrived in whole blocks stays.
  } finally {
    await blocks.finish(complete && incoming.isLast);
    await handle.close();
  }
  return complete;
}

/** Gathers chunks and writes whole blocks, hashing one batch while the one before is written. */
class BlockWriter {
  private gathered: Buffer[] = [];
  private bytes = 0;
  private writing: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly handle: FileHandle,
    private readonly progress: Progress,
  ) {}

  async add(chunk: Buffer): Promise<void> {
    this.gathered.push(chunk);
    this.bytes += chunk.length;
    if (this.bytes >= FLUSH_BYTES) await this.flush(this.bytes - (this.bytes % BLOCK_BYTES));
  }

  async finish(withTail: boolean): Promise<void> {
    await this.flush(withTail ? this.bytes : this.bytes - (this.bytes % BLOCK_BYTES));
    await this.writing;
  }

  private async flush(bytes: number): Promise<void> {
    if (bytes === 0) return;
    const batch = this.take(bytes);
    await this.writing;
    this.writing = this.handle.writev(batch, this.progress.offset);
    // Handled where it is awaited next.
    this.writing.catch(() => undefined);
    for (const chunk of batch) this.progress.hash?.update(chunk);
    this.progress.offset += bytes;
  }

  private take(bytes: number): Buffer[] {
    const batch = this.gathered;
    this.gathered = [];
    this.bytes -= bytes;
    if (this.bytes > 0) {
      // Less than a block is left over, but it may lie in more than one chunk.
      let left = this.bytes;
      while (left > 0) {
        const last = batch.pop() as Buffer;
        const cut = Math.max(0, last.length - left);
        if (cut > 0) batch.push(last.subarray(0, cut));
        this.gathered.unshift(last.subarray(cut));
        left -= last.length - cut;
      }
    }
    return batch;
  }
}
