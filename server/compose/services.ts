import type { AgendaQueue } from "../adapters/agenda/agenda-queue.js";
import { HmacShares } from "../adapters/crypto/hmac-shares.js";
import { AuditService } from "../admin/audit.service.js";
import { StatisticsService } from "../admin/statistics.service.js";
import { accountServices } from "./accounts.js";
import { transferWork } from "./transfer-work.js";
import { buildArchives } from "./archives.js";
import type { Outside } from "./outside.js";
import { placing, placingFolders } from "./placing.js";
import type { Stores } from "./stores.js";
import { buildVault } from "./vault.js";
import type { Config } from "../config.js";
import { FileScope } from "../files/file-scope.service.js";
import { FileService } from "../files/file.service.js";
import { FolderService } from "../files/folder.service.js";
import { UnfinishedFiles } from "../files/unfinished-files.service.js";
import { UploadService } from "../files/upload.service.js";
import type { EventBus } from "../kernel/events.js";
import type { Logger } from "../kernel/log.js";
import { TransferService } from "../transfers/transfer.service.js";

export type Services = ReturnType<typeof buildServices>;

interface Parts {
  config: Config;
  log: Logger;
  outside: Outside;
  stores: Stores;
  events: EventBus;
  queue: AgendaQueue;
  worker: string;
}

/** Everything that knows the rules, over what is kept and what is outside. */
export function buildServices({ config, log, outside, stores, events, queue, worker }: Parts) {
  const { reader, ingest, ...vault } = buildVault({ config, outside, stores, queue, log });
  const { store, disposal } = vault;
  const account = accountServices({ config, log, stores, mailer: outside.mailer });
  const shareKeys = new HmacShares(config.jwtSecret);
  const scope = new FileScope(stores.searchSubjects, stores.shareLinks, shareKeys);
  const files = new FileService(stores.files, stores.blobs, reader, stores.accounts, scope);
  const folders = new FolderService(stores.folders);
  const { quotas, proof } = account;
  const transfers = new TransferService(stores.transfers, queue, events, files);
  const unfinished = new UnfinishedFiles(stores.files, transfers, disposal, quotas, log);
  const places = placing({ stores, folders, unfinished, quotas, log });
  const archives = buildArchives(
    { ...stores, places: places.files, folderNames: folders, scope, disposal, queue, proof, log },
    config.retentionDays,
  );
  const shelf = archives.folders;
  return {
    ...vault,
    ...account,
    shareKeys,
    files,
    folders,
    places,
    transfers,
    archives,
    folderPlacing: placingFolders({ stores, folders, files: places.copies, shelf, quotas, queue, log }),
    audit: new AuditService(stores.audit, stores.audit),
    heartbeat: () => stores.workers.seen(worker),
    statistics: new StatisticsService(stores.statistics, stores.happenings, stores.directory),
    uploads: new UploadService(
      stores.files,
      folders,
      ingest,
      transfers,
      places.files,
      account,
      unfinished,
      log,
    ),
    ...transferWork({
      stores,
      quotas,
      anonymous: config.anonymous.quota,
      transfers,
      vault: { store, disposal },
      events,
      queue,
      worker,
      log,
    }),
  };
}
