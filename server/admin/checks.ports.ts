/** How the database is, and what waits in it. */
export interface DatabaseCondition {
  /** How long it takes to answer. */
  pingMs(): Promise<number>;
  clock(): Promise<Date>;
  /** Indexes that should be there and are not, as `collection: keys`. */
  missingIndexes(): Promise<string[]>;
  /** For how long the oldest transfer waits that a worker should have taken; undefined when none waits. */
  oldestDueSeconds(): Promise<number | undefined>;
  /** Staged copies that could be deleted and are not yet; counting ends at a thousand. */
  stagedLeftOvers(): Promise<number>;
}

/** The space that staged bytes have. */
export interface StagingQuota {
  /** @returns undefined where the service does not tell, or there is no limit */
  space(signal: AbortSignal): Promise<{ usedBytes: number; limitBytes: number } | undefined>;
}
