import type { Page, PageRequest } from "../files/files.ports.js";
import type { FilePage } from "./archives.ports.js";
import type { BulkResult, BulkRun } from "./bulk-run.js";

export type NewBulkRun = Pick<
  BulkRun,
  "id" | "deed" | "filter" | "reason" | "startedById" | "address" | "total"
>;

/** Runs over all files that match. Every change is one atomic update with its precondition in the filter. */
export interface BulkRunStore {
  /** Begins a run that a worker may take at once. */
  create(run: NewBulkRun): Promise<BulkRun>;
  find(id: string): Promise<BulkRun | undefined>;
  /** Latest first. Everybody's without `startedById`. */
  list(startedById: string | undefined, page: PageRequest): Promise<Page<BulkRun>>;
  count(startedById: string | undefined): Promise<number>;
  countRunning(startedById: string): Promise<number>;
  /** Nothing new is begun. @returns undefined when it has ended */
  cancel(id: string): Promise<BulkRun | undefined>;

  /** Takes the right to work on a run that is due, for `leaseMs`. */
  take(id: string, lease: string, leaseMs: number): Promise<BulkRun | undefined>;
  keep(id: string, lease: string, leaseMs: number): Promise<boolean>;
  /** Notes what is dealt with next, before it is. @returns undefined when the run was cancelled or taken by another worker */
  beginPage(id: string, lease: string, page: FilePage): Promise<BulkRun | undefined>;
  /** Writes what became of files. Safe to repeat. */
  recordResults(id: string, results: readonly BulkResult[]): Promise<void>;
  /** Counts the page and goes on behind it, once. @returns undefined when another worker took the run */
  endPage(id: string, lease: string, counts: { done: number; failed: number }): Promise<BulkRun | undefined>;
  /** Ends it; a cancelled one stays cancelled. @param stopped why it ends before everything is dealt with */
  finish(id: string, lease: string, stopped?: string): Promise<void>;
  /** Gives the run back; due again after `nextTryMs`. */
  postpone(id: string, lease: string, nextTryMs: number): Promise<void>;
  due(limit: number): Promise<string[]>;

  /** @param done only those that were done, or only those that were not */
  results(id: string, done: boolean | undefined, page: PageRequest): Promise<Page<BulkResult>>;
  /** Forgets the runs that somebody started, and their results. Safe to repeat. */
  removeAllOf(startedById: string): Promise<void>;
  countResults(id: string, done: boolean | undefined): Promise<number>;
}
