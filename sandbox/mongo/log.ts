import { open, rename, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Journal } from "./journal.js";
import { writeRecord } from "./logrecord.js";
import { fileName, syncFolder } from "./logfiles.js";
import type { LogPosition } from "./logfiles.js";
import type { Store } from "./store.js";
import { encode } from "./values.js";
import type { Doc } from "./values.js";

const LEAST_BEFORE_CHECKPOINT = 32 * 1024 * 1024;
const CHUNK = 1024 * 1024;

async function writeAll(file: FileHandle, parts: readonly Uint8Array[]): Promise<void> {
  const bytes = Buffer.concat(parts);
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
}

/**
 * A log on disk. Changes wait in memory until `commit`, which writes and synchronises all of them at once: commits
 * that come while one is under way share the next.
 *
 * Now and then a checkpoint writes everything into a snapshot and lets older logs go. It runs beside the commands:
 * a new log begins first, and since its records are whole documents, reading it over a snapshot that already has
 * some of its changes gives the same result.
 */
export class DiskLog implements Journal {
  private pending: Uint8Array[] = [];
  private flushing: Promise<void> = Promise.resolve();
  private queued: Promise<void> | undefined;
  private checkpointing: Promise<void> | undefined;
  private rotate = false;
  private written: number;
  private closing = false;

  private constructor(
    private readonly folder: string,
    private generation: number,
    private file: FileHandle,
    private snapshotSize: number,
    size: number,
    private readonly store: () => Store,
    private readonly leastBeforeCheckpoint: number,
  ) {
    this.written = size;
  }

  /**
   * Opens the last log to go on behind its last whole record.
   * @param least bytes of log before a checkpoint is worth its while
   */
  static async open(at: LogPosition, store: () => Store, least = LEAST_BEFORE_CHECKPOINT): Promise<DiskLog> {
    const file = await open(join(at.folder, fileName("log", at.generation)), "a");
    await file.truncate(at.size);
    await file.datasync();
    await syncFolder(at.folder);
    return new DiskLog(at.folder, at.generation, file, at.snapshotSize, at.size, store, least);
  }

  put(collection: number, record: number, bytes: Uint8Array): void {
    writeRecord(this.pending, "put", collection, record, bytes);
  }

  remove(collection: number, record: number): void {
    writeRecord(this.pending, "remove", collection, record);
  }

  define(collection: number, definition: Doc): void {
    writeRecord(this.pending, "define", collection, 0, encode(definition));
  }

  /** @throws Error for good once the disk has refused a write: what is in memory may then not be on it */
  commit(): Promise<void> {
    if (this.pending.length === 0 && !this.rotate) return this.flushing;
    this.queued ??= this.flushing.then(() => {
      this.queued = undefined;
      this.flushing = this.flush();
      return this.flushing;
    });
    return this.queued;
  }

  async close(): Promise<void> {
    this.closing = true;
    await this.commit();
    await this.checkpointing;
    await this.file.close();
  }

  private async flush(): Promise<void> {
    if (this.rotate) await this.beginNextLog();
    const parts = this.pending;
    this.pending = [];
    await writeAll(this.file, parts);
    await this.file.datasync();
    this.written += parts.reduce((sum, part) => sum + part.length, 0);
    if (this.written > Math.max(this.leastBeforeCheckpoint, this.snapshotSize) && !this.closing) {
      // The next commits must not wait for it.
      this.checkpointing ??= this.checkpoint().finally(() => (this.checkpointing = undefined));
    }
  }

  private async beginNextLog(): Promise<void> {
    this.rotate = false;
    const next = await open(join(this.folder, fileName("log", this.generation + 1)), "a");
    await syncFolder(this.folder);
    await this.file.close();
    this.file = next;
    this.generation++;
    this.written = 0;
  }

  private async checkpoint(): Promise<void> {
    this.rotate = true;
    await this.commit();
    const generation = this.generation;
    const temporary = join(this.folder, `${fileName("snapshot", generation)}.tmp`);
    const size = await this.writeSnapshot(temporary);
    // The snapshot may hold changes that no log has yet: it counts only once they are on the disk too.
    await this.commit();
    await rename(temporary, join(this.folder, fileName("snapshot", generation)));
    await syncFolder(this.folder);
    await rm(join(this.folder, fileName("snapshot", generation - 1)), { force: true });
    await rm(join(this.folder, fileName("log", generation - 1)), { force: true });
    this.snapshotSize = size;
  }

  private async writeSnapshot(path: string): Promise<number> {
    const file = await open(path, "w");
    let size = 0;
    let waiting = 0;
    let parts: Uint8Array[] = [];
    const drain = async (): Promise<void> => {
      await writeAll(file, parts);
      size += waiting;
      [parts, waiting] = [[], 0];
    };
    for (const collection of this.store().all()) {
      waiting += writeRecord(
        parts,
        "define",
        collection.id,
        0,
        encode(this.store().definitionOf(collection)),
      );
      for (const [record, bytes] of collection.records) {
        waiting += writeRecord(parts, "put", collection.id, record, bytes);
        if (waiting > CHUNK) await drain();
      }
    }
    await drain();
    await file.datasync();
    await file.close();
    return size;
  }
}
