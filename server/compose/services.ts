import type { AgendaQueue } from "../adapters/agenda/agenda-queue.js";
import { HmacShares } from "../adapters/crypto/hmac-shares.js";
import { GoogleDrive } from "../adapters/drive/google-drive.js";
import { SmtpMailer } from "../adapters/mail/smtp-mailer.js";
import { TelegramChat } from "../adapters/telegram/telegram-chat.js";
import { AuditService } from "../admin/audit.service.js";
import { StatisticsService } from "../admin/statistics.service.js";
import { accountServices } from "./accounts.js";
import { transferWork } from "./transfer-work.js";
import { buildArchives } from "./archives.js";
import { placing, placingFolders } from "./placing.js";
import type { Stores } from "./stores.js";
import type { Config } from "../config.js";
import { FileScope } from "../files/file-scope.service.js";
import { FileService } from "../files/file.service.js";
import { FolderService } from "../files/folder.service.js";
import { UploadService } from "../files/upload.service.js";
import type { EventBus } from "../kernel/events.js";
import type { Logger } from "../kernel/log.js";
import { TransferService } from "../transfers/transfer.service.js";
import { BLOCK_BYTES } from "../vault/blob.js";
import { CopyService } from "../vault/copy.service.js";
import { DisposalService } from "../vault/disposal.service.js";
import { IngestService } from "../vault/ingest.service.js";
import { LanesService } from "../vault/lanes.service.js";
import { OrphansService } from "../vault/orphans.service.js";
import { ReadService } from "../vault/read.service.js";
import { RepairService } from "../vault/repair.service.js";
import { Slots } from "../vault/slots.js";
import { StoreService } from "../vault/store.service.js";

/** Parts that one worker holds in memory at a time, each of at most 20 MB. */
const PARTS_IN_MEMORY = 3;
/** More when several owners have something to move: one for the next, and one for who comes after him. */
const PARTS_FOR_OTHERS = 2;

export type Outside = ReturnType<typeof connectOutside>;
export type Services = ReturnType<typeof buildServices>;

/** The services that are not ours, as the configuration names them. */
export function connectOutside(config: Config, log: Logger) {
  const { folderId, ...drive } = config.drive;
  return {
    telegram: new TelegramChat({ ...config.telegram, log }),
    drive: new GoogleDrive({ ...drive, ...(folderId === undefined ? {} : { folderId }), log }),
    mailer: config.mail === undefined ? undefined : new SmtpMailer(config.mail),
  };
}

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
  const { telegram, drive } = outside;
  const { blobs, parts, orphans } = stores;
  const { replicas: copies, readBack, partBytes } = config.telegram;
  const limits = { blocksPerPart: partBytes / BLOCK_BYTES, maxFileBytes: config.maxFileBytes };
  const slots = new Slots(PARTS_IN_MEMORY, PARTS_IN_MEMORY + PARTS_FOR_OTHERS);
  const reader = new ReadService(telegram, drive, blobs, parts, queue, log);
  const lanes = new LanesService(stores.lanes, telegram.lanes);
  const copier = new CopyService(telegram, lanes, parts, orphans, log, { readBack });
  const outsides = { chats: telegram, staging: drive };
  const disposal = new DisposalService(blobs, parts, orphans, outsides, copier, log);
  const ingest = new IngestService(drive, blobs, disposal, limits);
  const store = new StoreService(blobs, parts, copier, reader, drive, {
    copies,
    slots,
  });
  const account = accountServices({ config, log, stores, mailer: outside.mailer });
  const shareKeys = new HmacShares(config.jwtSecret);
  const scope = new FileScope(stores.searchSubjects, stores.shareLinks, shareKeys);
  const files = new FileService(stores.files, blobs, reader, stores.accounts, scope);
  const folders = new FolderService(stores.folders);
  const { quotas, proof } = account;
  const places = placing({ stores, folders, disposal, quotas, log });
  const transfers = new TransferService(stores.transfers, queue, events, files);
  const archives = buildArchives(
    { ...stores, places: places.files, folderNames: folders, scope, disposal, queue, proof, log },
    config.retentionDays,
  );
  const shelf = archives.folders;
  return {
    store,
    ...account,
    shareKeys,
    files,
    folders,
    places,
    transfers,
    disposal,
    archives,
    folderPlacing: placingFolders({ stores, folders, files: places.copies, shelf, quotas, queue, log }),
    audit: new AuditService(stores.audit, stores.audit),
    heartbeat: () => stores.workers.seen(worker),
    statistics: new StatisticsService(stores.statistics, stores.happenings, stores.directory),
    repairs: new RepairService(blobs, parts, copier, reader, stores.files, { copies, slots, log }),
    orphans: new OrphansService(orphans, telegram),
    uploads: new UploadService(stores.files, folders, ingest, transfers, places.files, account, log),
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
