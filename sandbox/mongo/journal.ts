import type { Doc } from "./values.js";

/** Where changes are written down before they are acknowledged. */
export interface Journal {
  /** A record of a collection now has these bytes. */
  put(collection: number, record: number, bytes: Uint8Array): void;
  remove(collection: number, record: number): void;
  /** A collection as it now is, with its indexes. */
  define(collection: number, definition: Doc): void;
  /** Resolves when everything written so far would survive the end of the process. */
  commit(): Promise<void>;
  close(): Promise<void>;
}

/** Keeps nothing: for a server without a data folder. */
export const FORGETFUL: Journal = {
  put: () => undefined,
  remove: () => undefined,
  define: () => undefined,
  commit: () => Promise.resolve(),
  close: () => Promise.resolve(),
};
