import type { Account, User } from "../auth/user.js";
import type { StandingFence } from "../auth/auth.ports.js";
import type { File } from "../files/file.js";
import type { FileFilter, Page, PageRequest } from "../files/files.ports.js";
import type { Folder } from "../files/folder.js";
import type { ArchiveMark } from "../kernel/archived.js";
import type { Told } from "../kernel/errors.js";
import type { TransferError } from "../kernel/progress.js";
import type { MessageVerdict } from "../vault/vault.ports.js";
import type { ArchiveStamp, PurgeRequest } from "./archive.js";
import type { Purge, PurgeKind, PurgedMessage, PurgeState } from "./purge.js";

/** Archive marks of files. Every change is one atomic update with its precondition in the filter. */
export interface FileArchive {
  findMany(ids: readonly string[]): Promise<File[]>;
  /** Archives a file; one archived by its owner becomes the administrator's. @returns undefined when nothing changed */
  archive(id: string, stamp: ArchiveStamp): Promise<File | undefined>;
  /** Its place is to be taken yet. @returns undefined when it is not archived, or being purged */
  restore(id: string): Promise<File | undefined>;
  /** Marks a file that is archived, or whose time is over, as being purged, once. @returns whether this call did it */
  markPurging(id: string, request: PurgeRequest): Promise<boolean>;
  /** Marks all files of a folder or a user as being purged with it. Safe to repeat. */
  markAllPurging(of: { folderId: string } | { ownerId: string }, parentId: string): Promise<void>;
  /** Files marked, with no purge of their own yet: `due` a while ago, or all of one parent. */
  unopened(which: "due" | { parentId: string }, limit: number): Promise<MarkedThing[]>;
  markOpened(ids: readonly string[]): Promise<void>;
  countOf(of: { folderId: string } | { ownerId: string }): Promise<number>;
  /** Forgets a file that is being purged. Safe to repeat. */
  remove(id: string): Promise<void>;
  /** Files of a user that are not being purged, in no order. */
  heldBy(ownerId: string, limit: number): Promise<File[]>;
  /** Gives files of a user, and their transfers, to somebody else, who has to count them. Safe to repeat. */
  handOver(ids: readonly string[], from: string, to: string): Promise<void>;
  /** Files given to a user that are not counted yet. */
  uncountedOf(ownerId: string, limit: number): Promise<File[]>;
  /** Ids of files that were archived on their own before `days` days. */
  expired(days: number, limit: number): Promise<string[]>;
  /** Files in no folder whose time is over, and that nobody purges yet. */
  over(limit: number): Promise<File[]>;
  /**
   * The next files that match, the oldest first; those made after `before` are left out.
   * @param after the cursor of the page before; the empty text for the first one
   */
  pageAfter(filter: FileFilter, after: string, before: Date, limit: number): Promise<FilePage>;
  count(filter: FileFilter): Promise<number>;
}

/** Some files of many, and where to go on behind them. */
export interface FilePage {
  ids: readonly string[];
  cursor: string;
}

/** A thing that is marked as being purged. */
export interface MarkedThing {
  id: string;
  name: string;
  ownerId: string;
  purgeById: string | undefined;
  parentId: string | undefined;
  handOverTo: string | undefined;
}

/** What is meant to become of a folder and all that is in it. */
export interface FolderChange {
  folderId: string;
  to: "ARCHIVED" | "LIVE";
  unit: string;
  /** Names the change: a later one is another. Changes that an older version left undone have none. */
  run: string | undefined;
}

export interface ArchivedFolderFilter {
  ownerId?: string;
  /** Only those that this account archived. */
  archivedById?: string;
}

