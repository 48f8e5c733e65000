import type { Connection } from "mongoose";
import { MongoAccounts } from "../adapters/mongo/mongo-accounts.js";
import { MongoAdministrators } from "../adapters/mongo/mongo-administrators.js";
import { MongoAttempts } from "../adapters/mongo/mongo-attempts.js";
import { MongoAudit } from "../adapters/mongo/mongo-audit.js";
import { MongoBlobs } from "../adapters/mongo/mongo-blobs.js";
import { MongoBulkRuns } from "../adapters/mongo/mongo-bulk-runs.js";
import { MongoEmailChanges, MongoPasswordResets } from "../adapters/mongo/mongo-mailed-links.js";
import { translated } from "../adapters/mongo/mongo-failures.js";
import { MongoFileArchive } from "../adapters/mongo/mongo-file-archive.js";
import { MongoFilePlaces } from "../adapters/mongo/mongo-file-places.js";
import { MongoFiles } from "../adapters/mongo/mongo-files.js";
import { MongoFolderArchive } from "../adapters/mongo/mongo-folder-archive.js";
import { MongoFolderCopies } from "../adapters/mongo/mongo-folder-copies.js";
import { MongoFolderPlaces } from "../adapters/mongo/mongo-folder-places.js";
import { MongoFolders } from "../adapters/mongo/mongo-folders.js";
import { MongoInvites } from "../adapters/mongo/mongo-invites.js";
import { MongoLanes } from "../adapters/mongo/mongo-lanes.js";
import { MongoOrphans } from "../adapters/mongo/mongo-orphans.js";
import { MongoOwnerRoles } from "../adapters/mongo/mongo-owner-roles.js";
import { MongoParts } from "../adapters/mongo/mongo-parts.js";
import { MongoPurges } from "../adapters/mongo/mongo-purges.js";
import { MongoSearchSubjects } from "../adapters/mongo/mongo-search-subjects.js";
import { MongoSessions } from "../adapters/mongo/mongo-sessions.js";
import { MongoShareAccesses } from "../adapters/mongo/mongo-share-accesses.js";
import { MongoShareLinks } from "../adapters/mongo/mongo-share-links.js";
import { MongoThumbnails } from "../adapters/mongo/mongo-thumbnails.js";
import { MongoTransferControls } from "../adapters/mongo/mongo-transfer-controls.js";
import { MongoTransfers } from "../adapters/mongo/mongo-transfers.js";
import { MongoTurns } from "../adapters/mongo/mongo-turns.js";
import { MongoUsage } from "../adapters/mongo/mongo-usage.js";
import { MongoUserArchive } from "../adapters/mongo/mongo-user-archive.js";
import { MongoZipSelections } from "../adapters/mongo/mongo-zip-selections.js";
import type { Config } from "../config.js";
import type { Logger } from "../kernel/log.js";
import { administrationStores } from "./administration.js";

export type Stores = ReturnType<typeof openStores>;

/** Everything that is kept in the database. */
export function openStores(connection: Connection, config: Config, log: Logger) {
  const parts = new MongoParts(connection);
  const thumbnails = new MongoThumbnails(connection);
  const shareAccesses = new MongoShareAccesses(connection);
  const folders = new MongoFolders(connection);
  const accounts = new MongoAccounts(connection);
  const files = new MongoFiles(connection, folders);
  const transfers = new MongoTransfers(connection);
  return {
    accounts: translated(accounts),
    ...administrationStores(connection),
    administrators: translated(new MongoAdministrators(connection, accounts)),
    usage: translated(new MongoUsage(connection)),
    sessions: translated(new MongoSessions(connection)),
    audit: new MongoAudit(connection, log, accounts),
    resets: translated(new MongoPasswordResets(connection)),
    emailChanges: translated(new MongoEmailChanges(connection)),
    invites: translated(new MongoInvites(connection)),
    attempts: translated(new MongoAttempts(connection)),
    parts: translated(parts),
    blobs: translated(new MongoBlobs(connection, parts, thumbnails)),
    thumbnails: translated(thumbnails),
    zipSelections: translated(new MongoZipSelections(connection)),
    shareLinks: translated(new MongoShareLinks(connection, shareAccesses)),
    shareAccesses: translated(shareAccesses),
    orphans: translated(new MongoOrphans(connection)),
    lanes: translated(new MongoLanes(connection, config.telegram.lanePerMinute)),
    folders: translated(folders),
    files: translated(files),
    ownerRoles: translated(new MongoOwnerRoles(connection, files)),
    searchSubjects: translated(new MongoSearchSubjects(connection)),
    transfers: translated(transfers),
    filePlaces: translated(new MongoFilePlaces(files, folders)),
    folderPlaces: translated(new MongoFolderPlaces(folders, files)),
    fileArchive: translated(new MongoFileArchive(files, transfers)),
    folderCopies: translated(new MongoFolderCopies(connection)),
    folderArchive: translated(new MongoFolderArchive(folders, files)),
    userArchive: translated(new MongoUserArchive(connection, accounts)),
    purges: translated(new MongoPurges(connection)),
    bulkRuns: translated(new MongoBulkRuns(connection)),
    controls: translated(new MongoTransferControls(connection)),
    turns: translated(new MongoTurns(connection)),
  };
}
