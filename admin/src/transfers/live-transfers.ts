import type { ProgressFragment, TransferState } from "../generated/graphql.js";

export type Progress = ProgressFragment;

const SETTLED: readonly TransferState[] = ["DONE", "FAILED", "CANCELLED"];

export function isSettled(state: TransferState): boolean {
  return SETTLED.includes(state);
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

  /** What is known may be out of date, as after a lost connection or a retry: the record counts again. */
  forget(fileId?: string): void {
    if (fileId === undefined) this.#byFile.clear();
    else this.#byFile.delete(fileId);
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
