import { Readable } from "node:stream";
import { AppError, isUnavailable, toldAfter, unavailable } from "../kernel/errors.js";
import type { JobQueue } from "../kernel/jobs.js";
import type { Logger } from "../kernel/log.js";
import { BLOCK_BYTES, BytesDamaged, blockTag, isHealthy, partOffset, partsOfRange } from "./blob.js";
import type { Blob, ByteRange, Part, Replica } from "./blob.js";
import { BlockTag } from "./block-tags.js";
import { ReadPatience } from "./read-patience.js";
import type { BlobStore, ChatStore, PartStore, StagingArea } from "./vault.ports.js";

/** Part documents are read this many at a time. */
const PARTS_PER_READ = 32;
/** Verified pieces, each of at most 256 KiB, that may wait for a slow reader. */
const PIECES_AHEAD = 4;
/** A staging area that could not be reached is not asked before good copies for so long. */
const STAGING_RESTS_MS = 60_000;

/** A place a part's bytes can be read from. */
interface Source {
  name: string;
  replica: Replica | undefined;
  open(range: ByteRange): Promise<Readable>;
}

/** Gives stored bytes back, and only verified ones. */
export class ReadService {
  private stagingRestsUntil = 0;
  /** Blobs, as one reader knows them, whose staged bytes were found to be gone. */
  private readonly unstaged = new WeakSet<Blob>();

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
   * Once bytes were given out, an outage is waited out for a minute, since the stream could not be begun again.
   * @param isUnderWay the bytes go on with others that were given out before
   */
  read(blob: Blob, range: ByteRange, signal: AbortSignal, isUnderWay = false): Readable {
    // In object mode the pieces pass as they are; a byte stream would join what waits, which copies it.
    return Readable.from(this.verified(blob, range, signal, isUnderWay), { highWaterMark: PIECES_AHEAD });
  }

  /** Fills `target`, which has the part's size, with its verified bytes. */
  async part(blob: Blob, part: Part, target: Buffer, signal: AbortSignal): Promise<void> {
    let offset = 0;
    for await (const bytes of this.partRange(blob, part, { start: 0, end: part.sizeBytes - 1 }, signal)) {
      offset += bytes.copy(target, offset);
    }
  }

  private async *verified(
    blob: Blob,
    range: ByteRange,
    signal: AbortSignal,
    isUnderWay: boolean,
  ): AsyncGenerator<Buffer> {
    let hasBegun = isUnderWay;
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
        for await (const piece of this.partRange(blob, part, wanted, signal, () => hasBegun)) {
          hasBegun = true;
          yield piece;
        }
      }
    }
  }

  /** @param mayWait whether sources that are away are better waited for than given up */
  private async *partRange(
    blob: Blob,
    part: Part,
    wanted: ByteRange,
    signal: AbortSignal,
    mayWait: () => boolean = () => false,
  ): AsyncGenerator<Buffer> {
    const at = { block: Math.floor(wanted.start / BLOCK_BYTES) };
    const patience = new ReadPatience(mayWait);
    const tried = new Set<string>();
    const refused = new Set<Replica>();
    let outage: AppError | undefined;
    let sources = this.sources(blob, part, signal);
    do {
      patience.begin(at.block);
      for (const source of sources) {
        tried.add(source.name);
        try {
          yield* this.fromSource(source, blob, part, wanted, at);
          if (source.replica?.suspectAt !== undefined) await this.askForRepair(part, true);
          for (const replica of refused) await this.doubt(part, replica);
          return;
        } catch (error) {
          if (signal.aborted) throw error;
          const { name } = source;
          this.log.warn(
            { blobId: blob.id, part: part.index, ...at, source: name, err: error },
            "a copy failed",
          );
          if (isUnavailable(error)) outage = error;
          if (isUnavailable(error) && error.forOperators !== undefined && source.replica)
            refused.add(source.replica);
          await this.noteFailure(blob, part, source, error);
        }
      }
      const isAgain = sources.length === 0 || (await patience.allows(at.block, outage, signal));
      // Also those made meanwhile: a long read sees copies come and go.
      const [now] = await this.parts.range(part.blobId, part.index, part.index);
      const all = now === undefined ? [] : this.sources(blob, now, signal);
      sources = isAgain ? all : all.filter(({ name }) => !tried.has(name));
    } while (sources.length > 0);
    throw outage === undefined ? new BytesDamaged(part.index) : unreachable(part, outage);
  }

  /** @param at the block to begin with; goes on with every block that was given out */
  private async *fromSource(
    source: Source,
    blob: Blob,
    part: Part,
    wanted: ByteRange,
    at: { block: number },
  ): AsyncGenerator<Buffer> {
    const to = Math.floor(wanted.end / BLOCK_BYTES);
    for await (const pieces of this.blocks(source, blob, part, { from: at.block, to })) {
      let offset = at.block * BLOCK_BYTES;
      at.block += 1;
      // Given away one by one: a slow reader holds what he has not had yet, not the whole block.
      for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
        const from = Math.max(wanted.start - offset, 0);
        const end = Math.min(wanted.end - offset + 1, piece.length);
        if (from < end) yield piece.subarray(from, end);
        offset += piece.length;
      }
    }
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

  /**
   * Staged bytes while the transfer needs them, then healthy copies, doubtful ones last: each is checked all the same.
   * Staged bytes that only wait to be deleted, or cannot be had, come last: nobody waits for them beside good copies.
   */
  private sources(blob: Blob, part: Part, signal: AbortSignal): Source[] {
    const ofReplica = (replica: Replica): Source => ({
      name: `chat ${replica.chat} message ${replica.messageId}`,
      replica,
      open: (range) => this.chats.open(replica, range, signal),
    });
    const { stagedId } = blob;
    const staged: Source[] =
      stagedId === undefined || this.unstaged.has(blob)
        ? []
        : [
            {
              name: "staging",
              replica: undefined,
              open: (range) => this.openStaged(stagedId, blob, part, range, signal),
            },
          ];
    const isStagedFirst = blob.storedAt === undefined && performance.now() >= this.stagingRestsUntil;
    const healthy = part.replicas.filter(isHealthy).map(ofReplica);
    const doubtful = part.replicas.filter((replica) => !isHealthy(replica)).map(ofReplica);
    return isStagedFirst ? [...staged, ...healthy, ...doubtful] : [...healthy, ...staged, ...doubtful];
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

  /**
   * What cannot be reached says nothing about the bytes in it. What cannot before somebody mends something, though
   * others can, is doubted once these have given the bytes.
   */
  private async noteFailure(blob: Blob, part: Part, { replica }: Source, error: unknown): Promise<void> {
    const isAway = isUnavailable(error);
    if (replica === undefined) {
      if (isAway) this.stagingRestsUntil = performance.now() + STAGING_RESTS_MS;
      else if (error instanceof AppError) this.unstaged.add(blob);
      return;
    }
    if (isAway) return;
    await this.doubt(part, replica);
  }

  private async doubt(part: Part, replica: Replica): Promise<void> {
    await this.askForRepair(part, await this.parts.markSuspect(part.blobId, part.index, replica));
  }

  private async askForRepair({ blobId }: Part, isNews: boolean): Promise<void> {
    if (await this.blobs.requestRepair(blobId, isNews)) await this.jobs.wake("blob.repair", { blobId });
  }
}

function unreachable(part: Part, outage: AppError): AppError {
  const told = toldAfter(`Part ${part.index + 1} of this file cannot be reached now.`, outage);
  const { message, forOperators } = told;
  return new AppError("UNAVAILABLE", message, outage.details, { cause: outage, forOperators });
}
