import type { FileFilter } from "../files/files.ports.js";

export const BULK_DEEDS = ["ARCHIVE", "RESTORE", "PURGE"] as const;
export type BulkDeed = (typeof BULK_DEEDS)[number];

export const BULK_STATES = ["RUNNING", "DONE", "CANCELLED"] as const;
export type BulkState = (typeof BULK_STATES)[number];

/** One deed done to all files that match a filter, in order of their ids. */
export interface BulkRun {
  id: string;
  deed: BulkDeed;
  filter: FileFilter;
  reason: string | undefined;
  startedById: string;
  /** Where the request came from: the files' entries in the audit log say it too. */
  address: string | undefined;
  startedAt: Date;
  state: BulkState;
  /** Files that matched at the beginning. */
  total: number;
  done: number;
  failed: number;
  finishedAt: Date | undefined;
  /** Why it ended early, when nobody cancelled it. */
  stopped: string | undefined;
  /** All files up to here are dealt with. */
  cursor: string;
  /** Files that are being dealt with: after a crash exactly these are done again. */
  page: readonly string[] | undefined;
}

/** What became of one file. */
export interface BulkResult {
  fileId: string;
  /** Undefined for a file that was gone. */
  name: string | undefined;
  done: boolean;
  /** Why not. */
  reason: string | undefined;
}
