import type { ProgressFragment, TransferState } from "../generated/graphql.js";
import type { TransferRow } from "./transfer.queries.js";

export type Progress = ProgressFragment;

const SETTLED: readonly TransferState[] = ["DONE", "FAILED", "CANCELLED"];

export function isSettled(state: TransferState): boolean {
  return SETTLED.includes(state);
}

/** A record, in the shape of an event. */
export function progressOf(fileId: string, record: TransferRow): Progress {
  return {
    ...record,
    __typename: "TransferProgress",
    bytesPerSecond: 0,
    fileId,
    transferId: record.id,
  };
}

/** The newest progress of each file that moved while the console was open. */
export class LiveTransfers {
  readonly #byFile = new Map<string, Progress>();
  readonly #listeners = new Set<() => void>();
  readonly #watchers = new Set<(progress: Progress) => void>();

  /** Answers whether lists should be read again: the transfer is new here, or has come to its end. */
  apply(progress: Progress): boolean {
    const known = this.#byFile.get(progress.fileId);
    this.#byFile.set(progress.fileId, progress);
    this.#tell();
    for (const watch of this.#watchers) watch(progress);
    return known?.state !== progress.state && (known === undefined || isSettled(progress.state));
  }

  get(fileId: string | undefined): Progress | undefined {
    return fileId === undefined ? undefined : this.#byFile.get(fileId);
  }

  /**
   * Events were missed: what is known may be out of date, and the records count again.
   * @returns what was forgotten. Nothing happens any more to what is done or cancelled
   */
  forgetUnfinished(): readonly Progress[] {
    const unfinished = [...this.#byFile.values()].filter(
      ({ state }) => state !== "DONE" && state !== "CANCELLED",
    );
    for (const { fileId } of unfinished) this.#byFile.delete(fileId);
    this.#tell();
    return unfinished;
  }

  /** What a record says, where no event has said anything yet. */
  learn(fileId: string, record: TransferRow): void {
    if (this.#byFile.has(fileId)) return;
    this.#byFile.set(fileId, progressOf(fileId, record));
    this.#tell();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Every step, where `subscribe` tells only that something has changed. */
  onProgress(watch: (progress: Progress) => void): () => void {
    this.#watchers.add(watch);
    return () => this.#watchers.delete(watch);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
