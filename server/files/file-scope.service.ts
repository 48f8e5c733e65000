import type { Viewer } from "../kernel/context.js";
import { isAdmin } from "../kernel/context.js";
import { notFound, unauthenticated } from "../kernel/errors.js";
import type { FileFilter, SearchSubjects, SearchedBeside } from "./files.ports.js";
import type { ShareKeys, ShareLinkStore } from "./share.ports.js";

/** More accounts, or folders, than these say little about which files are meant. */
const MOST_SUBJECTS = 100;
/** A share link as it is copied, or the last part of one. */
const TOKEN = /(?:\/s\/|^)([A-Za-z0-9_-]{30,})/;
const ID = /^[0-9a-f]{24}$/;

/** Which files a filter is about, for whoever asks. */
export class FileScope {
  constructor(
    private readonly subjects: SearchSubjects,
    private readonly links: Pick<ShareLinkStore, "findByKey">,
    private readonly shareKeys: Pick<ShareKeys, "keyOf">,
  ) {}

  /**
   * What of a filter a viewer may see: one's own files, everybody's for an administrator, whose search is then not for names
   * alone.
   * @throws AppError UNAUTHENTICATED; NOT_FOUND for somebody else's `ownerId` or `archivedById`
   */
  async of(viewer: Viewer, filter: FileFilter): Promise<FileFilter> {
    if (viewer.kind !== "user") throw unauthenticated();
    if (!isAdmin(viewer)) {
      const named = [filter.ownerId, filter.archivedById];
      if (named.some((id) => id !== undefined && id !== viewer.userId)) throw notFound("User");
      return { ...filter, ownerId: viewer.userId };
    }
    const { search = "", ownerId, folderId } = filter;
    if (search.trim() === "" || ownerId !== undefined || folderId !== undefined) return filter;
    const beside = await this.meant(search.trim());
    const { ownerIds, folderIds, fileIds } = beside;
    return ownerIds.length + folderIds.length + fileIds.length === 0 ? filter : { ...filter, beside };
  }

  private async meant(search: string): Promise<SearchedBeside> {
    const [ownerIds, folderIds, linked] = await Promise.all([
      this.subjects.owners(search, MOST_SUBJECTS),
      this.subjects.folders(search, MOST_SUBJECTS),
      this.linked(search),
    ]);
    const folder = linked?.kind === "folder" ? [linked.id] : [];
    const file = linked?.kind === "file" ? [linked.id] : [];
    const mayBeId = ID.test(search) ? [search] : [];
    return {
      ownerIds,
      folderIds: [...folderIds, ...folder, ...mayBeId],
      fileIds: [...file, ...mayBeId],
      archiverIds: ownerIds,
    };
  }

  private async linked(search: string) {
    const key = this.shareKeys.keyOf(TOKEN.exec(search)?.[1] ?? "");
    return key === undefined ? undefined : (await this.links.findByKey(key))?.target;
  }
}
