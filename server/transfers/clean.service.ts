import type { UsageStore } from "../auth/auth.ports.js";
import type { ShareLinkStore } from "../files/share.ports.js";
import type { Logger } from "../kernel/log.js";
import type { BytesDisposal, TransferControls, TransferStore, TransferredFiles } from "./transfers.ports.js";

/** Whoever removes what is left of a transfer has so long before somebody else tries. */
const LEASE_MS = 15_000;
/** A message that was still being sent is removed by a sweep, after which nothing is in the way. */
const RETRY_MS = 3_000;
/** A cancelled file is listed so long. */
const LISTED_MS = 7 * 24 * 3_600_000;
const PER_SWEEP = 50;

/** Removes what cancelled transfers leave behind: the bytes at once, the records a week later. */
export class CleanService {
  constructor(
    private readonly transfers: Pick<TransferStore, "removeOfFile">,
    private readonly controls: TransferControls,
    private readonly files: TransferredFiles,
    private readonly bytes: BytesDisposal,
    private readonly kept: { usage: UsageStore; shareLinks: Pick<ShareLinkStore, "removeTo"> },
    private readonly log: Logger,
  ) {}

  /** Takes the next step with one cancelled transfer, if it is due and nobody else does. Survives running twice. */
  async clean(transferId: string, signal: AbortSignal): Promise<void> {
    const taken = await this.controls.takeCleaning(transferId, LEASE_MS);
    if (taken === undefined) return;
    const { fileId, blobId, ownerId, bytesTotal } = taken.transfer;
    if (taken.bytesGone) {
      await this.kept.shareLinks.removeTo([fileId]);
      await this.files.removeCancelled(fileId);
      await this.transfers.removeOfFile(fileId);
      return;
    }
    const isMarked = await this.files.setState(fileId, "CANCELLED", taken.epoch);
    const isGone = !isMarked && (await this.files.isGone(fileId));
    // Cancelled so early that its upload has not recorded the file: it is looked at again.
    if (!isMarked && !isGone) return;
    try {
      await this.bytes.discard(blobId, fileId, signal);
    } catch (error) {
      await this.controls.postponeCleaning(transferId, RETRY_MS);
      throw error;
    }
    if (isGone) {
      await this.transfers.removeOfFile(fileId);
      return;
    }
    await this.kept.usage.takeAway(ownerId, fileId, bytesTotal);
    await this.controls.markBytesGone(transferId, LISTED_MS);
  }

  /** Goes on with whatever a process left undone. */
  async sweep(signal: AbortSignal): Promise<void> {
    for (const transferId of await this.controls.uncleaned(PER_SWEEP)) {
      signal.throwIfAborted();
      await this.clean(transferId, signal).catch((error: unknown) => {
        this.log.warn(
          { transferId, err: error },
          "a cancelled transfer is not removed yet; it is tried again",
        );
      });
    }
  }
}
