import type { QuotaService } from "../auth/quota.service.js";
import { FileCopyService } from "../files/file-copy.service.js";
import { FilePlaceService } from "../files/file-place.service.js";
import { FolderCopyFiles } from "../files/folder-copy-files.service.js";
import { FolderCopyWorker } from "../files/folder-copy-worker.service.js";
import type { FolderShelf } from "../files/folder-copy.ports.js";
import { FolderCopyService } from "../files/folder-copy.service.js";
import { FolderPlaceService } from "../files/folder-place.service.js";
import type { FolderService } from "../files/folder.service.js";
import { PlaceResolver } from "../files/place.resolver.js";
import type { UnfinishedFiles } from "../files/unfinished-files.service.js";
import type { JobQueue } from "../kernel/jobs.js";
import type { Logger } from "../kernel/log.js";
import type { Stores } from "./stores.js";

/** Renaming, moving and copying. */
export function placing(needs: {
  stores: Stores;
  folders: FolderService;
  unfinished: UnfinishedFiles;
  quotas: QuotaService;
  log: Logger;
}) {
  const { stores, folders, unfinished, quotas, log } = needs;
  const files = new FilePlaceService(stores.files, stores.filePlaces, folders, stores.audit, log);
  return {
    files,
    copies: new FileCopyService(stores, files, unfinished, quotas, stores.audit, log),
  };
}

/** Moving and copying folders. What they replace goes to the archive, which is built on the places of files. */
export function placingFolders(needs: {
  stores: Stores;
  folders: FolderService;
  files: FileCopyService;
  shelf: FolderShelf;
  quotas: QuotaService;
  queue: JobQueue;
  log: Logger;
}) {
  const { stores, folders, files, shelf, quotas, queue, log } = needs;
  const kept = { ...stores, copies: stores.folderCopies, places: stores.folderPlaces };
  const worker = new FolderCopyWorker(
    kept,
    folders,
    new FolderCopyFiles(stores, files),
    shelf,
    stores.accounts,
    log,
  );
  return {
    places: new FolderPlaceService(kept, folders, shelf, stores.audit),
    copies: new FolderCopyService(kept, folders, worker, quotas, queue, stores.audit),
    copyWorker: worker,
  };
}

export function placeResolvers(
  { files, copies }: ReturnType<typeof placing>,
  folders: ReturnType<typeof placingFolders>,
) {
  const instance = new PlaceResolver(files, copies, folders.places, folders.copies);
  return [{ type: PlaceResolver, instance }];
}
