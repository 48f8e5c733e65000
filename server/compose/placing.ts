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
import type { JobQueue } from "../kernel/jobs.js";
import type { Logger } from "../kernel/log.js";
import type { DisposalService } from "../vault/disposal.service.js";
import type { Stores } from "./stores.js";

/** Renaming, moving and copying. */
export function placing(needs: {
  stores: Stores;
  folders: FolderService;
  disposal: DisposalService;
  quotas: QuotaService;
  log: Logger;
}) {
  const { stores, folders, disposal, quotas, log } = needs;
  const files = new FilePlaceService(stores.files, stores.filePlaces, folders, stores.audit, log);
  return {
    files,
    copies: new FileCopyService(stores, files, disposal, quotas, stores.audit, log),
    folders: new FolderPlaceService(stores.folderPlaces, folders, stores.audit),
  };
}

/** Copying folders. What a copy replaces goes to the archive, which is built on the places. */
export function copying(needs: {
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
  return { service: new FolderCopyService(kept, folders, worker, quotas, queue, stores.audit), worker };
}

export function placeResolvers(
  { files, copies, folders }: ReturnType<typeof placing>,
  { service }: ReturnType<typeof copying>,
) {
  return [{ type: PlaceResolver, instance: new PlaceResolver(files, copies, folders, service) }];
}
