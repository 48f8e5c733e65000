import { randomInt } from "node:crypto";
import { Long } from "bson";
import { MongoError } from "./errors.js";

const MOST_BYTES = 16 * 1024 * 1024;
const IDLE_MS = 10 * 60 * 1000;

interface Cursor {
  readonly namespace: string;
  readonly documents: Iterator<Uint8Array>;
  /** Read but not yet given: the document that did not fit into the last batch. */
  waiting: Uint8Array | undefined;
  usedAt: number;
}

/** One batch of a cursor, as replies carry it. `id` is zero when nothing is left. */
export interface Batch {
  readonly id: Long;
  readonly namespace: string;
  readonly documents: readonly Uint8Array[];
}

/** The cursors of a server: what `find` and `aggregate` begin and `getMore` goes on with. */
export class Cursors {
  private readonly open = new Map<bigint, Cursor>();

  /** @param size documents in the first batch; `single`: no cursor is kept for the rest */
  start(namespace: string, documents: Iterator<Uint8Array>, size: number, single: boolean): Batch {
    const cursor: Cursor = { namespace, documents, waiting: undefined, usedAt: Date.now() };
    const batch = this.take(cursor, size);
    if (single || (size > 0 && cursor.waiting === undefined))
      return { id: Long.ZERO, namespace, documents: batch };
    if (size === 0 && !this.peek(cursor)) return { id: Long.ZERO, namespace, documents: batch };
    const id = BigInt(randomInt(1, 2 ** 40)) * 256n + BigInt(this.open.size % 256);
    this.open.set(id, cursor);
    return { id: Long.fromBigInt(id), namespace, documents: batch };
  }

  /** @throws MongoError 43 for a cursor that is not there, 13 for another collection's */
  next(id: bigint, namespace: string, size: number): Batch {
    const cursor = this.open.get(id);
    if (!cursor) throw new MongoError(43, `cursor id ${id} not found`);
    if (cursor.namespace !== namespace) {
      throw new MongoError(
        13,
        `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`,
      );
    }
    cursor.usedAt = Date.now();
    try {
      const documents = this.take(cursor, size);
      if (cursor.waiting !== undefined) return { id: Long.fromBigInt(id), namespace, documents };
      this.open.delete(id);
      return { id: Long.ZERO, namespace, documents };
    } catch (error) {
      this.open.delete(id);
      throw error;
    }
  }

  kill(id: bigint, namespace: string): boolean {
    return this.open.get(id)?.namespace === namespace && this.open.delete(id);
  }

  /** Ends the cursors nobody has asked for in ten minutes, as MongoDB does. */
  expire(now: number): void {
    for (const [id, cursor] of this.open) if (now - cursor.usedAt > IDLE_MS) this.open.delete(id);
  }

  /** Ends the cursors of a collection that is gone. */
  forget(namespace: string): void {
    for (const [id, cursor] of this.open) if (cursor.namespace === namespace) this.open.delete(id);
  }

  private peek(cursor: Cursor): boolean {
    if (cursor.waiting === undefined) {
      const next = cursor.documents.next();
      if (next.done !== true) cursor.waiting = next.value;
    }
    return cursor.waiting !== undefined;
  }

  /** Reads one document ahead, so that the last batch says that it is the last. */
  private take(cursor: Cursor, size: number): Uint8Array[] {
    const batch: Uint8Array[] = [];
    let bytes = 0;
    while (batch.length < size && this.peek(cursor)) {
      const next = cursor.waiting!;
      if (batch.length > 0 && bytes + next.length > MOST_BYTES) return batch;
      bytes += next.length;
      batch.push(next);
      cursor.waiting = undefined;
    }
    if (size > 0) this.peek(cursor);
    return batch;
  }
}
