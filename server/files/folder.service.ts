import type { SignedInViewer, Viewer } from "../kernel/context.js";
import { isAdmin, ownsOrAdministers } from "../kernel/context.js";
import { badInput, conflict, notFound, unauthenticated, unavailable } from "../kernel/errors.js";
import type { AppError } from "../kernel/errors.js";
import { newId } from "../kernel/ids.js";
import type { FolderFilter, FolderSearch, FolderStore, NewFolder, Page, PageRequest } from "./files.ports.js";
import type { FailedUpload, Folder } from "./folder.js";
import { cleanName, freeName, nameKey } from "./names.js";
import type { NameConflict } from "./place.js";

/** Each try is lost to somebody who took that very name in between. */
const MAX_TRIES = 200;
const MAX_AT_ONCE = 100;

export interface WantedFolder {
  name: string;
  parentId?: string | undefined;
  expiresAt?: Date | undefined;
}

interface Wanted {
  search: string;
  below?: string | undefined;
}

/** Two live folders of one owner never have the same name in one folder, without regard to case. */
export class FolderService {
  constructor(private readonly folders: FolderStore) {}

  /** @throws AppError NOT_FOUND when it is missing or somebody else's */
  async get(viewer: Viewer, id: string): Promise<Folder> {
    const folder = await this.folders.find(id);
    if (folder === undefined || folder.purgingAt || !ownsOrAdministers(viewer, folder.ownerId)) {
      throw notFound("Folder");
    }
    return folder;
  }

  /** The folders that one lies in, from the top, and itself. @throws AppError NOT_FOUND as `get` */
  async pathTo(viewer: Viewer, id: string): Promise<Folder[]> {
    const path = [await this.get(viewer, id)];
    for (let parentId = path[0]?.parentId; parentId !== undefined; parentId = path[0]?.parentId) {
      const parent = await this.folders.find(parentId);
      if (parent === undefined) break;
      path.unshift(parent);
    }
    return path;
  }

  /**
   * Like `get`, for whoever puts something into it. Asked before and after: what archives the folder in between either
   * sees the new thing or is seen here.
   * @throws AppError NOT_FOUND; CONFLICT when it is archived
   */
  async getOpen(viewer: Viewer, id: string): Promise<Folder> {
    const folder = await this.get(viewer, id);
    if (folder.archivedAt)
      throw conflict("This folder is archived. Restore it first, or choose another one.");
    return folder;
  }

  /**
   * Those that something is to be done with, each once.
   * @throws AppError as `getOpen`; BAD_USER_INPUT for more than a hundred
   */
  async getAllOpen(viewer: Viewer, ids: readonly string[]): Promise<Folder[]> {
    if (ids.length > MAX_AT_ONCE) throw badInput(`At most ${MAX_AT_ONCE} at once.`, "ids");
    return Promise.all([...new Set(ids)].map((id) => this.getOpen(viewer, id)));
  }

  /** Whether things may be put into it. */
  async isOpen(id: string): Promise<boolean> {
    const folder = await this.folders.find(id);
    return folder !== undefined && folder.archivedAt === undefined && folder.purgingAt === undefined;
  }

  /**
   * Makes an empty folder.
   * @throws AppError UNAUTHENTICATED; BAD_USER_INPUT for the name; NOT_FOUND for the parent; CONFLICT when that is
   * archived, and (FAIL) when the name is taken there
   */
  async create(
    viewer: Viewer,
    input: WantedFolder,
    onConflict: Exclude<NameConflict, "REPLACE"> = "RENAME",
  ): Promise<Folder> {
    if (viewer.kind !== "user") throw unauthenticated();
    const name = cleanName(input.name, "name");
    const { parentId, expiresAt } = input;
    if (parentId !== undefined) await this.getOpen(viewer, parentId);
    const fresh = { id: newId(), name, ownerId: viewer.userId, parentId, expiresAt };
    return this.kept(viewer, await this.make(fresh, onConflict));
  }

  /** A new folder, unless what it lies in was archived meanwhile. */
  private async kept(viewer: Viewer, folder: Folder): Promise<Folder> {
    if (folder.parentId === undefined) return folder;
    await this.getOpen(viewer, folder.parentId).catch(async (error: unknown) => {
      await this.folders.remove(folder.id);
      throw error;
    });
    return folder;
  }

  /**
   * Records a folder under its name or the next one that is free.
   * @throws AppError CONFLICT (FAIL) when the name is taken
   */
  async make(folder: NewFolder, onConflict: Exclude<NameConflict, "REPLACE">): Promise<Folder> {
    const { ownerId, parentId } = folder;
    return this.firstFree(folder.name, { ownerId, parentId }, async (name) => {
      const made = await this.folders.create({ ...folder, name }, "PLACE");
      if (made === "TAKEN" && onConflict === "FAIL") throw folderNameTaken(name);
      return made;
    });
  }

