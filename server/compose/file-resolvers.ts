import type { DropService } from "../files/drop.service.js";
import { FileResolver } from "../files/file.resolver.js";
import type { FileService } from "../files/file.service.js";
import { FolderResolver } from "../files/folder.resolver.js";
import type { FolderService } from "../files/folder.service.js";
import type { Links } from "../files/links.js";
import type { ResolverEntry } from "../http/schema.js";
import { placeResolvers } from "./placing.js";
import type { placing, placingFolders } from "./placing.js";
import type { Stores } from "./stores.js";

/** Files and folders: into, out of, and where they are. */
export function fileResolvers(
  services: {
    files: FileService;
    folders: FolderService;
    places: ReturnType<typeof placing>;
    folderPlacing: ReturnType<typeof placingFolders>;
  },
  { accounts, folders: folderStore, files: fileStore, folderCopies: copies }: Stores,
  { links, uploads }: { links: Links; uploads: DropService },
): ResolverEntry[] {
  const { files, folders, places, folderPlacing } = services;
  const folderFields = new FolderResolver(folders, files, accounts, folderStore, fileStore, copies);
  return [
    { type: FileResolver, instance: new FileResolver(files, uploads, links, accounts, folderStore) },
    { type: FolderResolver, instance: folderFields },
    ...placeResolvers(places, folderPlacing),
  ];
}
