import { AppError } from "../kernel/errors.js";

/** Random bytes after a part: no two documents have equal sizes, since Telegram slows down uploads of equal size. */
export const MAX_WIRE_PADDING_BYTES = 64 * 1024;

/** Offsets in bytes, both included. */
export interface ByteRange {
  start: number;
  end: number;
}

/** The unit of verification: bytes are tagged, fetched again and refused in blocks of this size. */
export const BLOCK_BYTES = 1024 * 1024;
const TAG_BYTES = 16;

/** No copy of a part gives its bytes back right, though every copy could be asked. Waiting does not help. */
export class BytesDamaged extends AppError {
  constructor(readonly part: number) {
    super("UNAVAILABLE", `Part ${part + 1} of this file is damaged in every copy. Upload the file again.`);
  }
}

/** Another run holds the lease by now: whatever this one still does counts for nothing. */
export class TakenOver extends AppError {
  constructor() {
    super("UNAVAILABLE", "Another worker took this over.");
  }
}

/** Stored bytes. Files name them; parts and replicas hold them. */
export interface Blob {
  id: string;
  sizeBytes: number;
  /** Lower-case hex over all bytes; set once they are staged. */
  sha256: string | undefined;
  /** Makes and checks the tags of its blocks. Never leaves the server. */
  tagKey: Buffer;
  /** The grid: a part is this many blocks, fewer at the end. */
  blocksPerPart: number;
  partsTotal: number;
  /** Where the bytes wait until every copy is verified; undefined before and after. */
  stagedId: string | undefined;
  /** When every part had all its copies for the first time. Only stored blobs are repaired. */
  storedAt: Date | undefined;
}

/** A part as ingest makes it: where its bytes lie and what each block's tag must be. */
export interface NewPart {
  index: number;
  sizeBytes: number;
  /** 16 bytes for each block, in order. */
  blockTags: Buffer;
}

export interface Part extends NewPart {
  blobId: string;
  replicas: Replica[];
}

/** One copy of a part in one chat, posted by one bot. */
export interface Replica {
  bot: string;
  chat: string;
  messageId: number;
  fileId: string;
  fileUniqueId: string;
  /** Bytes of the document on the wire: the part and its padding. */
  sizeBytes: number;
  /** Lower-case hex over the document on the wire. */
  sha256: string;
  /** When it was read back and found equal; undefined while that is due. */
  verifiedAt: Date | undefined;
  /** Set when a reader met wrong or missing bytes here; a repair decides. */
  suspectAt: Date | undefined;
}

/** What a send is about to do, recorded first: after a crash its outcome is unknown, and it can be counted. */
export interface SendIntent {
  id: string;
  bot: string;
  chat: string;
  /** Who holds the lease. A later holder withdraws the intents of earlier ones, which fences their commits. */
  run: string;
}

export function isHealthy(replica: Replica): boolean {
  return replica.verifiedAt !== undefined && replica.suspectAt === undefined;
}

export function partBytes(blob: Pick<Blob, "blocksPerPart">): number {
  return blob.blocksPerPart * BLOCK_BYTES;
}

/** The parts that `range` of the blob touches, each with the bytes wanted of it, relative to the part. */
export function partsOfRange(blob: Blob, range: ByteRange): { index: number; wanted: ByteRange }[] {
  const size = partBytes(blob);
  const first = Math.floor(range.start / size);
  const last = Math.floor(range.end / size);
  return Array.from({ length: last - first + 1 }, (_, i) => {
    const offset = (first + i) * size;
    return {
      index: first + i,
      wanted: { start: Math.max(range.start - offset, 0), end: Math.min(range.end - offset, size - 1) },
    };
  });
}

/** Offset of a part's first byte in its blob. */
export function partOffset(blob: Pick<Blob, "blocksPerPart">, index: number): number {
  return index * partBytes(blob);
}

/** The tag that block `block` of a part must have. */
export function blockTag(part: NewPart, block: number): Buffer {
  return part.blockTags.subarray(block * TAG_BYTES, (block + 1) * TAG_BYTES);
}