  /**
   * Gives a live folder that has no place, as it was restored or is to replace another, the one where it lies: under its
   * name or the next one that is free. Safe to repeat, and at the same time as others.
   */
  async settle(id: string): Promise<void> {
    const folder = await this.folders.find(id);
    if (folder === undefined) return;
    await this.firstFree(folder.name, folder, (name) => this.folders.settle(id, name));
  }

  /** What an attempt gives for the name, or for the first one with a number, that is not taken. */
  async firstFree<T>(
    wanted: string,
    { ownerId, parentId }: Pick<Folder, "ownerId" | "parentId">,
    attempt: (name: string) => Promise<T | "TAKEN">,
  ): Promise<T> {
    const isTaken = async (name: string): Promise<boolean> =>
      (await this.folders.holderOf(ownerId, parentId, name)) !== undefined;
    let name = wanted;
    for (let i = 0; i < MAX_TRIES; i += 1) {
      const outcome = await attempt(name);
      if (outcome !== "TAKEN") return outcome;
      name = await freeName(wanted, isTaken);
    }
    throw tooBusy();
  }

  /** The viewer's folders in `parentId`, or at the top. */
  async list(viewer: Viewer, parentId: string | undefined, page: PageRequest): Promise<Page<Folder>> {
    return this.folders.list(await this.within(viewer, parentId), page);
  }

  async count(viewer: Viewer, parentId: string | undefined): Promise<number> {
    return this.folders.count(await this.within(viewer, parentId));
  }

  /**
   * Folders that are not archived, by name, wherever they lie: the viewer's, or everybody's for an administrator.
   * @param below only those in this folder, at any depth
   * @throws AppError UNAUTHENTICATED; NOT_FOUND for `below`
   */
  async search(viewer: Viewer, where: Wanted, page: PageRequest): Promise<Page<Folder>> {
    return this.folders.search(await this.searched(viewer, where), page);
  }

  async countFound(viewer: Viewer, where: Wanted): Promise<number> {
    return this.folders.countFound(await this.searched(viewer, where));
  }

  addFailures(folder: Folder, failures: readonly FailedUpload[]): Promise<void> {
    return this.folders.addFailures(folder.id, failures);
  }

  dropFailures(folder: Folder, paths: readonly string[]): Promise<void> {
    return this.folders.dropFailures(folder.id, paths);
  }

  /** A function that gives the id of the folder at a relative path below `root`, making what is missing. */
  tree(viewer: SignedInViewer, root: Folder): (folders: readonly string[]) => Promise<string> {
    const made = new Map<string, Promise<string>>([["", Promise.resolve(root.id)]]);
    const at = (folders: readonly string[]): Promise<string> => {
      const key = nameKey(folders.join("/"));
      const known = made.get(key);
      if (known !== undefined) return known;
      const making = at(folders.slice(0, -1)).then(async (parentId) => {
        return this.obtain(viewer, { name: folders.at(-1) ?? "", parentId, expiresAt: root.expiresAt });
      });
      made.set(key, making);
      return making;
    };
    return at;
  }

  /** The folder of this name: the one that is there, or a new one. */
  private async obtain(viewer: SignedInViewer, wanted: WantedFolder): Promise<string> {
    const { name, parentId, expiresAt } = wanted;
    const ownerId = viewer.userId;
    for (let i = 0; i < MAX_TRIES; i += 1) {
      const there = await this.folders.holderOf(ownerId, parentId, name);
      if (there !== undefined) return there;
      const fresh = { id: newId(), name, ownerId, parentId, expiresAt };
      const made = await this.folders.create(fresh, "PLACE");
      if (made !== "TAKEN") return (await this.kept(viewer, made)).id;
    }
    throw tooBusy();
  }

  private async searched(viewer: Viewer, { search, below }: Wanted): Promise<FolderSearch> {
    if (viewer.kind !== "user") throw unauthenticated();
    if (below !== undefined) await this.get(viewer, below);
    const whose = isAdmin(viewer) ? {} : { ownerId: viewer.userId };
    return { search, ...whose, ...(below === undefined ? {} : { below }) };
  }

  /** An archived folder shows what is archived in it. */
  private async within(viewer: Viewer, parentId: string | undefined): Promise<FolderFilter> {
    if (viewer.kind !== "user") throw unauthenticated();
    if (parentId === undefined) return { ownerId: viewer.userId, parentId, archived: false };
    const { ownerId, archivedAt } = await this.get(viewer, parentId);
    return { ownerId, parentId, archived: archivedAt !== undefined };
  }
}

/** @param field what to change: the name, or the policy of what does not name it */
export function folderNameTaken(name: string, field: "name" | "onConflict" = "name"): AppError {
  return conflict(`There is another folder named “${name}” there. Choose another name or policy.`, field);
}

function tooBusy(): AppError {
  return unavailable("Too many folders want this name at this moment. Try again.");
}
