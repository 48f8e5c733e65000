import type { Viewer } from "../kernel/context.js";
import { AppError, isAbort, notFound, unavailable } from "../kernel/errors.js";
import { inTurn } from "../kernel/in-turn.js";
import type { Logger } from "../kernel/log.js";
import type { File } from "./file.js";
import type { FileService, OpenFile } from "./file.service.js";
import { MAX_IMAGE_BYTES, TEXT_PREVIEW_BYTES, isTextual, previewKindOf } from "./preview.js";
import type { ThumbnailSize } from "./preview.js";
import type { ImageScaler, Thumbnail, ThumbnailStore } from "./preview.ports.js";
import { decodeText } from "./text-decoding.js";

/** An image is held whole while its thumbnail is made. */
const LIMITS = { atOnce: 2, waiting: 200 };
const BUSY = "Too many previews are being made now. Try again in a few seconds.";
const MAKING_MS = 60_000;
const SLOW = "The image could not be fetched in time. Try again shortly.";
const MAX_THUMBNAIL_BYTES = 256 * 1024;

export interface TextPreview {
  file: File;
  text: string;
  /** What the bytes were taken for. */
  charset: string;
  /** Whether the file goes on. */
  isCut: boolean;
}

/** Small views of files: thumbnails, and the beginnings of texts. */
export class PreviewService {
  private readonly inTurn = inTurn(LIMITS, BUSY);
  private readonly making = new Map<string, Promise<Thumbnail>>();

  constructor(
    private readonly files: Pick<FileService, "open">,
    private readonly scaler: ImageScaler,
    private readonly thumbnails: ThumbnailStore,
    private readonly log: Logger,
  ) {}

  /**
   * An image made small, as WebP. It is made once for each blob and size, and kept.
   * @throws AppError NOT_FOUND also when the file has none; UNAVAILABLE when its bytes cannot be had now
   */
  async thumbnail(
    viewer: Viewer,
    fileId: string,
    size: ThumbnailSize,
  ): Promise<{ file: File; webp: Buffer }> {
    const open = await this.files.open(viewer, fileId);
    const { file } = open;
    if (!hasThumbnail(file)) throw notFound("Thumbnail");
    const kept = await this.thumbnails.find(file.blobId, size);
    const { webp } = kept ?? (await this.made(open, size));
    if (webp === undefined) throw notFound("Thumbnail");
    return { file, webp };
  }

  /**
   * The beginning of a text, whatever its charset.
   * @throws AppError NOT_FOUND also when it is no text; UNAVAILABLE when its bytes cannot be had now
   */
  async text(viewer: Viewer, fileId: string, signal: AbortSignal): Promise<TextPreview> {
    const open = await this.files.open(viewer, fileId);
    const { file } = open;
    const head = isTextual(previewKindOf(file)) ? await read(open, TEXT_PREVIEW_BYTES, signal) : undefined;
    const text = head && decodeText(head);
    if (text === undefined)
      throw new AppError("NOT_FOUND", "This file is no text. Download it to look at it.");
    return { file, ...text, isCut: file.sizeBytes > TEXT_PREVIEW_BYTES };
  }

  /** Whoever asks while it is being made waits for the same one. */
  private made(open: OpenFile, size: ThumbnailSize): Promise<Thumbnail> {
    const key = `${open.file.blobId}/${size}`;
    const underWay = this.making.get(key);
    if (underWay !== undefined) return underWay;
    const making = this.inTurn(() => this.make(open, size)).finally(() => this.making.delete(key));
    this.making.set(key, making);
    return making;
  }

  private async make(open: OpenFile, size: ThumbnailSize): Promise<Thumbnail> {
    const { blobId, id } = open.file;
    const image = await read(open, MAX_IMAGE_BYTES, AbortSignal.timeout(MAKING_MS)).catch(
      (error: unknown) => {
        throw isAbort(error) ? unavailable(SLOW, error) : error;
      },
    );
    const thumbnail = { webp: await this.scaler.scale(image, size, MAX_THUMBNAIL_BYTES) };
    if (thumbnail.webp === undefined) this.log.info({ fileId: id, size }, "an image has no thumbnail");
    await this.thumbnails.put(blobId, size, thumbnail);
    return thumbnail;
  }
}

export function hasThumbnail(file: File): boolean {
  return previewKindOf(file) === "IMAGE" && file.sizeBytes > 0 && file.sizeBytes <= MAX_IMAGE_BYTES;
}

async function read(open: OpenFile, most: number, signal: AbortSignal): Promise<Buffer> {
  const size = Math.min(open.file.sizeBytes, most);
  if (size === 0) return Buffer.alloc(0);
  const stream = await open.read({ start: 0, end: size - 1 }, signal);
  const bytes = Buffer.allocUnsafeSlow(size);
  let at = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) at += chunk.copy(bytes, at);
  } finally {
    stream.destroy();
  }
  return bytes.subarray(0, at);
}
