import { setTimeout as delay } from "node:timers/promises";
import type { AuditTrail } from "../kernel/audit.js";
import type { SignedInViewer, Viewer } from "../kernel/context.js";
import { withEach } from "../kernel/each.js";
import { badInput, conflict, notFound, unauthenticated } from "../kernel/errors.js";
import { newId } from "../kernel/ids.js";
import type { CreateFolderInput } from "./file.input.js";
import type { FolderPlace, FolderPlaces, FolderStore } from "./files.ports.js";
import type { FolderShelf } from "./folder-copy.ports.js";
import type { Folder } from "./folder.js";
import { folderNameTaken } from "./folder.service.js";
import type { FolderService } from "./folder.service.js";
import { cleanName, nameKey } from "./names.js";
import type { NameConflict } from "./place.js";

const PATIENCE_MS = 10_000;
const BACK_OFF_MS = 40;
const PER_SWEEP = 20;
/** Each time another one has taken the place of the one that was archived. */
const MAX_REPLACED = 100;

/** A folder that is marked as being moved, and where it wants to go. */
interface Claim {
  id: string;
  ownerId: string;
  run: string;
  place: FolderPlace;
  onConflict: NameConflict;
}

/**
 * Makes, renames and moves folders. Two never have the same name in one place, without regard to case: see FolderStore.
 *
 * A move marks its folder first, with all folders above it before and after, and then looks whether one of those is
 * being moved, archived or restored, or whether another move passes through its own folder. Of two that are in each
 * other's way at least one sees the other's mark, takes its own back and tries again: no two moves can make a circle,
 * and nothing is moved into what is just being archived. Whoever archives waits for the moves through his folder.
 *
 * To replace another folder is a move too: where it goes is written down, then the other one is archived, which frees
 * the place. Whatever dies in between, a sweep takes it there, or leaves it where it was as the other one still is there.
 */
export class FolderPlaceService {
  constructor(
    private readonly stores: { places: FolderPlaces; folders: Pick<FolderStore, "holderOf"> },
    private readonly folders: FolderService,
    private readonly shelf: FolderShelf,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Makes an empty folder.
   * @throws AppError BAD_USER_INPUT for the name; NOT_FOUND for the parent; CONFLICT when that is archived, and (FAIL)
   * when the name is taken
   */
  async create(viewer: Viewer, input: CreateFolderInput, onConflict: NameConflict): Promise<Folder> {
    const wanted = { name: input.name, parentId: input.parentId ?? undefined };
    if (onConflict !== "REPLACE") return this.folders.create(viewer, wanted, onConflict);
    const made = await this.folders.create(viewer, wanted, "RENAME");
    return nameKey(made.name) === nameKey(wanted.name)
      ? made
      : this.rename(viewer, made.id, wanted.name, "REPLACE");
  }

  /** @throws AppError NOT_FOUND, BAD_USER_INPUT; CONFLICT while it is archived, and (FAIL) when the name is taken */
  async rename(viewer: Viewer, id: string, newName: string, onConflict: NameConflict): Promise<Folder> {
    if (viewer.kind !== "user") throw unauthenticated();
    const folder = await this.folders.getOpen(viewer, id);
    const name = cleanName(newName, "name");
    const renamed = await this.renamed(viewer, folder, name, onConflict);
    if (renamed === undefined) throw conflict("This folder was archived or removed at this moment.");
    await this.tell(viewer, "folder.renamed", folder, { name: folder.name }, { name: renamed.name });
    return renamed;
  }

  /**
   * Moves folders with all that is in them, one after the other.
   * @param parentId undefined: to the top
   * @throws AppError NOT_FOUND when one is missing or foreign: nothing is moved then; BAD_USER_INPUT when one would lie
   * in itself; CONFLICT when one is archived, or busy for ten seconds, and (FAIL) when a name is taken there: nothing is
   * moved either unless somebody takes it meanwhile
   */
  async move(
    viewer: Viewer,
    ids: readonly string[],
    parentId: string | undefined,
    onConflict: NameConflict,
  ): Promise<Folder[]> {
    if (viewer.kind !== "user") throw unauthenticated();
    const folders = await this.folders.getAllOpen(viewer, ids);
    const parent = parentId === undefined ? undefined : await this.folders.getOpen(viewer, parentId);
    if (parent && folders.some(({ ownerId }) => ownerId !== parent.ownerId)) throw notFound("Folder");
    for (const { id } of folders) await this.chainTo(id, parentId);
    if (onConflict === "FAIL") await this.assertFree(folders, parentId);
    for (const folder of folders) {
      const moved = await this.send(viewer, folder, { name: folder.name, parentId }, onConflict);
      await this.tell(viewer, "folder.moved", folder, whereOf(folder), whereOf(moved));
    }
    return Promise.all(folders.map(({ id }) => this.folders.get(viewer, id)));
  }

  /** Finishes moves whose process died: what it had decided is carried out, what it had not stays where it was. */
  async sweep(): Promise<void> {
    const { places } = this.stores;
    await withEach(await places.unfinishedMoves(PER_SWEEP), async ({ id, run, intended }) => {
      if (intended !== undefined) await places.commit(id, run, intended);
      await this.finish(id, run);
    });
  }

  private async renamed(
    viewer: SignedInViewer,
    folder: Folder,
    name: string,
    onConflict: NameConflict,
  ): Promise<Folder | undefined> {
    if (onConflict === "REPLACE")
      return this.send(viewer, folder, { name, parentId: folder.parentId }, onConflict);
    return this.folders.firstFree(name, folder, async (candidate) => {
      const renamed = await this.stores.places.rename(folder.id, candidate);
      if (renamed === "TAKEN" && onConflict === "FAIL") throw folderNameTaken(candidate);
      return renamed;
    });
  }

  private async send(
    viewer: SignedInViewer,
    folder: Folder,
    place: FolderPlace,
    onConflict: NameConflict,
  ): Promise<Folder> {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      const there = await this.trySend(viewer, folder, place, onConflict);
      if (there !== undefined) return there;
      if (Date.now() > until) {
        throw conflict("Something else is being done with these folders at this moment. Try again shortly.");
      }
      await delay(BACK_OFF_MS * (1 + Math.random()));
    }
  }

