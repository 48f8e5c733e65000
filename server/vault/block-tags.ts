import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { BLOCK_BYTES } from "./blob.js";
import type { NewPart } from "./blob.js";

const KEY_BYTES = 32;

/** A key for one blob's tags. */
export function newTagKey(): Buffer {
  return randomBytes(KEY_BYTES);
}

/**
 * Tags one block: GMAC (NIST SP 800-38D), which finds any change of the bytes as a digest does and costs a quarter of
 * sha256. The blob's own key and the block's number make each nonce unique, and a block moved elsewhere a wrong one.
 */
export class BlockTag {
  private readonly gmac;

  constructor(key: Buffer, blockOfBlob: number) {
    const nonce = Buffer.alloc(12);
    nonce.writeUIntBE(blockOfBlob, 6, 6);
    this.gmac = createCipheriv("aes-256-gcm", key, nonce);
  }

  update(bytes: Buffer): void {
    this.gmac.setAAD(bytes);
  }

  /** @returns 16 bytes; nothing may be added afterwards */
  digest(): Buffer {
    this.gmac.final();
    return this.gmac.getAuthTag();
  }
}

/** Looks at bytes as they come in: tags each block, makes the parts, hashes the whole. */
export class BlockTagger {
  private readonly whole = createHash("sha256");
  private block: BlockTag;
  private blocks = 0;
  private blockBytes = 0;
  private tags: Buffer[] = [];
  private partBytes = 0;
  private partsMade = 0;
  private total = 0;

  /** @param key the blob's tag key */
  constructor(
    private readonly key: Buffer,
    private readonly blocksPerPart: number,
  ) {
    this.block = new BlockTag(key, 0);
  }

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
      if (this.tags.length === this.blocksPerPart) parts.push(this.endPart());
    }
    return parts;
  }

  /** @returns the last part, when it is not empty, and the digest of everything in lower-case hex */
  finish(): { parts: NewPart[]; sha256: string } {
    if (this.blockBytes > 0) this.endBlock();
    const parts = this.tags.length > 0 ? [this.endPart()] : [];
    return { parts, sha256: this.whole.digest("hex") };
  }

  private endBlock(): void {
    const tag = this.block.digest();
    this.tags.push(tag);
    this.blocks += 1;
    this.partBytes += this.blockBytes;
    this.block = new BlockTag(this.key, this.blocks);
    this.blockBytes = 0;
  }

  private endPart(): NewPart {
    const part = { index: this.partsMade, sizeBytes: this.partBytes, blockTags: Buffer.concat(this.tags) };
    this.partsMade += 1;
    this.tags = [];
    this.partBytes = 0;
    return part;
  }
}
