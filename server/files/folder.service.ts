import type { SignedInViewer, Viewer } from "../kernel/context.js";
import { ownsOrAdministers } from "../kernel/context.js";
import { notFound, unauthenticated } from "../kernel/errors.js";
import { newId } from "../kernel/ids.js";
import type { FolderStore, Page, PageRequest } from "./files.ports.js";
import type { FailedUpload, Folder } from "./folder.js";
import { cleanName } from "./names.js";

export class FolderService {
  constructor(private readonly folders: FolderStore) {}

  /** @throws AppError NOT_FOUND when it is missing or somebody else's */
  async get(viewer: Viewer, id: string): Promise<Folder> {
    const folder = await this.folders.find(id);
    if (folder === undefined || !ownsOrAdministers(viewer, folder.ownerId)) throw notFound("Folder");
    return folder;
  }

  async create(viewer: Viewer, input: { name: string; parentId?: string | undefined }): Promise<Folder> {
    if (viewer.kind !== "user") throw unauthenticated();
    const name = cleanName(input.name, "name");
    if (input.parentId !== undefined) await this.get(viewer, input.parentId);
    return this.folders.create({ id: newId(), name, ownerId: viewer.userId, parentId: input.parentId });
  }

  /** The viewer's folders in `parentId`, or at the top. */
  async list(viewer: Viewer, parentId: string | undefined, page: PageRequest): Promise<Page<Folder>> {
    const ownerId = await this.ownerOf(viewer, parentId);
    return this.folders.list(ownerId, parentId, page);
  }

  async count(viewer: Viewer, parentId: string | undefined): Promise<number> {
    return this.folders.count(await this.ownerOf(viewer, parentId), parentId);
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
        const { id } = await this.create(viewer, { name: folders.at(-1) ?? "", parentId });
        return id;
      });
      made.set(key, making);
      return making;
    };
    return at;
  }

  private async ownerOf(viewer: Viewer, parentId: string | undefined): Promise<string> {
    if (viewer.kind !== "user") throw unauthenticated();
    return parentId === undefined ? viewer.userId : (await this.get(viewer, parentId)).ownerId;
  }
}
