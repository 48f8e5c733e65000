import type { WaitListener } from "./lanes.service.js";
import type { Part } from "./blob.js";
import type { CopyService } from "./copy.service.js";
import type { ReadService } from "./read.service.js";
import type { Slots } from "./slots.js";
import type { BlobStore, PartStore, StagingArea } from "./vault.ports.js";
import { notFound } from "../kernel/errors.js";

const PARTS_PER_PAGE = 64;
const PARTS_AT_ONCE = 4;

/** Told how a blob's way into the chats goes on. Parts are named by their index. */
export interface StoreWatcher {
  /** What earlier runs have completed already. */
  resumed(done: { parts: number; bytes: number }): void;
  partStarted(index: number): void;
  /** One copy of the part left for a chat. */
  copySent(index: number): void;
  partWaits(index: number, until: Date): () => void;
  /** The part has all its copies, read back. */
  partDone(index: number, bytes: number): void;
}

/** Moves a staged blob into the chats, part by part, several at a time. */
export class StoreService {
  constructor(
    private readonly blobs: BlobStore,
    private readonly parts: PartStore,
    private readonly copies: CopyService,
    private readonly reader: ReadService,
    private readonly staging: StagingArea,
    private readonly options: { copies: number; slots: Slots },
  ) {}

  /**
   * Brings every part of a blob to its copies. Parts that have them are not touched, so it goes on where an
   * earlier run stopped. A part that fails lets those under way finish, then its error is thrown.
   * @param run the lease holder's name; intents of other runs are withdrawn first
   * @throws AppError UNAVAILABLE for what may work later, ChatRefused and BytesDamaged for what will not
   */
  async store(blobId: string, run: string, watch: StoreWatcher, signal: AbortSignal): Promise<void> {
    const { copies, slots } = this.options;
    const blob = await this.blobs.find(blobId);
    if (blob === undefined) throw notFound("Blob");
    await this.copies.withdrawForeign(blobId, run);
    watch.resumed(await this.parts.countComplete(blobId, copies));

    const failures: unknown[] = [];
    const underWay = new Set<Promise<void>>();
    const begin = async (part: Part): Promise<void> => {
      const slot = await slots.acquire(signal);
      watch.partStarted(part.index);
      const onWait: WaitListener = (until) => watch.partWaits(part.index, until);
      const task = this.copies
        .complete(
          {
            part,
            partsTotal: blob.partsTotal,
            copies,
            run,
            buffer: slot.buffer,
            load: (target) => this.reader.part(blob, part, target, signal),
            onWait,
            onSent: () => watch.copySent(part.index),
          },
          signal,
        )
        .then(() => watch.partDone(part.index, part.sizeBytes))
        .catch((error: unknown) => void failures.push(error))
        .finally(slot.release)
        .finally(() => underWay.delete(task));
      underWay.add(task);
    };
    for (let after = -1; failures.length === 0;) {
      const page = await this.parts.lacking(blobId, copies, after, PARTS_PER_PAGE);
      if (page.length === 0) break;
      for (const part of page) {
        if (underWay.size >= PARTS_AT_ONCE) await Promise.race(underWay);
        if (failures.length > 0) break;
        await begin(part);
      }
      after = page.at(-1)?.index ?? after;
    }
    await Promise.all(underWay);
    if (failures.length > 0) throw failures[0];
    await this.blobs.markStored(blobId);
  }

  /** Whether every part has at least one verified copy, so that the bytes are safe without the staged ones. */
  async isSafe(blobId: string): Promise<boolean> {
    const blob = await this.blobs.find(blobId);
    return blob !== undefined && (await this.parts.countComplete(blobId, 1)).parts === blob.partsTotal;
  }

  /** Gives up waiting for missing copies: the staged bytes may go, and repairs make the copies from those there are. */
  async settleForLess(blobId: string): Promise<void> {
    await this.blobs.markStored(blobId);
    await this.blobs.requestRepair(blobId);
  }

  /** Deletes staged bytes that are not needed any more. Safe to repeat; what fails now is found again. */
  async releaseStaged(signal: AbortSignal): Promise<void> {
    for (const { id, stagedId } of await this.blobs.releasable(100)) {
      await this.staging.discard(stagedId, signal);
      await this.blobs.clearStaged(id);
    }
  }
}