  /** @returns undefined when somebody is in the way */
  private async trySend(
    viewer: SignedInViewer,
    { id, ownerId }: Folder,
    place: FolderPlace,
    onConflict: NameConflict,
  ): Promise<Folder | undefined> {
    const { places } = this.stores;
    const run = newId();
    const { through } = await this.chainTo(id, place.parentId);
    if (!(await places.begin(id, run, through))) {
      await this.assertOpen(id);
      return undefined;
    }
    let there: Folder | undefined;
    try {
      const again = await this.chainTo(id, place.parentId);
      const isFree =
        !again.isBusy && again.through.join() === through.join() && !(await places.isMovedThrough(id, id));
      if (isFree) there = await this.take(viewer, { id, ownerId, run, place, onConflict });
    } finally {
      if (there === undefined) await places.end(id, run);
    }
    // A failure here leaves the mark, which calls the sweep.
    if (there !== undefined) await this.finish(id, run);
    return there;
  }

  /** @returns undefined when it was archived meanwhile */
  private async take(
    viewer: SignedInViewer,
    { id, ownerId, run, place, onConflict }: Claim,
  ): Promise<Folder | undefined> {
    const { name, parentId } = place;
    return this.folders.firstFree(name, { ownerId, parentId }, async (candidate) => {
      const there = await this.stores.places.commit(id, run, { name: candidate, parentId });
      if (there !== "TAKEN") return there;
      if (onConflict === "FAIL") throw folderNameTaken(name, "onConflict");
      if (onConflict === "RENAME") return there;
      return this.replace(viewer, { id, ownerId, run, place });
    });
  }

  private async replace(
    viewer: SignedInViewer,
    { id, ownerId, run, place }: Omit<Claim, "onConflict">,
  ): Promise<Folder | "TAKEN" | undefined> {
    const { places, folders } = this.stores;
    for (let i = 0; i < MAX_REPLACED; i += 1) {
      const holder = await folders.holderOf(ownerId, place.parentId, place.name);
      if (holder !== undefined) {
        if ((await places.chain(id)).some((link) => link.id === holder)) {
          throw conflict(
            "The folder of this name contains this one: it cannot be replaced by it.",
            "onConflict",
          );
        }
        await places.intend(id, run, place);
        await this.shelf.archive(viewer, [holder], "Replaced by another folder of this name.");
      }
      const there = await places.commit(id, run, place);
      if (there !== "TAKEN") return there;
    }
    return "TAKEN";
  }

  private async finish(id: string, run: string): Promise<void> {
    await this.stores.places.carryOut(id);
    await this.folders.settle(id);
    await this.stores.places.end(id, run);
  }

  /** @throws AppError CONFLICT for the first whose name is taken there, also by another of them */
  private async assertFree(folders: readonly Folder[], parentId: string | undefined): Promise<void> {
    const wanted = new Set<string>();
    for (const { id, ownerId, name } of folders) {
      const holder = await this.stores.folders.holderOf(ownerId, parentId, name);
      const isTaken = (holder !== undefined && holder !== id) || wanted.has(nameKey(name));
      if (isTaken) throw folderNameTaken(name, "onConflict");
      wanted.add(nameKey(name));
    }
  }

  /**
   * The folders above it now, and those above its new place.
   * @throws AppError BAD_USER_INPUT when it is one of the latter; CONFLICT when one of those is archived
   */
  private async chainTo(
    id: string,
    parentId: string | undefined,
  ): Promise<{ through: string[]; isBusy: boolean }> {
    const [, ...above] = await this.stores.places.chain(id);
    const target = parentId === undefined ? [] : await this.stores.places.chain(parentId);
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
    const [folder] = await this.stores.places.chain(id);
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

function whereOf({ name, parentId }: Folder): Record<string, string | null> {
  return { name, parentId: parentId ?? null };
}
