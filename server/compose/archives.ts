import type { AccountStore, AdministratorGuard, SessionStore, UsageStore } from "../auth/auth.ports.js";
import type { FilePlaceService } from "../files/file-place.service.js";
import type { FileScope } from "../files/file-scope.service.js";
import type { FileStore, FolderPlaces, FolderStore } from "../files/files.ports.js";
import type { FolderService } from "../files/folder.service.js";
import type { ShareLinkStore } from "../files/share.ports.js";
import type { AuditTrail } from "../kernel/audit.js";
import type { JobQueue } from "../kernel/jobs.js";
import type { Logger } from "../kernel/log.js";
import type { TransferStore } from "../transfers/transfers.ports.js";
import type { DisposalService } from "../vault/disposal.service.js";
import type { BlobStore } from "../vault/vault.ports.js";
import { ArchiveResolver } from "../archives/archive.resolver.js";
import {
  ArchivedFileResolver,
  ArchivedFolderResolver,
  ArchivedUserResolver,
} from "../archives/archived-fields.resolver.js";
import { BulkRunWorker } from "../archives/bulk-run-worker.service.js";
import type { BulkRunStore } from "../archives/bulk-run.ports.js";
import { BulkRunResolver } from "../archives/bulk-run.resolver.js";
import { BulkRunService } from "../archives/bulk-run.service.js";
import type { FileArchive, FolderArchive, PurgeStore, UserArchive } from "../archives/archives.ports.js";
import type { PasswordProof } from "../auth/password-proof.js";
import { FileArchiveService } from "../archives/file-archive.service.js";
import { FolderArchiveService } from "../archives/folder-archive.service.js";
import { PurgeWorker } from "../archives/purge-worker.service.js";
import { PurgeResolver } from "../archives/purge.resolver.js";
import { PurgedMessageResolver } from "../archives/purged-message.resolver.js";
import { PurgeService } from "../archives/purge.service.js";
import { RetentionService } from "../archives/retention.service.js";
import { UserArchiveResolver } from "../archives/user-archive.resolver.js";
import { UserArchiveService } from "../archives/user-archive.service.js";

export interface ArchiveNeeds {
  fileArchive: FileArchive;
  folderArchive: FolderArchive;
  userArchive: UserArchive;
  purges: PurgeStore;
  bulkRuns: BulkRunStore;
  files: FileStore;
  folders: Pick<FolderStore, "find">;
  folderNames: Pick<FolderService, "settle">;
  folderPlaces: Pick<FolderPlaces, "chain">;
  shareLinks: ShareLinkStore;
  places: FilePlaceService;
  scope: FileScope;
  transfers: TransferStore;
  blobs: BlobStore;
  disposal: DisposalService;
  usage: UsageStore;
  accounts: Pick<AccountStore, "find">;
  administrators: AdministratorGuard;
  sessions: SessionStore;
  proof: PasswordProof;
  audit: AuditTrail;
  queue: JobQueue;
  log: Logger;
}

export type Archives = ReturnType<typeof buildArchives>;

/** Archiving, restoring and purging. */
export function buildArchives(needs: ArchiveNeeds, retentionDays: number | undefined) {
  const { purges: store, blobs, disposal, transfers, usage, audit, log, queue } = needs;
  const { administrators, sessions, proof } = needs;
  const marks = { files: needs.fileArchive, folders: needs.folderArchive, users: needs.userArchive };
  const files = new FileArchiveService(marks.files, needs.places, audit);
  const folders = new FolderArchiveService(marks.folders, needs.folderPlaces, needs.folderNames, audit);
  const purges = new PurgeService(store, marks, { files, folders }, queue, audit);
  const requests = { service: purges, store };
  const { shareLinks, bulkRuns } = needs;
  const rest = { files: needs.files, transfers, usage, shareLinks, bulkRuns, log };
  return {
    files,
    folders,
    purges,
    users: new UserArchiveService(marks.users, administrators, sessions, requests, proof, audit),
    runs: new BulkRunService(bulkRuns, marks.files, needs.scope, needs, queue, audit),
    runWorker: new BulkRunWorker(bulkRuns, marks.files, { files, purges }, needs.accounts, log),
    worker: new PurgeWorker(store, marks, purges, { blobs, disposal }, rest),
    retention: new RetentionService(marks.files, marks.folders, purges, retentionDays),
  };
}

export function archiveResolvers(
  stores: { accounts: Pick<AccountStore, "findMany">; userArchive: UserArchive },
  { files, folders, purges, runs, users, retention }: Archives,
) {
  const { accounts, userArchive } = stores;
  return [
    { type: ArchiveResolver, instance: new ArchiveResolver(files, folders, purges) },
    { type: BulkRunResolver, instance: new BulkRunResolver(runs) },
    { type: PurgeResolver, instance: new PurgeResolver(purges) },
    { type: PurgedMessageResolver, instance: new PurgedMessageResolver() },
    { type: UserArchiveResolver, instance: new UserArchiveResolver(users) },
    { type: ArchivedFileResolver, instance: new ArchivedFileResolver(accounts, retention) },
    { type: ArchivedFolderResolver, instance: new ArchivedFolderResolver(accounts, retention) },
    { type: ArchivedUserResolver, instance: new ArchivedUserResolver(accounts, userArchive) },
  ];
}
