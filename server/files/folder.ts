import type { ArchiveMark } from "../kernel/archived.js";
import type { FileState } from "./file.js";

export const FOLDER_STATES = ["EMPTY", "TRANSFERRING", "STORED", "PARTIAL", "FAILED"] as const;
export type FolderState = (typeof FOLDER_STATES)[number];

/** A member of a batch upload that failed alone, and why. */
export interface FailedUpload {
  path: string;
  code: string;
  message: string;
}

/** A named, nestable set of files. A batch upload makes one. */
export interface Folder extends ArchiveMark {
  id: string;
  name: string;
  /** As a file's. */
  ownerId: string;
  /** Without an owner it lasts until then. */
  expiresAt: Date | undefined;
  parentId: string | undefined;
  /** The folders above, from the top. */
  path: readonly string[];
  createdAt: Date;
  failedUploads: FailedUpload[];
}

/**
 * A folder's state, from how many of its files are in which state.
 * @param more files of its batch that never became files, and whether files are still being copied into it
 */
export function folderState(
  files: Partial<Record<FileState, number>>,
  { failedUploads, isFilling }: { failedUploads: number; isFilling: boolean },
): FolderState {
  const count = (...states: FileState[]): number =>
    states.reduce((sum, state) => sum + (files[state] ?? 0), 0);
  const failed = count("FAILED", "LOST", "CANCELLED") + failedUploads;
  const stored = count("STORED", "DEGRADED");
  if (isFilling || count("RECEIVING", "STAGED", "TRANSFERRING") > 0) return "TRANSFERRING";
  if (failed === 0) return stored === 0 ? "EMPTY" : "STORED";
  return stored === 0 ? "FAILED" : "PARTIAL";
}
