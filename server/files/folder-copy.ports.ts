import type { SignedInViewer } from "../kernel/context.js";
import type { AwaitedFile, CopyStep, FolderCopy } from "./folder-copy.js";

export type NewFolderCopy = Pick<
  FolderCopy,
  | "id"
  | "sourceId"
  | "ownerId"
  | "name"
  | "parentId"
  | "expiresAt"
  | "replaces"
  | "startedById"
  | "address"
  | "total"
>;

/** Copies of folders. Every change is one atomic update with its precondition in the filter. */
export interface FolderCopyStore {
  /**
   * Writes down what is to be copied, before anything is. A worker takes it unless it is begun soon. Until it is begun it
   * alone has the right to its name there among all copies: a unique index guards that.
   * @returns undefined when another copy has that right
   */
  create(copy: NewFolderCopy): Promise<FolderCopy | undefined>;
  /** Whether a copy that is not begun yet has the right to that name there. */
  isReserved(ownerId: string, parentId: string | undefined, name: string): Promise<boolean>;
  findMany(ids: readonly string[]): Promise<FolderCopy[]>;
  countRunning(startedById: string): Promise<number>;
  /** The folder itself is made: a worker may go on from this first step. @returns it as it is, whoever began it */
  begin(id: string, first: CopyStep): Promise<FolderCopy | undefined>;

  /** Takes the right to work on a copy that is due, for `leaseMs`. */
  take(id: string, lease: string, leaseMs: number): Promise<FolderCopy | undefined>;
  keep(id: string, lease: string, leaseMs: number): Promise<boolean>;
  /** Counts what was copied and goes on from there, once. @returns undefined when another worker took it */
  advance(
    id: string,
    lease: string,
    to: { way: readonly CopyStep[]; done: number; failed: number; awaited?: readonly AwaitedFile[] },
  ): Promise<FolderCopy | undefined>;
  /** Ends it. @param stopped why, when not everything is copied */
  finish(id: string, lease: string, stopped?: string): Promise<void>;
  /** The same for one that no worker has: it could not be begun. */
  abandon(id: string, stopped: string): Promise<void>;
  /** Gives it back; due again after `nextTryMs`. */
  postpone(id: string, lease: string, nextTryMs: number): Promise<void>;
  due(limit: number): Promise<string[]>;
}

/** Hides folders that a copy replaces. Implemented by archives/, which lies to the right. */
export interface FolderShelf {
  /** Safe to repeat. @throws AppError NOT_FOUND when one is missing or somebody else's */
  archive(viewer: SignedInViewer, ids: readonly string[], reason: string): Promise<unknown>;
}
