import type { FailedUpload, Folder } from "./folder.js";
import type { File, FileState } from "./file.js";
import type { Role } from "../kernel/context.js";
import type { ClaimedFile, Place, PlaceClaim } from "./place.js";

export interface NewFile {
  id: string;
  name: string;
  mimeType: string;
  ownerId: string;
  folderId: string | undefined;
  /** The bytes that it is going to have; there need not be any yet. */
  blobId: string;
  expiresAt?: Date | undefined;
  /** By which whoever makes it finds it again. No two files of an owner have the same. */
  uploadKey?: string | undefined;
}

/** Whether a new file has its name from the beginning, or takes it from whoever has it once its bytes are there. */
export type NameRight = "FROM_THE_START" | "BY_REPLACING";

export interface FileFilter {
  ownerId?: string;
  /** Files in this folder itself, not in the folders below it. */
  folderId?: string;
  /** Only files that lie in no folder. */
  atTop?: boolean;
  states?: readonly FileState[];
  /** What words of the name begin with; all of them have to be there. */
  search?: string;
  /** What the search finds whatever the name is. */
  beside?: SearchedBeside;
  createdAfter?: Date;
  createdBefore?: Date;
  /** Only those without an owner, or only those with one; absent: both. */
  anonymous?: boolean;
  /** Only those whose owner has this role; for a few seconds after a change also the role before. */
  ownerRole?: Role;
  /** Only archived ones, or only those that are not; absent: both. */
  archived?: boolean;
  /** Only those that this account archived. */
  archivedById?: string;
}

/** Whose files a search finds, what lies in which folders at any depth, which ones, and what was archived by whom. */
export interface SearchedBeside {
  ownerIds: readonly string[];
  folderIds: readonly string[];
  fileIds: readonly string[];
  archiverIds: readonly string[];
}

/** Finds the accounts and folders that somebody may mean who searches everybody's files. */
export interface SearchSubjects {
  /**
   * Accounts, archived ones too, of which a word of the user name or of the address begins like each word of the search.
   * @returns those alone that are called exactly so where more than `most` match
   */
  owners(search: string, most: number): Promise<string[]>;
  /** Folders, archived ones too, whose names are found by a search as those of files are; as `owners`. */
  folders(search: string, most: number): Promise<string[]>;
}

/** Files are listed by their owners' roles too. */
export interface RoleFollowing {
  /** Brings the files of accounts whose role changed into the lists of the new one. Safe to repeat, and beside others. */
  followRoles(signal: AbortSignal): Promise<void>;
}

export type FileOrderField = "NAME" | "SIZE" | "CREATED_AT" | "STATE";

export interface FileOrder {
  field: FileOrderField;
  descending: boolean;
}

/** Forward (`first`, `after`) or backward (`last`, `before`). Cursors are opaque. */
export interface PageRequest {
  count: number;
  cursor?: string;
  backward: boolean;
}

export interface Page<T> {
  items: { cursor: string; node: T }[];
  hasNext: boolean;
  hasPrevious: boolean;
}

