import type { TransferProgress } from "./progress.js";

/** Topic -> payload. */
export interface Topics {
  "transfer.progress": TransferProgress;
}

export type Topic = keyof Topics;

/** Tells every interested process that something happened. Missing an event costs a viewer at most a second. */
export interface EventBus {
  publish<T extends Topic>(topic: T, payload: Topics[T]): void;
  /** Ends, and frees what it holds, when `signal` aborts. */
  subscribe<T extends Topic>(topic: T, signal: AbortSignal): AsyncIterableIterator<Topics[T]>;
  close(): Promise<void>;
}
