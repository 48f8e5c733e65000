import type { FailedUpload, Folder } from "./folder.js";
import type { File, FileState } from "./file.js";

export interface NewFile {
  id: string;
  name: string;
  mimeType: string;
  ownerId: string;
  folderId: string | undefined;
}

export interface FileFilter {
  ownerId?: string;
  /** Files in this folder itself, not in the folders below it. */
  folderId?: string;
  states?: readonly FileState[];
  /** Part of a name, in any case. */
  search?: string;
  createdAfter?: Date;
  createdBefore?: Date;
  /** Only archived ones, or only those that are not; absent: both. */
  archived?: boolean;
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
  /** Makes a file in state RECEIVING, which its upload must keep alive. */
  create(file: NewFile, leaseMs: number): Promise<void>;
  /** Says that the upload is still under way. */
  keepReceiving(id: string, leaseMs: number): Promise<void>;
  /** The bytes are staged; the file is not counted yet. @returns undefined when the upload was given up meanwhile */
  markReceived(
    id: string,
    facts: {
      sizeBytes: number;
      sha256: string;
      blobId: string;
      transferId: string;
      mimeType: string;
      state: FileState;
    },
  ): Promise<File | undefined>;
  recordBlob(id: string, blobId: string): Promise<void>;
  find(id: string): Promise<File | undefined>;
  findMany(ids: readonly string[]): Promise<File[]>;
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

export interface FolderStore {
  create(folder: {
    id: string;
    name: string;
    ownerId: string;
    parentId: string | undefined;
  }): Promise<Folder>;
  find(id: string): Promise<Folder | undefined>;
  findMany(ids: readonly string[]): Promise<Folder[]>;
  list(where: FolderFilter, page: PageRequest): Promise<Page<Folder>>;
  count(where: FolderFilter): Promise<number>;
  /** Takes back a folder that was made a moment ago and has nothing in it. */
  remove(id: string): Promise<void>;
  /** Up to `limit` folders below a folder, at any depth, in no order. */
  below(folderId: string, limit: number): Promise<Folder[]>;
  addFailures(id: string, failures: readonly FailedUpload[]): Promise<void>;
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
