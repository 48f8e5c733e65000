import { createHash, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BLOCK_BYTES, blockTag } from "./blob.js";
import { BlockTag, BlockTagger, newTagKey } from "./block-tags.js";

const key = newTagKey();

function tagOf(bytes: Buffer, block: number, theKey = key): Buffer {
  const tag = new BlockTag(theKey, block);
  tag.update(bytes);
  return tag.digest();
}

describe("a block's tag", () => {
  const bytes = randomBytes(4096);

  it("does not depend on the pieces in which the bytes come", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4096 }), { maxLength: 6 }), (cuts) => {
        const tag = new BlockTag(key, 3);
        const places = [0, ...cuts.sort((a, b) => a - b), 4096];
        for (let i = 1; i < places.length; i++) tag.update(bytes.subarray(places[i - 1], places[i]));

        expect(tag.digest()).toEqual(tagOf(bytes, 3));
      }),
    );
  });

  it("changes with any bit, with the length, with the place and with the blob", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4095 }), fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at);

        expect(tagOf(changed, 0)).not.toEqual(tagOf(bytes, 0));
      }),
    );
    expect(tagOf(bytes.subarray(0, -1), 0)).not.toEqual(tagOf(bytes, 0));
    expect(tagOf(bytes, 1)).not.toEqual(tagOf(bytes, 0));
    expect(tagOf(bytes, 2 ** 40 + 1)).not.toEqual(tagOf(bytes, 1));
    expect(tagOf(bytes, 0, newTagKey())).not.toEqual(tagOf(bytes, 0));
  });
});

describe("a tagger", () => {
  it("makes parts of whole blocks, the last one shorter, and hashes everything", () => {
    const bytes = randomBytes(3 * BLOCK_BYTES + 5);
    const tagger = new BlockTagger(key, 2);

    const parts = [...tagger.update(bytes.subarray(0, 77)), ...tagger.update(bytes.subarray(77))];
    const last = tagger.finish();

    const all = [...parts, ...last.parts];
    expect(all.map(({ index, sizeBytes }) => [index, sizeBytes])).toEqual([
      [0, 2 * BLOCK_BYTES],
      [1, BLOCK_BYTES + 5],
    ]);
    for (const [i, [part, block]] of (
      [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ] as const
    ).entries()) {
      const expected = tagOf(bytes.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES), i);
      const made = all[part];
      expect(made && blockTag(made, block)).toEqual(expected);
    }
    expect(last.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect([tagger.sizeBytes, tagger.partsTotal]).toEqual([bytes.length, 2]);
  });

  it("makes nothing of nothing", () => {
    const tagger = new BlockTagger(key, 2);

    expect(tagger.finish().parts).toEqual([]);
    expect([tagger.sizeBytes, tagger.partsTotal]).toEqual([0, 0]);
  });
});
