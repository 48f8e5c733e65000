import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { AppError, badInput, fileTooLarge } from "../kernel/errors.js";
import type { NewPart } from "./blob.js";
import { BlockTagger, newTagKey } from "./block-tags.js";
import type { BlobStore, StagedUpload, StagingArea } from "./vault.ports.js";

/** Part documents are written this many at a time: one round trip for a third of a gigabyte. */
const PARTS_PER_WRITE = 16;
/** Bytes looked at before the staging area is asked to take them. */
const BATCH_BYTES = 512 * 1024;
/** Enough for every signature that a type can be recognized by. */
const HEAD_BYTES = 4100;

export interface IngestLimits {
  blocksPerPart: number;
  maxFileBytes: number;
}

/** What the client said about the bytes before sending them. */
export interface Expectation {
  /** The id that the blob will have. The caller recorded it, so that it can discard the blob whatever happens. */
  blobId: string;
  /** The file that the bytes are for. */
  holder: string;
  sha256?: string | undefined;
  declaredBytes?: number | undefined;
  /** Asked before so many bytes are stored; refuses by throwing. */
  cover(bytes: number): Promise<void>;
  /** Told once all bytes were read, before the last of them are stored. */
  trim(bytes: number): Promise<void>;
}

/** Bytes that are staged and accounted for. */
export interface StagedBlob {
  sizeBytes: number;
  sha256: string;
  partsTotal: number;
  /** The first bytes, for recognizing the type. */
  head: Buffer;
}

/** Takes bytes in: tagged block by block on their way into the staging area. */
export class IngestService {
  constructor(
    private readonly staging: StagingArea,
    private readonly blobs: BlobStore,
    private readonly limits: IngestLimits,
  ) {}

  /**
   * Reads `body` to its end into the staging area. Whatever fails, the caller discards the blob.
   * @throws AppError FILE_TOO_LARGE over the limit, BAD_USER_INPUT when size or digest differ from `expected`,
   * UNAVAILABLE when the staging area cannot take the bytes
   */
  async receive(body: Readable, expected: Expectation, signal: AbortSignal): Promise<StagedBlob> {
    const { blobId } = expected;
    const { blocksPerPart } = this.limits;
    const tagKey = newTagKey();
    await this.blobs.create({ id: blobId, blocksPerPart, tagKey, holder: expected.holder });
    const upload = this.staging.begin(blobId, signal);
    upload.onReceipt((receipt) => this.blobs.recordReceipt(blobId, receipt));
    try {
      return await this.store({ blobId, tagKey, upload }, body, expected);
    } catch (error) {
      body.destroy();
      await upload.abort();
      throw error;
    }
  }

  private async store(
    { blobId, tagKey, upload }: { blobId: string; tagKey: Buffer; upload: StagedUpload },
    body: Readable,
    expected: Expectation,
  ): Promise<StagedBlob> {
    const tagger = new BlockTagger(tagKey, this.limits.blocksPerPart);
    const head: Buffer[] = [];
    let pending: NewPart[] = [];
    await inBatches(
      body,
      (bytes) => {
        if (tagger.sizeBytes < HEAD_BYTES) head.push(bytes.subarray(0, HEAD_BYTES - tagger.sizeBytes));
        pending.push(...tagger.update(bytes));
        if (tagger.sizeBytes > this.limits.maxFileBytes) throw fileTooLarge(this.limits.maxFileBytes);
      },
      async (batch) => {
        await expected.cover(tagger.sizeBytes);
        for (const bytes of batch) await upload.write(bytes);
        if (pending.length < PARTS_PER_WRITE) return;
        await this.blobs.addParts(blobId, pending);
        pending = [];
      },
    );
    const { parts, sha256 } = tagger.finish();
    const { sizeBytes, partsTotal } = tagger;
    assertExpected(expected, sizeBytes, sha256);
    await expected.trim(sizeBytes);
    const staged = sizeBytes > 0 ? await upload.commit(sha256) : {};
    await this.blobs.addParts(blobId, [...pending, ...parts]);
    await this.blobs.commit(blobId, { sizeBytes, sha256, partsTotal, ...staged });
    return { sizeBytes, sha256, partsTotal, head: Buffer.concat(head) };
  }
}

/**
 * Reads a stream to its end. Each piece is looked at as it comes and handed on together with its neighbours: iterating
 * over the stream would copy the pieces once more and wait for each.
 */
async function inBatches(
  body: Readable,
  look: (bytes: Buffer) => void,
  handOn: (batch: readonly Buffer[]) => Promise<void>,
): Promise<void> {
  let batch: Buffer[] = [];
  let batchBytes = 0;
  let handing = Promise.resolve();
  const stopped = new Promise<never>((_, reject) => {
    body.on("data", (bytes: Buffer) => {
      try {
        look(bytes);
      } catch (error) {
        body.pause();
        reject(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      batch.push(bytes);
      batchBytes += bytes.length;
      if (batchBytes < BATCH_BYTES) return;
      body.pause();
      handing = handOn(batch);
      batch = [];
      batchBytes = 0;
      handing.then(() => body.resume(), reject);
    });
  });
  try {
    await Promise.race([finished(body, { writable: false, cleanup: true }), stopped]);
  } finally {
    // What follows a failure removes everything: nothing may be written after it.
    await handing.catch(() => undefined);
  }
  await handOn(batch);
}

function assertExpected(expected: Expectation, sizeBytes: number, sha256: string): void {
  const { declaredBytes } = expected;
  if (declaredBytes !== undefined && declaredBytes !== sizeBytes) {
    throw new AppError(
      "BAD_USER_INPUT",
      `${declaredBytes} bytes were announced, ${sizeBytes} arrived. Upload again.`,
    );
  }
  if (expected.sha256 !== undefined && expected.sha256.toLowerCase() !== sha256) {
    throw badInput(`The bytes arrived with sha256 ${sha256}, not the one announced. Upload again.`, "sha256");
  }
}
