import { setTimeout as delay } from "node:timers/promises";
import type { ChainLink, FolderPlaces, Page, PageRequest } from "../files/files.ports.js";
import type { Folder } from "../files/folder.js";
import type { FolderService } from "../files/folder.service.js";
import type { AuditTrail } from "../kernel/audit.js";
import { isAdmin, ownsOrAdministers } from "../kernel/context.js";
import type { Viewer } from "../kernel/context.js";
import { withEach } from "../kernel/each.js";
import type { AppError } from "../kernel/errors.js";
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
    private readonly places: Pick<FolderPlaces, "chain">,
    private readonly names: Pick<FolderService, "settle">,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Archives all of these folders or none. Safe to repeat.
   * @throws AppError NOT_FOUND when one is missing or somebody else's
   */
  async archive(viewer: Viewer, ids: readonly string[], reason?: string): Promise<Folder[]> {
    for (const folder of await this.all(viewer, ids)) {
      const stamp = stampOf(viewer, folder.ownerId, reason);
      const change = await this.begin(folder.id, "ARCHIVED");
      if (change !== undefined) {
        if (!(await this.folders.commitArchive(change, stamp))) throw isBusy();
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
   * comes back at the top. Where its name is taken by now it gets a number. Safe to repeat.
   * @throws AppError NOT_FOUND; FORBIDDEN when an administrator archived one and the viewer is none
   */
  async restore(viewer: Viewer, ids: readonly string[]): Promise<Folder[]> {
    const folders = await this.all(viewer, ids);
    for (const folder of folders) assertMayRestore(viewer, folder);
    for (const folder of folders) {
      const change = await this.begin(folder.id, "LIVE");
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
    await withEach(await this.folders.unfinished(PER_SWEEP), (change) => this.finish(change));
  }

  /**
   * Marks a folder once nothing else happens to it or to a folder above it. Who marks one above it later sees the mark and
   * waits; who was faster is seen here, and comes first.
   * @returns undefined when it is archived (live) already
   */
  private async begin(id: string, to: FolderChange["to"]): Promise<FolderChange | undefined> {
    for (const until = Date.now() + PATIENCE_MS; Date.now() < until; await delay(LOOK_AGAIN_MS)) {
      const through = await this.above(id);
      const change = await this.folders.begin(
        id,
        to,
        through.map((link) => link.id),
      );
      if (change === undefined && !(await this.folders.isChanging(id))) return undefined;
      if (change === undefined) continue;
      const again = await this.above(id);
      const isSame = again.map((link) => link.id).join() === through.map((link) => link.id).join();
      if (isSame && !again.some(({ isChanging }) => isChanging)) return change;
      await this.folders.endChange(change);
    }
    throw isBusy();
  }

  private async above(id: string): Promise<ChainLink[]> {
    return (await this.places.chain(id)).slice(1);
  }

  /** Whoever changes a folder in this one sees our mark and stays out; those who were faster come to an end first. */
  private async whenStill(id: string): Promise<void> {
    for (let waited = 0; await this.folders.isMovedThrough(id); waited += LOOK_AGAIN_MS) {
      if (waited > PATIENCE_MS)
        throw conflict("A folder in this one is being changed. It is archived or restored right after that.");
      await delay(LOOK_AGAIN_MS);
    }
  }

  private async finish(change: FolderChange): Promise<void> {
    const { folderId, to } = change;
    await this.whenStill(folderId);
    if (to === "LIVE") {
      await this.folders.commitRestore(change);
      const [folder] = await this.folders.findMany([folderId]);
      const [parent] = folder?.parentId === undefined ? [] : await this.folders.findMany([folder.parentId]);
      const isShut =
        parent === undefined || parent.archivedAt !== undefined || parent.purgingAt !== undefined;
      if (folder?.parentId !== undefined && isShut) await this.folders.moveToTop(folderId);
      await this.names.settle(folderId);
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

function isBusy(): AppError {
  return conflict("This folder is being archived, restored or moved at this moment. Try again shortly.");
}
