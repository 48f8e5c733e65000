import { setMaxListeners } from "node:events";
import { newId } from "../kernel/ids.js";
import { keeping } from "../kernel/keeping.js";
import type { Logger } from "../kernel/log.js";
import { BytesDamaged, TakenOver } from "./blob.js";
import type { Blob, Part } from "./blob.js";
import type { CopyService } from "./copy.service.js";
import type { ReadService } from "./read.service.js";
import type { Slots } from "./slots.js";
import type { BlobHealth, BlobStore, PartStore } from "./vault.ports.js";

const LEASE_MS = 60_000;
const RETRY_MS = 60_000;
/** A lost blob is looked at again rarely: somebody may put a chat back. */
const RETRY_LOST_MS = 24 * 3_600_000;
const PARTS_PER_PAGE = 32;

interface Outcome {
  isLost: boolean;
  failure: { reason: unknown } | undefined;
}

/** Finds out what is wrong with a stored blob's copies and makes new ones from those that are left. */
export class RepairService {
  constructor(
    private readonly blobs: BlobStore,
    private readonly parts: PartStore,
    private readonly copies: CopyService,
    private readonly reader: ReadService,
    private readonly health: BlobHealth,
    private readonly options: { copies: number; slots: Slots; log: Logger },
  ) {}

  /** Repairs one blob if it is due and nobody else does. Survives running twice. */
  async repair(blobId: string, signal: AbortSignal): Promise<void> {
    const run = newId();
    const blob = await this.blobs.takeRepair(blobId, run, LEASE_MS);
    if (blob === undefined) return;
    const fence = new AbortController();
    const keep = async (): Promise<void> => {
      if (!(await this.blobs.keepRepair(blobId, run, LEASE_MS))) fence.abort(new TakenOver());
    };
    const either = AbortSignal.any([signal, fence.signal]);
    // Every call of every copy under way listens to it.
    setMaxListeners(0, either);
    try {
      const { isLost, failure } = await keeping(keep, LEASE_MS, () => this.repairParts(blob, run, either));
      if (isLost) await this.health.changed(blobId, "LOST");
      if (failure !== undefined) throw failure.reason;
      if (!isLost) await this.health.changed(blobId, "STORED");
      await this.blobs.endRepair(blobId, run, isLost ? RETRY_LOST_MS : undefined);
    } catch (error) {
      this.options.log.warn({ blobId, err: error }, "a repair did not finish; it is tried again");
      await this.blobs.endRepair(blobId, run, signal.aborted ? 0 : RETRY_MS);
    }
  }

  /**
   * A part that cannot be repaired now keeps none of those behind it waiting.
   * @returns whether bytes of some part are lost, and why the first of those that can be tried again failed
   */
  private async repairParts(blob: Blob, run: string, signal: AbortSignal): Promise<Outcome> {
    const outcome: Outcome = { isLost: false, failure: undefined };
    await this.copies.withdrawForeign(blob.id, run);
    for (let after = -1; ;) {
      const page = await this.parts.lacking(blob.id, this.options.copies, after, PARTS_PER_PAGE);
      if (page.length === 0) return outcome;
      if (after === -1) await this.health.changed(blob.id, "DEGRADED");
      for (const part of page) {
        try {
          if (await this.repairPart(blob, part, run, signal)) outcome.isLost = true;
        } catch (error) {
          if (signal.aborted || error instanceof TakenOver) throw error;
          outcome.failure ??= { reason: error };
        }
      }
      after = page.at(-1)?.index ?? after;
    }
  }

  private async repairPart(blob: Blob, part: Part, run: string, signal: AbortSignal): Promise<boolean> {
    const slot = await this.options.slots.acquire(part.sizeBytes, "repairs", signal);
    try {
      const shortfall = await this.copies.complete(
        {
          part,
          partsTotal: blob.partsTotal,
          copies: this.options.copies,
          run,
          buffer: slot.buffer,
          load: async (target) => {
            const [current] = await this.parts.range(blob.id, part.index, part.index);
            await this.reader.part(blob, current ?? part, target, signal);
          },
          onWait: () => () => undefined,
          onSent: () => undefined,
        },
        signal,
      );
      if (shortfall !== undefined) throw shortfall.reason;
      this.options.log.info({ blobId: blob.id, part: part.index }, "a part has all its copies again");
      return false;
    } catch (error) {
      if (!(error instanceof BytesDamaged)) throw error;
      this.options.log.error(
        { blobId: blob.id, part: part.index },
        "a part is lost: no copy gives its bytes back",
      );
      return true;
    } finally {
      slot.release();
    }
  }
}
