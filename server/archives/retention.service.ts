import type { ArchiveMark } from "../kernel/archived.js";
import type { FileArchive, FolderArchive } from "./archives.ports.js";
import type { PurgeService } from "./purge.service.js";

const DAY_MS = 86_400_000;
const PER_SWEEP = 100;
const NOBODY = { purgeById: undefined, parentId: undefined, handOverTo: undefined };

/**
 * Purges files and folders that have been archived for long enough, and those without an owner whose time is over.
 * Accounts are purged by people only.
 */
export class RetentionService {
  constructor(
    private readonly files: FileArchive,
    private readonly folders: FolderArchive,
    private readonly purges: PurgeService,
    private readonly days: number | undefined,
  ) {}

  /** When a thing is purged by itself; undefined: never, or not before it is archived. */
  expiryOf({ archivedAt, expiresAt }: ArchiveMark & { expiresAt: Date | undefined }): Date | undefined {
    if (archivedAt === undefined || this.days === undefined) return expiresAt;
    const retained = new Date(archivedAt.getTime() + this.days * DAY_MS);
    return expiresAt !== undefined && expiresAt < retained ? expiresAt : retained;
  }

  async sweep(signal: AbortSignal): Promise<void> {
    await this.sweepOver(signal);
    if (this.days === undefined) return;
    const folderIds = await this.folders.expired(this.days, PER_SWEEP);
    for (const { id, name, ownerId } of await this.folders.findMany(folderIds)) {
      signal.throwIfAborted();
      await this.purges.begin("system", "FOLDER", { id, name, ownerId, ...NOBODY });
    }
    const fileIds = await this.files.expired(this.days, PER_SWEEP);
    for (const { id, name, ownerId } of await this.files.findMany(fileIds)) {
      signal.throwIfAborted();
      await this.purges.begin("system", "FILE", { id, name, ownerId, ...NOBODY });
    }
  }

  /** A folder takes all that is in it along. */
  private async sweepOver(signal: AbortSignal): Promise<void> {
    for (const { id, name, ownerId } of await this.folders.over(PER_SWEEP)) {
      signal.throwIfAborted();
      await this.purges.begin("system", "FOLDER", { id, name, ownerId, ...NOBODY }, "ITS TIME IS OVER");
    }
    for (const { id, name, ownerId } of await this.files.over(PER_SWEEP)) {
      signal.throwIfAborted();
      await this.purges.begin("system", "FILE", { id, name, ownerId, ...NOBODY }, "ITS TIME IS OVER");
    }
  }
}
