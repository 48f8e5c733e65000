import { Readable } from "node:stream";
import { AppError, unavailable } from "../kernel/errors.js";
import type { JobQueue } from "../kernel/jobs.js";
import type { Logger } from "../kernel/log.js";
import { BLOCK_BYTES, BytesDamaged, blockTag, isHealthy, partOffset, partsOfRange } from "./blob.js";
import type { Blob, ByteRange, Part, Replica } from "./blob.js";
import { BlockTag } from "./block-tags.js";
import type { BlobStore, ChatStore, PartStore, StagingArea } from "./vault.ports.js";

/** Part documents are read this many at a time. */
const PARTS_PER_READ = 32;
/** Verified pieces, each of at most 256 KiB, that may wait for a slow reader. */
const PIECES_AHEAD = 4;
const TRY_AGAIN_WITHIN_MS = 5_000;

/** A place a part's bytes can be read from. */
interface Source {
  name: string;
  replica: Replica | undefined;
  open(range: ByteRange): Promise<Readable>;
}

/** Gives stored bytes back, and only verified ones. */
export class ReadService {
  constructor(
    private readonly chats: ChatStore,
    private readonly staging: StagingArea,
    private readonly blobs: BlobStore,
    private readonly parts: PartStore,
    private readonly jobs: JobQueue,
    private readonly log: Logger,
  ) {}

  /**
   * Streams bytes of a blob. Each block is checked before its bytes are given out; when a copy fails, the next one
   * continues from that block. The stream errors when no copy is left: it never ends short, never gives wrong bytes.
   */
  read(blob: Blob, range: ByteRange, signal: AbortSignal): Readable {
    // In object mode the pieces pass as they are; a byte stream would join what waits, which copies it.
    return Readable.from(this.verified(blob, range, signal), { highWaterMark: PIECES_AHEAD });
  }

  /** Fills `target`, which has the part's size, with its verified bytes. */
  async part(blob: Blob, part: Part, target: Buffer, signal: AbortSignal): Promise<void> {
    let offset = 0;
    for await (const bytes of this.partRange(blob, part, { start: 0, end: part.sizeBytes - 1 }, signal)) {
      offset += bytes.copy(target, offset);
    }
  }

  private async *verified(blob: Blob, range: ByteRange, signal: AbortSignal): AsyncGenerator<Buffer> {
    const touched = partsOfRange(blob, range);
    for (let at = 0; at < touched.length; at += PARTS_PER_READ) {
      const page = touched.slice(at, at + PARTS_PER_READ);
      const [first, last] = [page[0]?.index ?? 0, page.at(-1)?.index ?? 0];
      const parts = await this.parts.range(blob.id, first, last);
      for (const [i, { wanted }] of page.entries()) {
        const part = parts[i];
        if (part?.index !== first + i) throw unavailable("A part of this file is not recorded.");
        const next = parts[i + 1]?.replicas.find(isHealthy);
        if (next !== undefined) this.chats.prefetch(next);
        yield* this.partRange(blob, part, wanted, signal);
      }
    }
  }

