import { withEach } from "../kernel/each.js";
import { notFound } from "../kernel/errors.js";
import { keeping } from "../kernel/keeping.js";
import type { Blob, Part } from "./blob.js";
import type { CopyService, Shortfall } from "./copy.service.js";
import { CopyDeferred } from "./lanes.service.js";
import type { WaitListener } from "./lanes.service.js";
import type { ReadService } from "./read.service.js";
import type { Slots } from "./slots.js";
import type { BlobStore, PartStore, StagingArea } from "./vault.ports.js";

const PARTS_PER_PAGE = 64;
const PARTS_AT_ONCE = 4;
const RELEASE_LEASE_MS = 10_000;
/** Staged bytes that could not be deleted are tried again after this time. */
const RELEASE_RETRY_MS = 60_000;
/** Staged bytes that are the only ones are looked at again after this time. */
const LOOK_AGAIN_MS = 8_000;

/** Told how a blob's way into the chats goes on. Parts are named by their index. */
export interface StoreWatcher {
  /** What earlier runs have completed already. */
  resumed(done: { parts: number; bytes: number }): void;
  partStarted(index: number): void;
  /** One copy of the part left for a chat. */
  copySent(index: number): void;
  partWaits(index: number, ...wait: Parameters<WaitListener>): () => void;
  /** The part has all its copies, read back. */
  partDone(index: number, bytes: number): void;
  /** Nobody works on the part any more, whether it is done or not. */
  partLeft(index: number): void;
}

/** What the store is to do, for whom. */
export interface StoreOrder {
  blobId: string;
  ownerId: string;
  /** The lease holder's name; intents of other runs are withdrawn first. */
  run: string;
  watch: StoreWatcher;
}

/** When to stop: what is being sent may be finished a little longer than anything new may be begun. */
export interface Stop {
  beginning: AbortSignal;
  finishing: AbortSignal;
}

/** Why a part did not get its copies. */
export class PartFailed extends Error {
  override readonly name = "PartFailed";

  constructor(
    readonly part: number,
    readonly error: unknown,
  ) {
    super(`Part ${part} did not get its copies.`, { cause: error });
  }
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
   * earlier run stopped. A part that fails lets those under way finish, then its error is thrown; one that has a good
   * copy and lacks others lets all the rest have theirs first.
   * @throws PartFailed with the first failure: AppError UNAVAILABLE for what may work later, ChatRefused and
   * BytesDamaged for what will not, CopyDeferred when nothing else is wrong and copies have to wait
   */
  async store(order: StoreOrder, stop: Stop): Promise<void> {
    const { copies } = this.options;
    const { blobId, run, watch } = order;
    const blob = await this.blobs.find(blobId);
    if (blob === undefined) throw notFound("Blob");
    await this.copies.withdrawForeign(blobId, run);
    do {
      watch.resumed(await this.parts.countComplete(blobId, copies));
      await this.pass(blob, order, stop);
      // A reader may have found a copy bad that was counted already.
    } while ((await this.parts.lacking(blobId, copies, -1, 1)).length > 0);
    await this.blobs.markStored(blobId);
  }

  private async pass(blob: Blob, order: StoreOrder, stop: Stop): Promise<void> {
    const { watch, ownerId } = order;
    const failures: PartFailed[] = [];
    const shortfalls: PartFailed[] = [];
    const underWay = new Set<Promise<void>>();
    const begin = async (part: Part): Promise<void> => {
      const slot = await this.options.slots.acquire(part.sizeBytes, ownerId, stop.beginning);
      watch.partStarted(part.index);
      const task = this.move({ blob, part, order, buffer: slot.buffer }, stop)
        .then((shortfall) => {
          if (shortfall === undefined) watch.partDone(part.index, part.sizeBytes);
          else shortfalls.push(new PartFailed(part.index, shortfall.reason));
        })
        .catch((error: unknown) => void failures.push(new PartFailed(part.index, error)))
        .finally(() => {
          watch.partLeft(part.index);
          slot.release();
          underWay.delete(task);
        });
      underWay.add(task);
    };
    try {
      for await (const part of this.lacking(blob.id)) {
        if (underWay.size >= PARTS_AT_ONCE) await Promise.race(underWay);
        if (failures.length > 0) break;
        await begin(part);
      }
    } finally {
      await Promise.all(underWay);
    }
    const isWrong = ({ error }: PartFailed): boolean => !(error instanceof CopyDeferred);
    // Of those that were only put off, the last one knows best how long.
    const worst = [...failures, ...shortfalls].find(isWrong) ?? failures.at(-1) ?? shortfalls.at(-1);
    if (worst !== undefined) throw worst;
  }

  private async *lacking(blobId: string): AsyncGenerator<Part> {
    for (let after = -1; ;) {
      const page = await this.parts.lacking(blobId, this.options.copies, after, PARTS_PER_PAGE);
      if (page.length === 0) return;
      yield* page;
      after = page.at(-1)?.index ?? after;
    }
  }

  private move(
    what: { blob: Blob; part: Part; order: StoreOrder; buffer: Buffer },
    { beginning, finishing }: Stop,
  ): Promise<Shortfall | undefined> {
    const { blob, part, order, buffer } = what;
    const { run, ownerId, watch } = order;
    return this.copies.complete(
      {
        ...{ part, run, ownerId, buffer, finishing },
        partsTotal: blob.partsTotal,
        copies: this.options.copies,
        load: (target) => this.reader.part(blob, part, target, beginning),
        onWait: (...wait) => watch.partWaits(part.index, ...wait),
        onSent: () => watch.copySent(part.index),
      },
      beginning,
    );
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

  /**
   * Deletes staged bytes that are not needed any more, except those that some part has no other copy of. Safe to
   * repeat, and at the same time as others; what fails now is found again, behind what is due sooner.
   */
  async releaseStaged(signal: AbortSignal): Promise<void> {
    await withEach(
      await this.blobs.releasable(100),
      async ({ id, stagedId }) => {
        const isNeeded = (await this.parts.lacking(id, 1, -1, 1)).length > 0;
        const isMine = await this.blobs.takeRelease(id, isNeeded ? LOOK_AGAIN_MS : RELEASE_LEASE_MS);
        if (isNeeded || !isMine) return;
        const keep = (): Promise<void> => this.blobs.keepRelease(id, RELEASE_LEASE_MS);
        try {
          await keeping(keep, RELEASE_LEASE_MS, () => this.staging.discard(stagedId, signal));
        } catch (error) {
          if (!signal.aborted) await this.blobs.keepRelease(id, RELEASE_RETRY_MS);
          throw error;
        }
        await this.blobs.clearStaged(id);
      },
      signal,
    );
  }
}
