import type { ArchiveMark } from "../kernel/archived.js";
import type { FileArchive, FolderArchive } from "./archives.ports.js";
import type { PurgeService } from "./purge.service.js";

const DAY_MS = 86_400_000;
const PER_SWEEP = 100;

/** Purges files and folders that have been archived for long enough. Accounts are purged by people only. */
export class RetentionService {
  constructor(
    private readonly files: FileArchive,
    private readonly folders: FolderArchive,
    private readonly purges: PurgeService,
    private readonly days: number | undefined,
  ) {}

  /** When an archived thing is purged by itself; undefined: never, or it is not archived. */
  expiryOf({ archivedAt }: ArchiveMark): Date | undefined {
    if (archivedAt === undefined || this.days === undefined) return undefined;
    return new Date(archivedAt.getTime() + this.days * DAY_MS);
  }

  async sweep(signal: AbortSignal): Promise<void> {
    if (this.days === undefined) return;
    const nobody = { purgeById: undefined, parentId: undefined, handOverTo: undefined };
    const folderIds = await this.folders.expired(this.days, PER_SWEEP);
    for (const { id, name, ownerId } of await this.folders.findMany(folderIds)) {
      signal.throwIfAborted();
      await this.purges.begin("system", "FOLDER", { id, name, ownerId, ...nobody });
    }
    const fileIds = await this.files.expired(this.days, PER_SWEEP);
    for (const { id, name, ownerId } of await this.files.findMany(fileIds)) {
      signal.throwIfAborted();
      await this.purges.begin("system", "FILE", { id, name, ownerId, ...nobody });
    }
  }
}
