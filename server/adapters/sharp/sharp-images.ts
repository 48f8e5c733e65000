import sharp from "sharp";
import type { Metadata } from "sharp";
import type { ThumbnailSize } from "../../files/preview.js";
import type { ImageScaler } from "../../files/preview.ports.js";
import type { Logger } from "../../kernel/log.js";

/** By their header, before a pixel is read. Those that unfold gradually are held whole. */
const MAX_PIXELS = 64_000_000;
const MAX_GRADUAL_PIXELS = 24_000_000;
const MAX_SECONDS = 15;
/** Tried one after another until the result is small enough. */
const QUALITIES = [78, 55, 30, 10];
/** Only these readers may run: a file that calls itself a PNG must not reach one for PDF, SVG or a scientific format. */
const READERS = ["JpegBuffer", "PngBuffer", "WebpBuffer", "NsgifBuffer", "HeifBuffer"];
const FORMATS = new Set(["jpeg", "png", "webp", "gif", "heif"]);

/** Scales images by libvips, within bounds of memory and time. */
export class SharpImages implements ImageScaler {
  constructor(private readonly log: Logger) {
    sharp.cache(false);
    sharp.concurrency(1);
    sharp.block({ operation: ["VipsForeignLoad"] });
    sharp.unblock({ operation: READERS.map((reader) => `VipsForeignLoad${reader}`) });
  }

  async scale(image: Buffer, size: ThumbnailSize, maxBytes: number): Promise<Buffer | undefined> {
    try {
      const options = { limitInputPixels: MAX_PIXELS, failOn: "error", sequentialRead: true } as const;
      if (!isReadable(await sharp(image, options).metadata())) return undefined;
      const small = await sharp(image, options)
        .autoOrient()
        .resize({ width: size, height: size, fit: "inside", withoutEnlargement: true })
        .timeout({ seconds: MAX_SECONDS })
        .png({ compressionLevel: 0 })
        .toBuffer();
      for (const quality of QUALITIES) {
        const webp = await sharp(small).webp({ quality }).toBuffer();
        if (webp.length <= maxBytes) return webp;
      }
    } catch (error) {
      this.log.debug({ err: error }, "an image cannot be read");
    }
    return undefined;
  }
}

/** Of HEIF only AVIF: HEIC's codec is not free, and no part of what we run on. */
function isReadable({ format, compression, width, height, isProgressive }: Metadata): boolean {
  if (!FORMATS.has(format) || (format === "heif" && compression !== "av1")) return false;
  return width * height <= (isProgressive ? MAX_GRADUAL_PIXELS : MAX_PIXELS);
}
