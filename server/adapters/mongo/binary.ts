import type { Binary } from "mongodb";

/** A lean document holds the driver's own binary type. */
export function toBuffer(bytes: Buffer | Binary): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer);
}