/** Archive marks of folders, and of all that is in them, which are stamped with the folder's unit. */
export interface FolderArchive {
  findMany(ids: readonly string[]): Promise<Folder[]>;
  /** Archived folders, except those hidden with one above them; latest first. Everybody's without `ownerId`. */
  list(filter: ArchivedFolderFilter, page: PageRequest): Promise<Page<Folder>>;
  count(filter: ArchivedFolderFilter): Promise<number>;
  /**
   * Marks a folder as being archived or restored, and says so to whoever changes one of those above it.
   * @returns undefined when it is archived (live) already, is being purged, or is marked already
   */
  begin(id: string, to: FolderChange["to"], through: readonly string[]): Promise<FolderChange | undefined>;
  /** The folder itself is archived; its contents are to follow. @returns false when the mark is gone */
  commitArchive(change: FolderChange, stamp: ArchiveStamp): Promise<boolean>;
  /** The other way round; it has no place among its neighbours yet. Safe to repeat. */
  commitRestore(change: FolderChange): Promise<void>;
  /** An administrator archives what its owner archived: it is the administrator's now, contents too. */
  takeOver(id: string, stamp: ArchiveStamp): Promise<void>;
  /** Brings everything in the folder to what is meant. Safe to repeat. */
  carryOut(change: FolderChange): Promise<void>;
  /** Takes the folder out of its parent, with all that is in it. Safe to repeat. */
  moveToTop(id: string): Promise<void>;
  endChange(change: FolderChange): Promise<void>;
  isChanging(id: string): Promise<boolean>;
  /** Whether a folder is being moved into, out of or within this one. */
  isMovedThrough(id: string): Promise<boolean>;
  /** Changes that a process left undone. */
  unfinished(limit: number): Promise<FolderChange[]>;
  markPurging(id: string, request: PurgeRequest): Promise<boolean>;
  unopened(limit: number): Promise<MarkedThing[]>;
  markOpened(ids: readonly string[]): Promise<void>;
  /** Ids of a folder that is there, and of all below it. */
  treeOf(id: string): Promise<string[]>;
  /** Forgets a folder and those in it. Safe to repeat. */
  removeTree(id: string): Promise<void>;
  removeAllOf(ownerId: string): Promise<void>;
  handOver(from: string, to: string): Promise<void>;
  expired(days: number, limit: number): Promise<string[]>;
  /** Folders at the top whose time is over, and that nobody purges yet. */
  over(limit: number): Promise<Folder[]>;
}

/** Archive marks of users. Their standing changes only under the administrators' guard. */
export interface UserArchive {
  findMany(ids: readonly string[]): Promise<(Account & ArchiveMark)[]>;
  archive(id: string, stamp: ArchiveStamp, fence: StandingFence): Promise<User | undefined>;
  restore(id: string, fence: StandingFence): Promise<User | undefined>;
  markPurging(id: string, request: PurgeRequest): Promise<boolean>;
  unopened(limit: number): Promise<MarkedThing[]>;
  markOpened(ids: readonly string[]): Promise<void>;
  /** Forgets the account, its sessions and its resets. Safe to repeat. */
  remove(id: string): Promise<void>;
}

export interface PurgeStore {
  /** Makes a purge that a worker may take at once. Safe to repeat. */
  open(purges: readonly (MarkedThing & { kind: PurgeKind })[]): Promise<void>;
  find(id: string): Promise<Purge | undefined>;
  findMany(ids: readonly string[]): Promise<Purge[]>;
  /** Newest first; without those that are part of another one. */
  list(where: PurgeFilter, page: PageRequest): Promise<Page<Purge>>;
  count(where: PurgeFilter): Promise<number>;
  /** Names another heir, or none, for a failed purge of a user that nobody works on, and makes it due. @returns whether it was one */
  redirect(id: string, handOverTo: string | undefined): Promise<boolean>;
  /** Takes the right to work on a purge that is due, for `leaseMs`. */
  take(id: string, run: string, leaseMs: number): Promise<Purge | undefined>;
  keep(id: string, run: string, leaseMs: number): Promise<boolean>;
  /** Writes what became of messages. Safe to repeat. */
  recordMessages(id: string, verdicts: readonly MessageVerdict[]): Promise<void>;
  messages(id: string, page: PageRequest): Promise<Page<PurgedMessage>>;
  /** All its messages are gone, whoever removed them. Safe to repeat. */
  markAllRemoved(id: string): Promise<void>;
  countMessages(id: string): Promise<{ all: number; removed: number }>;
  setCounts(id: string, run: string, counts: { copies: number; removed: number }): Promise<void>;
  /** Of the purges that are part of this one; `why` one of the failed ones failed. */
  sums(parentId: string): Promise<{ copies: number; removed: number; failed: number; why: Told | undefined }>;
  finish(id: string, run: string): Promise<boolean>;
  /**
   * Gives the purge back; due again after `nextTryMs`. With a failure it has FAILED for now.
   * @param failure with the number of tries in a row that removed nothing
   */
  postpone(
    id: string,
    run: string,
    nextTryMs: number,
    failure?: { error: TransferError; fruitless: number },
  ): Promise<void>;
  due(limit: number): Promise<string[]>;
}

export interface PurgeFilter {
  ownerId?: string;
  states?: readonly PurgeState[];
}
