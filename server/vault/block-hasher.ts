import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import { BLOCK_BYTES } from "./blob.js";
import type { NewPart } from "./blob.js";

/** Hashes bytes as they come in: each block, each part's list of blocks, and the whole. */
export class BlockHasher {
  private readonly whole = createHash("sha256");
  private block: Hash = createHash("sha256");
  private blockBytes = 0;
  private hashes: Buffer[] = [];
  private partBytes = 0;
  private partsMade = 0;
  private total = 0;

  constructor(private readonly blocksPerPart: number) {}

  get sizeBytes(): number {
    return this.total;
  }

  get partsTotal(): number {
    return this.partsMade;
  }

  /** @returns the parts that these bytes completed, mostly none */
  update(bytes: Buffer): NewPart[] {
    this.whole.update(bytes);
    this.total += bytes.length;
    const parts: NewPart[] = [];
    for (let at = 0; at < bytes.length;) {
      const slice = bytes.subarray(at, at + BLOCK_BYTES - this.blockBytes);
      this.block.update(slice);
      this.blockBytes += slice.length;
      at += slice.length;
      if (this.blockBytes === BLOCK_BYTES) this.endBlock();
      if (this.hashes.length === this.blocksPerPart) parts.push(this.endPart());
    }
    return parts;
  }

  /** @returns the last part, when it is not empty, and the digest of everything in lower-case hex */
  finish(): { parts: NewPart[]; sha256: string } {
    if (this.blockBytes > 0) this.endBlock();
    const parts = this.hashes.length > 0 ? [this.endPart()] : [];
    return { parts, sha256: this.whole.digest("hex") };
  }

  private endBlock(): void {
    this.hashes.push(this.block.digest());
    this.partBytes += this.blockBytes;
    this.block = createHash("sha256");
    this.blockBytes = 0;
  }

  private endPart(): NewPart {
    const part = {
      index: this.partsMade,
      sizeBytes: this.partBytes,
      blockHashes: Buffer.concat(this.hashes),
    };
    this.partsMade += 1;
    this.hashes = [];
    this.partBytes = 0;
    return part;
  }
}
