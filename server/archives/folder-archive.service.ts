import { setTimeout as delay } from "node:timers/promises";
import type { Page, PageRequest } from "../files/files.ports.js";
import type { Folder } from "../files/folder.js";
import type { AuditTrail } from "../kernel/audit.js";
import { isAdmin, ownsOrAdministers } from "../kernel/context.js";
import type { Viewer } from "../kernel/context.js";
import { conflict, notFound, unauthenticated } from "../kernel/errors.js";
import { allOf, assertFewEnough, assertMayRestore, stampOf } from "./archive.js";
import type { ArchivedFolderFilter, FolderArchive, FolderChange } from "./archives.ports.js";

const PATIENCE_MS = 10_000;
const LOOK_AGAIN_MS = 50;
const PER_SWEEP = 20;

/**
 * Hides folders with all that is in them, and brings back exactly that. What is to happen is written onto the folder
 * first: a sweep finishes what a process left half done.
 */
export class FolderArchiveService {
  constructor(
    private readonly folders: FolderArchive,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Archives all of these folders or none. Safe to repeat.
   * @throws AppError NOT_FOUND when one is missing or somebody else's
   */
  async archive(viewer: Viewer, ids: readonly string[], reason?: string): Promise<Folder[]> {
    for (const folder of await this.all(viewer, ids)) {
      const stamp = stampOf(viewer, folder.ownerId, reason);
      await this.whenSettled(folder.id);
      const change = await this.folders.beginArchive(folder.id, stamp);
      if (change !== undefined) {
        await this.finish(change);
        await this.tell(viewer, "folder.archived", folder, reason);
      } else if (stamp.byAdmin && !folder.archivedByAdmin) {
        await this.folders.takeOver(folder.id, stamp);
        await this.tell(viewer, "folder.archived", folder, reason);
      }
    }
    return this.all(viewer, ids);
  }

  /**
   * Restores all of these folders or none, each with what was archived with it; one whose parent is archived or gone
   * comes back at the top. Safe to repeat.
   * @throws AppError NOT_FOUND; FORBIDDEN when an administrator archived one and the viewer is none
   */
  async restore(viewer: Viewer, ids: readonly string[]): Promise<Folder[]> {
    const folders = await this.all(viewer, ids);
    for (const folder of folders) assertMayRestore(viewer, folder);
    for (const folder of folders) {
      await this.whenSettled(folder.id);
      const change = await this.folders.beginRestore(folder.id);
      if (change === undefined) continue;
      await this.finish(change);
      await this.tell(viewer, "folder.restored", folder);
    }
    return this.all(viewer, ids);
  }

  /**
   * Archived folders of the viewer, latest first; an administrator sees everybody's.
   * @throws AppError UNAUTHENTICATED; NOT_FOUND for somebody else's `archivedById`
   */
  async list(
    viewer: Viewer,
    filter: Pick<ArchivedFolderFilter, "archivedById">,
    page: PageRequest,
  ): Promise<Page<Folder>> {
    return this.folders.list(visibleTo(viewer, filter), page);
  }

  async count(viewer: Viewer, filter: Pick<ArchivedFolderFilter, "archivedById">): Promise<number> {
    return this.folders.count(visibleTo(viewer, filter));
  }

  /** @throws AppError NOT_FOUND */
  async all(viewer: Viewer, ids: readonly string[]): Promise<Folder[]> {
    if (viewer.kind !== "user") throw unauthenticated();
    assertFewEnough(ids);
    const maySee = (folder: Folder): boolean =>
      folder.purgingAt === undefined && ownsOrAdministers(viewer, folder.ownerId);
    return allOf(ids, await this.folders.findMany(ids), maySee, "Folder");
  }

  /** Finishes what a process left half done. */
  async sweep(): Promise<void> {
    for (const change of await this.folders.unfinished(PER_SWEEP)) await this.finish(change);
  }

  /** Two at once carry out the same; an archiving and a restoring come one after the other. */
  private async whenSettled(id: string): Promise<void> {
    for (let waited = 0; await this.folders.isChanging(id); waited += LOOK_AGAIN_MS) {
      if (waited > PATIENCE_MS)
        throw conflict("This folder is being archived, restored or moved at this moment. Try again shortly.");
      await delay(LOOK_AGAIN_MS);
    }
  }

  /** Whoever moves a folder sees our mark and stays out; those who were faster come to an end first. */
  private async whenStill(id: string): Promise<void> {
    for (let waited = 0; await this.folders.isMovedThrough(id); waited += LOOK_AGAIN_MS) {
      if (waited > PATIENCE_MS)
        throw conflict("A folder in this one is being moved. It is archived or restored right after that.");
      await delay(LOOK_AGAIN_MS);
    }
  }

  private async finish(change: FolderChange): Promise<void> {
    const { folderId, to } = change;
    await this.whenStill(folderId);
    if (to === "LIVE") {
      const [folder] = await this.folders.findMany([folderId]);
      const [parent] = folder?.parentId === undefined ? [] : await this.folders.findMany([folder.parentId]);
      const isShut =
        parent === undefined || parent.archivedAt !== undefined || parent.purgingAt !== undefined;
      if (folder?.parentId !== undefined && isShut) await this.folders.moveToTop(folderId);
    }
    await this.folders.carryOut(change);
    await this.folders.endChange(change);
  }

  private tell(
    viewer: Viewer,
    action: "folder.archived" | "folder.restored",
    folder: Folder,
    reason?: string,
  ) {
    const target = { kind: "folder", id: folder.id, name: folder.name } as const;
    const isArchived = action === "folder.archived";
    return this.audit.record(viewer, {
      ...{ action, target, before: { archived: !isArchived }, after: { archived: isArchived } },
      ...(reason === undefined ? {} : { reason }),
    });
  }
}

/** @throws AppError UNAUTHENTICATED; NOT_FOUND for somebody else's `archivedById` */
function visibleTo(viewer: Viewer, filter: ArchivedFolderFilter): ArchivedFolderFilter {
  if (viewer.kind !== "user") throw unauthenticated();
  if (isAdmin(viewer)) return filter;
  const { archivedById } = filter;
  if (archivedById !== undefined && archivedById !== viewer.userId) throw notFound("User");
  return { ...filter, ownerId: viewer.userId };
}