export interface FileStore {
  /**
   * Makes a file in state RECEIVING, which its upload must keep alive. Fails when there is one with this id.
   * @returns false when another file has this name there
   * @throws AppError CONFLICT when an upload of the owner with this key is under way, or done
   */
  create(file: NewFile, right: NameRight, leaseMs: number): Promise<boolean>;
  /** Says that the upload is still under way. */
  keepReceiving(id: string, leaseMs: number): Promise<void>;
  /** The bytes are staged; the file is not counted yet. @returns undefined when the upload was given up meanwhile */
  markReceived(
    id: string,
    facts: {
      sizeBytes: number;
      sha256: string;
      transferId?: string;
      mimeType: string;
      state: FileState;
    },
  ): Promise<File | undefined>;
  find(id: string): Promise<File | undefined>;
  findMany(ids: readonly string[]): Promise<File[]>;
  /** What was made under this key for the owner, or is being made; nothing when it was given up. */
  findUpload(ownerId: string, uploadKey: string): Promise<File | undefined>;
  list(filter: FileFilter, order: FileOrder, page: PageRequest): Promise<Page<File>>;
  count(filter: FileFilter): Promise<number>;
  /** Up to `limit` files in a folder and all folders below it, in no order. */
  below(folderId: string, limit: number): Promise<File[]>;
  /**
   * Hides a file that is still RECEIVING, and refuses it from now on: what it left behind can be removed.
   * @param when whatever happens to it, or only when nobody keeps it alive
   * @returns undefined when it is not RECEIVING, or alive. Safe to repeat
   */
  giveUp(id: string, when: "now" | "if abandoned"): Promise<File | undefined>;
  /** Forgets a file that was given up, once nothing is left of it. */
  removeGivenUp(id: string): Promise<void>;
  /** Uploads that nobody keeps alive any more, and those given up whose remains are not removed yet. */
  abandoned(limit: number): Promise<File[]>;
  /** Files that should have been added to their owners' counts a minute ago. */
  uncounted(limit: number): Promise<File[]>;
  markCounted(id: string): Promise<void>;
  /**
   * How many files, and bytes, are in each state in a folder and all folders below it.
   * @param archived whether archived files are counted, or those that are not
   */
  tally(folderIds: readonly string[], archived: boolean): Promise<Map<string, FolderTally>>;
}

export interface FolderTally {
  sizeBytes: number;
  files: Partial<Record<FileState, number>>;
}

export interface FolderFilter {
  ownerId: string;
  /** Directly in this one; undefined: at the top. */
  parentId: string | undefined;
  archived: boolean;
}

/** Live folders, wherever they lie. */
export interface FolderSearch {
  /** As a file's. */
  search: string;
  /** Absent: everybody's. */
  ownerId?: string;
  /** Only those in this folder, at any depth. */
  below?: string;
}

export interface NewFolder {
  id: string;
  name: string;
  ownerId: string;
  parentId: string | undefined;
  expiresAt?: Date | undefined;
}

/**
 * Folders. A live one holds its place by a key of its parent and its name that a unique index guards, so of two that want
 * the same name at the same moment one gets it. One that was archived by itself holds none, and one that is to replace
 * another only once it does.
 */
export interface FolderStore {
  /** @param holds whether it takes its place, or waits for `settle`. @returns TAKEN when another folder has the place */
  create(folder: NewFolder, holds: "PLACE" | "NO_PLACE"): Promise<Folder | "TAKEN">;
  /** The folder that has a place. */
  holderOf(ownerId: string, parentId: string | undefined, name: string): Promise<string | undefined>;
  /** Gives a live folder without a place the one where it lies, under this name. @returns undefined when it is none */
  settle(id: string, name: string): Promise<Folder | "TAKEN" | undefined>;
  find(id: string): Promise<Folder | undefined>;
  findMany(ids: readonly string[]): Promise<Folder[]>;
  list(where: FolderFilter, page: PageRequest): Promise<Page<Folder>>;
  count(where: FolderFilter): Promise<number>;
  /** By name. */
  search(where: FolderSearch, page: PageRequest): Promise<Page<Folder>>;
  countFound(where: FolderSearch): Promise<number>;
  /** Takes back a folder that was made a moment ago and has nothing in it. */
  remove(id: string): Promise<void>;
  /** Up to `limit` folders below a folder, at any depth, in no order. */
  below(folderId: string, limit: number): Promise<Folder[]>;
  /** The next folder in a folder that is not archived, in the order of their ids. */
  childAfter(parentId: string, after: string | undefined): Promise<Folder | undefined>;
  /** Ids of the folders with this name, without regard to case, in a folder or at the top; not of archived ones. */
  namedIn(ownerId: string, parentId: string | undefined, key: string): Promise<string[]>;
  /** Safe to repeat. */
  addFailures(id: string, failures: readonly FailedUpload[]): Promise<void>;
  /** Forgets what is said of files with these paths. Safe to repeat. */
  dropFailures(id: string, paths: readonly string[]): Promise<void>;
}

