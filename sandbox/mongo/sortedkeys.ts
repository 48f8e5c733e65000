const BLOCK = 512;

/**
 * Strings in order, in blocks of at most 512, so that adding and removing move one block and not the whole.
 * A scan goes on where it was when entries come and go under it.
 */
export class SortedKeys {
  private blocks: string[][] = [[]];
  private changes = 0;

  /** The last block that begins at or before `key`. */
  private blockOf(key: string): number {
    let low = 0;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.blocks[middle]![0]! <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private static lowerBound(block: readonly string[], key: string): number {
    let low = 0;
    let high = block.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (block[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  add(key: string): void {
    const at = this.blockOf(key);
    const block = this.blocks[at]!;
    const index = SortedKeys.lowerBound(block, key);
    if (block[index] === key) return;
    this.changes++;
    if (index === block.length) block.push(key);
    else block.splice(index, 0, key);
    // A block that only ever grows at its end is left full, so that keys added in order take half the room.
    if (block.length > BLOCK)
      this.blocks.splice(at + 1, 0, block.splice(index === BLOCK ? BLOCK : BLOCK >>> 1));
  }

  delete(key: string): void {
    const at = this.blockOf(key);
    const block = this.blocks[at]!;
    const index = SortedKeys.lowerBound(block, key);
    if (block[index] !== key) return;
    this.changes++;
    block.splice(index, 1);
    if (block.length === 0 && this.blocks.length > 1) this.blocks.splice(at, 1);
  }

  /** Takes many keys at once, and leaves them in order; much faster than adding one by one. */
  fill(keys: string[]): void {
    keys.sort();
    this.blocks = [];
    for (let at = 0; at < keys.length; at += BLOCK) this.blocks.push(keys.slice(at, at + BLOCK));
    if (this.blocks.length === 0) this.blocks.push([]);
    this.changes++;
  }

  /** The first key at or behind `from`. */
  first(from: string): string | undefined {
    const at = this.blockOf(from);
    const block = this.blocks[at]!;
    return block[SortedKeys.lowerBound(block, from)] ?? this.blocks[at + 1]?.[0];
  }

  /** How many keys lie in [from, to). */
  count(from: string, to: string): number {
    const first = this.blockOf(from);
    const last = this.blockOf(to);
    let whole = 0;
    for (let at = first; at < last; at++) whole += this.blocks[at]!.length;
    const before = SortedKeys.lowerBound(this.blocks[first]!, from);
    return Math.max(0, whole - before + SortedKeys.lowerBound(this.blocks[last]!, to));
  }

  /** The keys in [from, to), in order or backwards. */
  *scan(from: string, to: string, backwards = false): Generator<string> {
    let changes = -1;
    let at = 0;
    let index = 0;
    let next = backwards ? to : from;
    for (;;) {
      if (changes !== this.changes) {
        at = this.blockOf(next);
        index = SortedKeys.lowerBound(this.blocks[at]!, next);
        if (backwards) index--;
        else if (this.blocks[at]![index] === next && next !== from) index++;
        changes = this.changes;
      }
      while (index >= (this.blocks[at]?.length ?? Infinity)) [at, index] = [at + 1, 0];
      while (index < 0 && at > 0) [at, index] = [at - 1, this.blocks[at - 1]!.length - 1];
      const key = this.blocks[at]?.[index];
      if (key === undefined || (backwards ? key < from : key >= to)) return;
      yield key;
      next = key;
      index += backwards ? -1 : 1;
    }
  }
}
