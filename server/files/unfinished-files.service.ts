import type { QuotaService } from "../auth/quota.service.js";
import type { Logger } from "../kernel/log.js";
import type { DisposalService } from "../vault/disposal.service.js";
import type { File } from "./file.js";
import type { FileStore, TransferQueue } from "./files.ports.js";

const CLEAN_UP_MS = 15_000;

/** Removes files that never came to be: uploads and copies that failed, died or were given up. */
export class UnfinishedFiles {
  constructor(
    private readonly files: Pick<FileStore, "find" | "giveUp" | "removeGivenUp">,
    private readonly transfers: Pick<TransferQueue, "cancelUpload">,
    private readonly disposal: Pick<DisposalService, "discard">,
    private readonly quotas: Pick<QuotaService, "release">,
    private readonly log: Logger,
  ) {}

  /**
   * Removes all that there is of a file, by whoever made it or stands in for him; nothing when it has become whole.
   * Safe to repeat, and at the same time as others. What cannot be removed is left to the sweep.
   */
  async remove(file: Pick<File, "id" | "blobId" | "ownerId">): Promise<void> {
    await this.noted(file.id, async () => {
      const isUnfinished = (await this.files.giveUp(file.id, "now")) !== undefined;
      // Somebody else may have removed it, before what is left of it was there.
      if (isUnfinished || (await this.files.find(file.id)) === undefined) {
        await this.removeAll(file, AbortSignal.timeout(CLEAN_UP_MS));
      }
    });
  }

  /** The same where nobody keeps the file alive any more. */
  async removeAbandoned(id: string, signal: AbortSignal): Promise<void> {
    await this.noted(id, async () => {
      const file = await this.files.giveUp(id, "if abandoned");
      if (file !== undefined) await this.removeAll(file, signal);
    });
  }

  /** The file goes last: until then the sweep finds what could not be removed. */
  private async removeAll(
    { id, blobId, ownerId }: Pick<File, "id" | "blobId" | "ownerId">,
    signal: AbortSignal,
  ): Promise<void> {
    await this.transfers.cancelUpload(id);
    await this.disposal.discard(blobId, id, signal);
    await this.quotas.release(ownerId, id);
    await this.files.removeGivenUp(id);
    this.log.info({ fileId: id }, "removed what an unfinished upload or copy left behind");
  }

  private async noted(fileId: string, remove: () => Promise<void>): Promise<void> {
    try {
      await remove();
    } catch (error) {
      this.log.warn({ fileId, err: error }, "an unfinished file is not removed yet; it is tried again");
    }
  }
}
