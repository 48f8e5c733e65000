import { setTimeout as delay } from "node:timers/promises";
import type { AuditTrail } from "../kernel/audit.js";
import type { Viewer } from "../kernel/context.js";
import { badInput, conflict, notFound } from "../kernel/errors.js";
import { newId } from "../kernel/ids.js";
import type { FolderPlaces } from "./files.ports.js";
import type { Folder } from "./folder.js";
import type { FolderService } from "./folder.service.js";
import { cleanName } from "./names.js";

const PATIENCE_MS = 10_000;
const BACK_OFF_MS = 40;
const MAX_AT_ONCE = 100;
const PER_SWEEP = 20;

/**
 * Renames and moves folders. Folders may share a name, as batches do.
 *
 * A move marks its folder first, with all folders above it before and after, and then looks whether one of those is
 * being moved, archived or restored, or whether another move passes through its own folder. Of two that are in each
 * other's way at least one sees the other's mark, takes its own back and tries again: no two moves can make a circle,
 * and nothing is moved into what is just being archived. Whoever archives waits for the moves through his folder.
 */
export class FolderPlaceService {
  constructor(
    private readonly places: FolderPlaces,
    private readonly folders: FolderService,
    private readonly audit: AuditTrail,
  ) {}

  /** @throws AppError NOT_FOUND, BAD_USER_INPUT; CONFLICT while it is archived */
  async rename(viewer: Viewer, id: string, newName: string): Promise<Folder> {
    const folder = await this.folders.getOpen(viewer, id);
    const renamed = await this.places.rename(id, cleanName(newName, "name"));
    if (renamed === undefined) throw conflict("This folder was archived or removed at this moment.");
    await this.tell(viewer, "folder.renamed", folder, { name: folder.name }, { name: renamed.name });
    return renamed;
  }

  /**
   * Moves folders with all that is in them, one after the other.
   * @param parentId undefined: to the top
   * @throws AppError NOT_FOUND when one is missing or foreign: nothing is moved then; BAD_USER_INPUT when one would lie
   * in itself; CONFLICT when one is archived, or busy for ten seconds
   */
  async move(viewer: Viewer, ids: readonly string[], parentId: string | undefined): Promise<Folder[]> {
    if (ids.length > MAX_AT_ONCE) throw badInput(`At most ${MAX_AT_ONCE} at once.`, "ids");
    const folders = await Promise.all([...new Set(ids)].map((id) => this.folders.getOpen(viewer, id)));
    const parent = parentId === undefined ? undefined : await this.folders.getOpen(viewer, parentId);
    if (parent && folders.some(({ ownerId }) => ownerId !== parent.ownerId)) throw notFound("Folder");
    for (const { id } of folders) await this.chainTo(id, parentId);
    for (const folder of folders) {
      await this.moveOne(folder.id, parentId);
      const where = (folderId: string | undefined) => ({ parentId: folderId ?? null });
      await this.tell(viewer, "folder.moved", folder, where(folder.parentId), where(parentId));
    }
    return Promise.all(folders.map(({ id }) => this.folders.get(viewer, id)));
  }

  /** Finishes moves whose process died: what it had decided is carried out, what it had not stays where it was. */
  async sweep(): Promise<void> {
    for (const id of await this.places.unfinishedMoves(PER_SWEEP)) {
      await this.places.carryOut(id);
      await this.places.end(id);
    }
  }

  private async moveOne(id: string, parentId: string | undefined): Promise<void> {
    const until = Date.now() + PATIENCE_MS;
    while (!(await this.tryMove(id, parentId))) {
      if (Date.now() > until) {
        throw conflict("Something else is being done with these folders at this moment. Try again shortly.");
      }
      await delay(BACK_OFF_MS * (1 + Math.random()));
    }
  }

  /** @returns false when somebody is in the way */
  private async tryMove(id: string, parentId: string | undefined): Promise<boolean> {
    const run = newId();
    const { through } = await this.chainTo(id, parentId);
    if (!(await this.places.begin(id, run, through))) {
      await this.assertOpen(id);
      return false;
    }
    let isDecided = false;
    try {
      const again = await this.chainTo(id, parentId);
      const isFree =
        !again.isBusy &&
        again.through.join() === through.join() &&
        !(await this.places.isMovedThrough(id, id));
      isDecided = isFree && (await this.places.commit(id, run, parentId));
    } finally {
      if (!isDecided) await this.places.end(id, run);
    }
    if (!isDecided) return false;
    // A failure here leaves the mark, which calls the sweep.
    await this.places.carryOut(id);
    await this.places.end(id, run);
    return true;
  }

  /**
   * The folders above it now, and those above its new place.
   * @throws AppError BAD_USER_INPUT when it is one of the latter; CONFLICT when one of those is archived
   */
  private async chainTo(
    id: string,
    parentId: string | undefined,
  ): Promise<{ through: string[]; isBusy: boolean }> {
    const [, ...above] = await this.places.chain(id);
    const target = parentId === undefined ? [] : await this.places.chain(parentId);
    if (target.some((link) => link.id === id)) {
      throw badInput("A folder cannot be moved into itself or into a folder that it contains.", "folderId");
    }
    if (target.some(({ isShut }) => isShut)) {
      throw conflict("This folder is archived. Restore it first, or choose another one.", "folderId");
    }
    const links = [...above, ...target];
    return {
      through: [...new Set(links.map((link) => link.id))],
      isBusy: links.some((one) => one.isChanging),
    };
  }

  private async assertOpen(id: string): Promise<void> {
    const [folder] = await this.places.chain(id);
    if (folder === undefined) throw notFound("Folder");
    if (folder.isShut) throw conflict("This folder is archived. Restore it first.");
  }

  private async tell(
    viewer: Viewer,
    action: "folder.renamed" | "folder.moved",
    { id, name, ownerId }: Folder,
    before: Record<string, string | null>,
    after: Record<string, string | null>,
  ): Promise<void> {
    if (viewer.kind === "user" && viewer.userId === ownerId) return;
    await this.audit.record(viewer, { action, target: { kind: "folder", id, name }, before, after });
  }
}
