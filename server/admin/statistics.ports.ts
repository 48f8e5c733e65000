import type { FileState } from "../files/file.js";
import type { RequestContext, Role, Viewer } from "../kernel/context.js";

/** How much there was at a moment. */
export interface Totals {
  asOf: Date;
  /** Of accounts that are not archived. */
  usersByRole: Record<Role, number>;
  archivedUsers: number;
  /** Of files that are not archived. */
  filesByState: Record<FileState, number>;
  archivedFiles: number;
  /** Files without an owner that are not archived. */
  anonymousFiles: number;
  /** Of all files whose bytes count, archived ones included; those that arrive or were cancelled do not. */
  bytes: number;
  /** The same files by the first half of their MIME type, the most bytes first. */
  types: { name: string; files: number; bytes: number }[];
}

export interface TransferCounts {
  underWay: number;
  failed: number;
}

/** What happened in a day, in UTC. */
export interface DayCounts {
  uploads: number;
  uploadedBytes: number;
  transfersDone: number;
  transferredBytes: number;
  transfersFailed: number;
}

export interface Day extends DayCounts {
  /** Such as `2026-11-22`. */
  name: string;
}

/** The numbers that change while somebody looks. */
export interface Counters {
  totals: Totals;
  transfers: TransferCounts;
  today: Day;
}

export interface StatisticsStore {
  /** Adds to a day's counts, once for each key however often it is recorded: see what may drift below. */
  record(happening: Pick<Happening, "key" | "at" | "counts">): Promise<void>;
  /**
   * The result of the last count; undefined when it is older than a second, or than twenty times what counting took:
   * so however large the database is and however many look, counting takes a twentieth of one core.
   */
  freshTotals(): Promise<Totals | undefined>;
  /** Counts over indexes and keeps the result. Whatever was wrong in what was kept is right again. */
  recount(): Promise<Totals>;
  /** Counted over an index: as much work as there are transfers under way or failed. */
  transfers(): Promise<TransferCounts>;
  /** The days from one to another, both included, the oldest first; days on which nothing happened are missing. */
  days(first: string, last: string): Promise<Day[]>;
}

/** An upload that was received, or a transfer that came to its end. */
export interface Happening {
  of: "file" | "transfer";
  id: string;
  /** Names it among all that happened: a transfer that is tried again ends again. */
  key: string;
  at: Date;
  counts: Partial<DayCounts>;
}

/**
 * What happened and is not in its day yet. The mark is written in one step with what it tells of, and taken away after
 * it is recorded, so a crash loses nothing. What may drift, for good: a file that is purged, or a failed transfer that
 * ends once more, within the seconds before the sweep comes by is not counted.
 */
export interface Happenings {
  unrecorded(limit: number): Promise<Happening[]>;
  /** Takes the mark away, unless the same thing happened again meanwhile. Safe to repeat. */
  markRecorded(happening: Happening): Promise<void>;
}

export type CounterWatch = (viewer: Viewer, signal: AbortSignal) => AsyncGenerator<Counters>;

/** `subscribe` functions of TypeGraphQL have no resolver instance: the watch travels in the context. */
export interface CountersContext extends RequestContext {
  watchCounters: CounterWatch;
}
