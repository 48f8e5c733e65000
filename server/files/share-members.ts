import { isAnonymous } from "../kernel/anonymous.js";
import type { SignedInViewer } from "../kernel/context.js";
import { badInput, notFound } from "../kernel/errors.js";
import type { File, FileState } from "./file.js";
import { FILE_STATES, hasBytes } from "./file.js";
import type { FileStore, FolderStore } from "./files.ports.js";
import type { FailedUpload, Folder } from "./folder.js";
import type { ShareLink } from "./share.js";
import type { ShareKeys } from "./share.ports.js";

/** What is in a shared folder, by the names that it has in this link. */
export interface SharedListing {
  link: ShareLink;
  name: string;
  /** The way up; undefined at the top of what is shared, "" when that is just above. */
  parentKey: string | undefined;
  folders: { key: string; name: string }[];
  files: { key: string; file: File }[];
  /** What could not be stored of a form's files: whoever sent them has no other place to see it. */
  failed: readonly FailedUpload[];
  /** Where the list goes on. */
  next: string | undefined;
}

interface SharedFolder {
  link: ShareLink;
  folder: Folder;
}

interface Ports {
  files: Pick<FileStore, "find" | "list">;
  folders: Pick<FolderStore, "find" | "list">;
  shareKeys: ShareKeys;
}

const FILES_AT_ONCE = 200;
const MOST_FOLDERS = 1_000;
const READABLE: readonly FileState[] = FILE_STATES.filter((state) => hasBytes({ state }));

/** A link reads as its owner, who must be able to see the thing; what the link covers is checked first. */
export function actingFor({ id, ownerId }: ShareLink): SignedInViewer {
  return { kind: "user", userId: ownerId, sessionId: `share link ${id}`, role: "FREE" };
}

/**
 * The id of something in a shared folder, at any depth.
 * @param key what the link's visitors know it by
 * @throws AppError NOT_FOUND unless everything from there up to the shared folder is there and not archived
 */
export async function memberOf(
  ports: Ports,
  { link, folder }: { link: ShareLink; folder: Folder | undefined },
  kind: "file" | "folder",
  key: string,
): Promise<string> {
  const [sealedKind, id] = ports.shareKeys.unseal(link.key, key)?.split(":") ?? [];
  if (folder === undefined || sealedKind !== kind || id === undefined) throw notFound("File");
  const parentId = kind === "file" ? (await ports.files.find(id))?.folderId : id;
  for (let at = parentId; at !== folder.id;) {
    const above = at === undefined ? undefined : await ports.folders.find(at);
    if (above === undefined || above.archivedAt || above.purgingAt) throw notFound("File");
    at = above.parentId;
  }
  return id;
}

/** @throws AppError NOT_FOUND as `memberOf`; BAD_USER_INPUT for a place that this list did not give out */
export async function listingOf(
  ports: Ports,
  share: SharedFolder,
  { key, after }: { key?: string | undefined; after?: string | undefined },
): Promise<SharedListing> {
  const { link } = share;
  const id = key === undefined ? share.folder.id : await memberOf(ports, share, "folder", key);
  const folder = id === share.folder.id ? share.folder : await ports.folders.find(id);
  if (folder === undefined) throw notFound("Folder");
  const seal = (kind: string, text: string): string => ports.shareKeys.seal(link.key, `${kind}:${text}`);
  const { ownerId } = link;
  const cursor = after === undefined ? undefined : cursorOf(ports.shareKeys.unseal(link.key, after));
  const filter = { ownerId, folderId: id, archived: false, states: READABLE };
  const from = cursor === undefined ? {} : { cursor };
  const [folders, files] = await Promise.all([
    cursor === undefined
      ? ports.folders.list(
          { ownerId, parentId: id, archived: false },
          { count: MOST_FOLDERS, backward: false },
        )
      : { items: [] },
    ports.files.list(
      filter,
      { field: "NAME", descending: false },
      { count: FILES_AT_ONCE, backward: false, ...from },
    ),
  ]);
  const last = files.items.at(-1);
  const isTop = folder.id === share.folder.id;
  const isJustBelow = folder.parentId === share.folder.id;
  return {
    link,
    name: folder.name,
    parentKey: isTop ? undefined : isJustBelow ? "" : seal("folder", folder.parentId ?? ""),
    folders: folders.items.map(({ node }) => ({ key: seal("folder", node.id), name: node.name })),
    files: files.items.map(({ node }) => ({ key: seal("file", node.id), file: node })),
    failed: isTop && isAnonymous(ownerId) ? folder.failedUploads : [],
    next: files.hasNext && last !== undefined ? seal("cursor", last.cursor) : undefined,
  };
}

function cursorOf(text: string | undefined): string {
  const [, cursor] = /^cursor:(.+)$/.exec(text ?? "") ?? [];
  if (cursor === undefined)
    throw badInput("This page of the list does not exist. Begin with the first.", "after");
  return cursor;
}
