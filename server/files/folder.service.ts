import type { SignedInViewer, Viewer } from "../kernel/context.js";
import { ownsOrAdministers } from "../kernel/context.js";
import { conflict, notFound, unauthenticated } from "../kernel/errors.js";
import { newId } from "../kernel/ids.js";
import type { FolderFilter, FolderStore, Page, PageRequest } from "./files.ports.js";
import type { FailedUpload, Folder } from "./folder.js";
import { cleanName } from "./names.js";

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

  /** Whether things may be put into it. */
  async isOpen(id: string): Promise<boolean> {
    const folder = await this.folders.find(id);
    return folder !== undefined && folder.archivedAt === undefined && folder.purgingAt === undefined;
  }

  async create(
    viewer: Viewer,
    input: { name: string; parentId?: string | undefined; expiresAt?: Date | undefined },
  ): Promise<Folder> {
    if (viewer.kind !== "user") throw unauthenticated();
    const name = cleanName(input.name, "name");
    const { parentId, expiresAt } = input;
    if (parentId !== undefined) await this.getOpen(viewer, parentId);
    const folder = await this.folders.create({
      id: newId(),
      name,
      ownerId: viewer.userId,
      parentId,
      expiresAt,
    });
    if (parentId === undefined) return folder;
    await this.getOpen(viewer, parentId).catch(async (error: unknown) => {
      await this.folders.remove(folder.id);
      throw error;
    });
    return folder;
  }

  /** The viewer's folders in `parentId`, or at the top. */
  async list(viewer: Viewer, parentId: string | undefined, page: PageRequest): Promise<Page<Folder>> {
    return this.folders.list(await this.within(viewer, parentId), page);
  }

  async count(viewer: Viewer, parentId: string | undefined): Promise<number> {
    return this.folders.count(await this.within(viewer, parentId));
  }

  addFailures(folder: Folder, failures: readonly FailedUpload[]): Promise<void> {
    return this.folders.addFailures(folder.id, failures);
  }

  /** A function that gives the id of the folder at a relative path below `root`, making what is missing once. */
  tree(viewer: SignedInViewer, root: Folder): (folders: readonly string[]) => Promise<string> {
    const made = new Map<string, Promise<string>>([["", Promise.resolve(root.id)]]);
    const at = (folders: readonly string[]): Promise<string> => {
      const key = folders.join("/");
      const known = made.get(key);
      if (known !== undefined) return known;
      const making = at(folders.slice(0, -1)).then(async (parentId) => {
        const { expiresAt } = root;
        const { id } = await this.create(viewer, { name: folders.at(-1) ?? "", parentId, expiresAt });
        return id;
      });
      made.set(key, making);
      return making;
    };
    return at;
  }

  /** An archived folder shows what is archived in it. */
  private async within(viewer: Viewer, parentId: string | undefined): Promise<FolderFilter> {
    if (viewer.kind !== "user") throw unauthenticated();
    if (parentId === undefined) return { ownerId: viewer.userId, parentId, archived: false };
    const { ownerId, archivedAt } = await this.get(viewer, parentId);
    return { ownerId, parentId, archived: archivedAt !== undefined };
  }
}