/**
 * Which file has which name where. A live file holds its place by a key that a unique index guards, so of two that want
 * the same place at the same moment one gets it; archived files hold none.
 */
export interface FilePlaces {
  isTaken(ownerId: string, place: Place): Promise<boolean>;
  /** Gives a live file another name where it is, in one step. @returns undefined when it cannot be changed (any more) */
  rename(id: string, name: string): Promise<File | "TAKEN" | undefined>;
  /** Writes down where a live file is to go. @returns undefined when it cannot be changed (any more) */
  begin(id: string, claim: PlaceClaim): Promise<ClaimedFile | undefined>;
  /** The claim of a file, if it has one. */
  claimOf(id: string): Promise<ClaimedFile | undefined>;
  /** Puts a file there. Its claim stays. @returns undefined when it has another claim, or is archived */
  put(claimed: ClaimedFile, place: Place): Promise<File | "TAKEN" | undefined>;
  /** Archives the file that has that place. @returns it; undefined when there is none, or it is still being uploaded */
  archiveHolder(claimed: ClaimedFile): Promise<File | undefined>;
  end(claimed: ClaimedFile): Promise<void>;
  /** Claims that a process left undone. */
  unfinished(limit: number): Promise<ClaimedFile[]>;
}

/** Folders' places among each other. A folder being moved is marked; see FolderMoveService for why that is enough. */
export interface FolderPlaces {
  /** Gives a live folder another name where it is, in one step. @returns undefined when it is not live (any more) */
  rename(id: string, name: string): Promise<Folder | "TAKEN" | undefined>;
  /** A folder and those above it, from below, read one after the other. */
  chain(id: string): Promise<ChainLink[]>;
  /** Marks a live folder as being moved by `run`, through those folders. @returns false when something else changes it */
  begin(id: string, run: string, through: readonly string[]): Promise<boolean>;
  /** Whether another folder that is being moved has this one above it, before or after. */
  isMovedThrough(id: string, except: string): Promise<boolean>;
  /** Writes down where it is to go once the folder that has the place is archived: a sweep takes it there then. */
  intend(id: string, run: string, place: FolderPlace): Promise<void>;
  /** Gives it another place. @returns undefined when the mark is not this run's any more */
  commit(id: string, run: string, place: FolderPlace): Promise<Folder | "TAKEN" | undefined>;
  /** Brings the paths of all that is in a folder to where it lies. Safe to repeat. */
  carryOut(id: string): Promise<void>;
  end(id: string, run?: string): Promise<void>;
  /** Folders whose mover left them marked. */
  unfinishedMoves(limit: number): Promise<UnfinishedMove[]>;
}

export interface FolderPlace {
  name: string;
  /** Undefined: at the top. */
  parentId: string | undefined;
}

export interface UnfinishedMove {
  id: string;
  run: string;
  intended: FolderPlace | undefined;
}

export interface ChainLink {
  id: string;
  ownerId: string;
  isChanging: boolean;
  /** Archived, or being purged. */
  isShut: boolean;
}

/** Keeps which files a link to a zip is for, as long as the link lasts. */
export interface ZipSelectionStore {
  put(id: string, fileIds: readonly string[], expiresAt: Date): Promise<void>;
  /** @returns undefined when it is missing or over */
  find(id: string): Promise<readonly string[] | undefined>;
}

/** Starts the move of a staged file. Implemented by transfers/, which lies to the right. */
export interface TransferQueue {
  /** Records the transfer; it begins once `begin` is called. Files without bytes are done at once. */
  enqueue(file: {
    fileId: string;
    blobId: string;
    ownerId: string;
    sizeBytes: number;
    partsTotal: number;
  }): Promise<string>;
  begin(transferId: string): Promise<void>;
  /** Takes back what `enqueue` recorded. */
  cancelUpload(fileId: string): Promise<void>;
}
