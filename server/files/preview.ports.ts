import type { ThumbnailSize } from "./preview.js";

/** Makes images small. */
export interface ImageScaler {
  /**
   * The image's first frame as WebP, at most `maxBytes` long, to fit into a square of `size` pixels; never enlarged.
   * @returns undefined when it is no image of a kind that is read here, is damaged, or has too many pixels
   */
  scale(image: Buffer, size: ThumbnailSize, maxBytes: number): Promise<Buffer | undefined>;
}

/** A thumbnail, or the knowledge that there is none. */
export interface Thumbnail {
  webp: Buffer | undefined;
}

/** Keeps thumbnails for a while. It may forget any of them at any time: they are made again. */
export interface ThumbnailStore {
  find(blobId: string, size: ThumbnailSize): Promise<Thumbnail | undefined>;
  /** Safe to repeat. */
  put(blobId: string, size: ThumbnailSize, thumbnail: Thumbnail): Promise<void>;
}
