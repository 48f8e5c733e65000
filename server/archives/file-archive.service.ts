import type { FilePlaceService } from "../files/file-place.service.js";
import type { File } from "../files/file.js";
import type { AuditTrail } from "../kernel/audit.js";
import { ownsOrAdministers } from "../kernel/context.js";
import type { Viewer } from "../kernel/context.js";
import { unauthenticated } from "../kernel/errors.js";
import { allOf, assertFewEnough, assertMayRestore, stampOf } from "./archive.js";
import type { FileArchive } from "./archives.ports.js";

/**
 * Hides files and brings them back. A transfer under way goes on meanwhile: archived bytes are kept, and are as safe as
 * any; restoring has nothing to start again.
 */
export class FileArchiveService {
  constructor(
    private readonly files: FileArchive,
    private readonly places: Pick<FilePlaceService, "settleSoon">,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Archives all of these files or none. Safe to repeat; what an owner archived becomes the administrator's.
   * @throws AppError NOT_FOUND when one is missing or somebody else's
   */
  async archive(viewer: Viewer, ids: readonly string[], reason?: string): Promise<File[]> {
    for (const file of await this.all(viewer, ids)) {
      const changed = await this.files.archive(file.id, stampOf(viewer, file.ownerId, reason));
      if (changed !== undefined) await this.tell(viewer, "file.archived", changed, reason);
    }
    return this.all(viewer, ids);
  }

  /**
   * Restores all of these files or none; one whose folder is archived or gone comes back at the top, and one whose
   * name was given to another file meanwhile gets a number. Safe to repeat.
   * @throws AppError NOT_FOUND; FORBIDDEN when an administrator archived one and the viewer is none
   */
  async restore(viewer: Viewer, ids: readonly string[]): Promise<File[]> {
    const files = await this.all(viewer, ids);
    for (const file of files) assertMayRestore(viewer, file);
    for (const { id, archivedAt } of files) {
      if (archivedAt === undefined) continue;
      const file = await this.files.restore(id);
      if (file === undefined) continue;
      await this.tell(viewer, "file.restored", await this.places.settleSoon(file));
    }
    return this.all(viewer, ids);
  }

  /** @throws AppError NOT_FOUND */
  async all(viewer: Viewer, ids: readonly string[]): Promise<File[]> {
    if (viewer.kind !== "user") throw unauthenticated();
    assertFewEnough(ids);
    const maySee = (file: File): boolean =>
      file.purgingAt === undefined && ownsOrAdministers(viewer, file.ownerId);
    return allOf(ids, await this.files.findMany(ids), maySee, "File");
  }

  private tell(viewer: Viewer, action: "file.archived" | "file.restored", file: File, reason?: string) {
    const target = { kind: "file", id: file.id, name: file.name } as const;
    const isArchived = action === "file.archived";
    return this.audit.record(viewer, {
      ...{ action, target, before: { archived: !isArchived }, after: { archived: isArchived } },
      ...(reason === undefined ? {} : { reason }),
    });
  }
}
