import type { QuotaService } from "../auth/quota.service.js";
import { FileCopyService } from "../files/file-copy.service.js";
import { FilePlaceService } from "../files/file-place.service.js";
import { FolderPlaceService } from "../files/folder-place.service.js";
import type { FolderService } from "../files/folder.service.js";
import { PlaceResolver } from "../files/place.resolver.js";
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

export function placeResolvers({ files, copies, folders }: ReturnType<typeof placing>) {
  return [{ type: PlaceResolver, instance: new PlaceResolver(files, copies, folders) }];
}
