export const FOLDER_COPY_STATES = ["RUNNING", "DONE", "STOPPED"] as const;
export type FolderCopyState = (typeof FOLDER_COPY_STATES)[number];

/** A folder that is being copied: the files in it first, then, one by one, the folders. */
export interface CopyStep {
  fromId: string;
  toId: string;
  /** The original's, for telling where something could not be copied. */
  name: string;
  isAtFolders: boolean;
  /** All files, or all folders, up to here are copied; undefined: none yet. */
  cursor: string | undefined;
}

/** A file that was still on its way to Telegram when its turn came. */
export interface AwaitedFile {
  fileId: string;
  /** The folder that its copy goes to. */
  toId: string;
  /** For telling where it could not be copied. */
  path: string;
}

/** The making of a folder from another one with all that is in it. It has the id of the folder that it makes. */
export interface FolderCopy {
  id: string;
  sourceId: string;
  ownerId: string;
  name: string;
  parentId: string | undefined;
  expiresAt: Date | undefined;
  /** Folders that had this name there: archived once the copy is complete. */
  replaces: readonly string[];
  startedById: string;
  /** Where the request came from. */
  address: string | undefined;
  startedAt: Date;
  state: FolderCopyState;
  /** Why it ended before everything was copied. */
  stopped: string | undefined;
  /** Files that were in the original at the beginning. */
  total: number;
  done: number;
  failed: number;
  /** Copied last, each as soon as it is stored. */
  awaited: readonly AwaitedFile[];
  finishedAt: Date | undefined;
  /** The way down to where it stands; undefined until the folder itself is made, empty when all is copied. */
  way: readonly CopyStep[] | undefined;
}
