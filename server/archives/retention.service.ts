import type { ArchiveMark } from "../kernel/archived.js";
import { withEach } from "../kernel/each.js";
import type { FileArchive, FolderArchive, MarkedThing } from "./archives.ports.js";
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
    const folders = await this.folders.findMany(await this.folders.expired(this.days, PER_SWEEP));
    await withEach(folders, (folder) => this.begin("FOLDER", folder), signal);
    const files = await this.files.findMany(await this.files.expired(this.days, PER_SWEEP));
    await withEach(files, (file) => this.begin("FILE", file), signal);
  }

  /** A folder takes all that is in it along. */
  private async sweepOver(signal: AbortSignal): Promise<void> {
    const over = "ITS TIME IS OVER" as const;
    const folders = await this.folders.over(PER_SWEEP);
    await withEach(folders, (folder) => this.begin("FOLDER", folder, over), signal);
    const files = await this.files.over(PER_SWEEP);
    await withEach(files, (file) => this.begin("FILE", file, over), signal);
  }

  private begin(
    kind: "FILE" | "FOLDER",
    { id, name, ownerId }: Pick<MarkedThing, "id" | "name" | "ownerId">,
    because?: "ITS TIME IS OVER",
  ): Promise<void> {
    return this.purges.begin("system", kind, { id, name, ownerId, ...NOBODY }, because);
  }
}
