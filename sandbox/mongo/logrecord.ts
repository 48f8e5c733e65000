import { crc32 } from "node:zlib";
import { decode } from "./values.js";
import type { Doc } from "./values.js";

/** One thing that happened, as the log keeps it. */
export type LogRecord =
  | { readonly kind: "put"; readonly collection: number; readonly record: number; readonly bytes: Uint8Array }
  | { readonly kind: "remove"; readonly collection: number; readonly record: number }
  | { readonly kind: "define"; readonly collection: number; readonly definition: Doc };

const KINDS = ["put", "remove", "define"] as const;
/** Length and checksum stand before what they are about. */
const FRAME = 8;
/** Kind, collection, record. */
const HEAD = 1 + 4 + 6;

/** Appends a record to `into`: its frame and head, then the document's bytes as they are. */
export function writeRecord(
  into: Uint8Array[],
  kind: LogRecord["kind"],
  collection: number,
  record: number,
  bytes?: Uint8Array,
): number {
  const head = Buffer.allocUnsafe(FRAME + HEAD);
  const length = HEAD + (bytes?.length ?? 0);
  head.writeUInt32LE(length, 0);
  head[FRAME] = KINDS.indexOf(kind);
  head.writeUInt32LE(collection, FRAME + 1);
  head.writeUIntLE(record, FRAME + 5, 6);
  const checksum = crc32(head.subarray(FRAME));
  head.writeUInt32LE(bytes ? crc32(bytes, checksum) : checksum, 4);
  into.push(head);
  if (bytes) into.push(bytes);
  return FRAME + length;
}

/**
 * Reads records up to the first that is not whole.
 * @returns how many bytes are whole: what is behind them was being written when the process ended
 */
export function readRecords(log: Buffer, take: (record: LogRecord) => void): number {
  let at = 0;
  while (at + FRAME + HEAD <= log.length) {
    const end = at + FRAME + log.readUInt32LE(at);
    if (end < at + FRAME + HEAD || end > log.length) break;
    if (crc32(log.subarray(at + FRAME, end)) !== log.readUInt32LE(at + 4)) break;
    const kind = KINDS[log[at + FRAME]!];
    const collection = log.readUInt32LE(at + FRAME + 1);
    const record = log.readUIntLE(at + FRAME + 5, 6);
    // A copy: a view would keep the whole file in memory for as long as one document of it lives.
    const bytes = Buffer.from(log.subarray(at + FRAME + HEAD, end));
    if (kind === "put") take({ kind, collection, record, bytes });
    else if (kind === "remove") take({ kind, collection, record });
    else if (kind === "define") take({ kind, collection, definition: decode(bytes) });
    else break;
    at = end;
  }
  return at;
}