  private async *partRange(
    blob: Blob,
    part: Part,
    wanted: ByteRange,
    signal: AbortSignal,
  ): AsyncGenerator<Buffer> {
    let block = Math.floor(wanted.start / BLOCK_BYTES);
    const lastBlock = Math.floor(wanted.end / BLOCK_BYTES);
    let outage: AppError | undefined;
    for await (const source of this.everySource(blob, part, signal)) {
      try {
        for await (const pieces of this.blocks(source, blob, part, { from: block, to: lastBlock })) {
          let offset = block * BLOCK_BYTES;
          block += 1;
          // Given away one by one: a slow reader holds what he has not had yet, not the whole block.
          for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
            const from = Math.max(wanted.start - offset, 0);
            const to = Math.min(wanted.end - offset + 1, piece.length);
            if (from < to) yield piece.subarray(from, to);
            offset += piece.length;
          }
        }
        return;
      } catch (error) {
        if (signal.aborted) throw error;
        this.log.warn(
          { blobId: blob.id, part: part.index, block, source: source.name, err: error },
          "a copy failed",
        );
        if (error instanceof AppError && error.code === "UNAVAILABLE") outage ??= error;
        if (source.replica !== undefined) await this.suspect(part, source.replica, error);
      }
    }
    if (outage !== undefined) {
      const { message, forOperators, details } = outage;
      const what = `Part ${part.index + 1} of this file cannot be reached now.`;
      throw new AppError("UNAVAILABLE", `${what} ${message}`, details, {
        cause: outage,
        forOperators: forOperators && `${what} ${forOperators}`,
      });
    }
    throw new BytesDamaged(part.index);
  }

  /**
   * All sources; then those made meanwhile, since a long read sees copies come and go; and all of them once more when
   * they failed fast, since the line may have been at fault.
   */
  private async *everySource(blob: Blob, part: Part, signal: AbortSignal): AsyncGenerator<Source> {
    const began = performance.now();
    const known = this.sources(blob, part, signal);
    yield* known;
    const isWorthwhile = performance.now() - began < TRY_AGAIN_WITHIN_MS;
    const names = new Set(isWorthwhile ? [] : known.map(({ name }) => name));
    const [now] = await this.parts.range(part.blobId, part.index, part.index);
    if (now !== undefined) yield* this.sources(blob, now, signal).filter(({ name }) => !names.has(name));
  }

  /**
   * Blocks `from`..`to` of a part, each checked against its tag, in the pieces in which they came: joined, they would
   * be large buffers that outlive the cheap garbage collections.
   */
  private async *blocks(
    source: Source,
    blob: Blob,
    part: Part,
    { from, to }: { from: number; to: number },
  ): AsyncGenerator<Buffer[]> {
    const tagOf = (block: number): BlockTag =>
      new BlockTag(blob.tagKey, part.index * blob.blocksPerPart + block);
    const end = Math.min((to + 1) * BLOCK_BYTES, part.sizeBytes) - 1;
    const stream = await source.open({ start: from * BLOCK_BYTES, end });
    let block = from;
    let missing = Math.min(BLOCK_BYTES, part.sizeBytes - block * BLOCK_BYTES);
    let pieces: Buffer[] = [];
    let tag = tagOf(block);
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        for (let at = 0; at < chunk.length && block <= to;) {
          const piece = chunk.subarray(at, at + missing);
          tag.update(piece);
          pieces.push(piece);
          at += piece.length;
          missing -= piece.length;
          if (missing > 0) continue;
          if (!tag.digest().equals(blockTag(part, block)))
            throw new Error(`block ${block} has the wrong tag`);
          yield pieces;
          block += 1;
          missing = Math.min(BLOCK_BYTES, part.sizeBytes - block * BLOCK_BYTES);
          pieces = [];
          tag = tagOf(block);
        }
      }
    } finally {
      stream.destroy();
    }
    if (block <= to) throw new Error(`the bytes ended before block ${block}`);
  }

  /** Staged bytes while there are any, then healthy copies, doubtful ones last: each is checked all the same. */
  private sources(blob: Blob, part: Part, signal: AbortSignal): Source[] {
    const ofReplica = (replica: Replica): Source => ({
      name: `chat ${replica.chat} message ${replica.messageId}`,
      replica,
      open: (range) => this.chats.open(replica, range, signal),
    });
    const { stagedId } = blob;
    const staged: Source[] =
      stagedId === undefined
        ? []
        : [
            {
              name: "staging",
              replica: undefined,
              open: (range) => this.openStaged(stagedId, blob, part, range, signal),
            },
          ];
    return [
      ...staged,
      ...part.replicas.filter(isHealthy).map(ofReplica),
      ...part.replicas.filter((replica) => !isHealthy(replica)).map(ofReplica),
    ];
  }

  private openStaged(
    stagedId: string,
    blob: Blob,
    part: Part,
    range: ByteRange,
    signal: AbortSignal,
  ): Promise<Readable> {
    const offset = partOffset(blob, part.index);
    return this.staging.open(stagedId, { start: offset + range.start, end: offset + range.end }, signal);
  }

  /** A chat that cannot be reached says nothing about the copy in it. */
  private async suspect(part: Part, replica: Replica, error: unknown): Promise<void> {
    if (error instanceof AppError && error.code === "UNAVAILABLE") return;
    await this.parts.markSuspect(part.blobId, part.index, replica);
    if (await this.blobs.requestRepair(part.blobId)) {
      await this.jobs.wake("blob.repair", { blobId: part.blobId });
    }
  }
}
