import { randomInt } from "node:crypto";
import { Long } from "bson";
import { MongoError } from "./errors.js";

const MOST_BYTES = 16 * 1024 * 1024;
const IDLE_MS = 10 * 60 * 1000;

interface Cursor {
  readonly id: bigint;
  readonly namespace: string;
  readonly documents: Iterator<Uint8Array>;
  /** Read but not yet given: the document that did not fit into the last batch. */
  waiting: Uint8Array | undefined;
  usedAt: number;
}

/** One batch of a cursor, as replies carry it. */
export class Batch {
  /** @param id zero when nothing is left */
  constructor(
    readonly field: "firstBatch" | "nextBatch",
    readonly id: Long,
    readonly namespace: string,
    readonly documents: readonly Uint8Array[],
  ) {}
}

/** Reads one document ahead, so that the last batch says that it is the last. */
function take(cursor: Cursor, size: number): Uint8Array[] {
  const batch: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    cursor.waiting ??= cursor.documents.next().value as Uint8Array | undefined;
    const next = cursor.waiting;
    if (next === undefined || batch.length >= size) return batch;
    if (batch.length > 0 && bytes + next.length > MOST_BYTES) return batch;
    bytes += next.length;
    batch.push(next);
    cursor.waiting = undefined;
  }
}

/** The cursors of a server: what `find` and `aggregate` begin and `getMore` goes on with. */
export class Cursors {
  private readonly open = new Map<bigint, Cursor>();

  /** @param size documents in the first batch; `single`: no cursor is kept for the rest */
  start(namespace: string, documents: Iterator<Uint8Array>, size: number, single = false): Batch {
    const id = BigInt(randomInt(1, 2 ** 47));
    const cursor: Cursor = { id, namespace, documents, waiting: undefined, usedAt: Date.now() };
    return this.batch("firstBatch", cursor, size, single);
  }

  /** @throws MongoError 43 for a cursor that is not there, or is another collection's */
  next(id: bigint, namespace: string, size: number): Batch {
    const cursor = this.open.get(id);
    if (cursor?.namespace !== namespace) throw new MongoError(43, `cursor id ${id} not found`);
    cursor.usedAt = Date.now();
    return this.batch("nextBatch", cursor, size, false);
  }

  kill(id: bigint, namespace: string): boolean {
    return this.open.get(id)?.namespace === namespace && this.open.delete(id);
  }

  private batch(field: Batch["field"], cursor: Cursor, size: number, single: boolean): Batch {
    const { id, namespace } = cursor;
    // One that fails, or has given its last, is gone.
    this.open.delete(id);
    const documents = take(cursor, size);
    const isOpen = !single && cursor.waiting !== undefined;
    if (isOpen) this.open.set(id, cursor);
    return new Batch(field, isOpen ? Long.fromBigInt(id) : Long.ZERO, namespace, documents);
  }

  /** Ends the cursors nobody has asked for in ten minutes, as MongoDB does. */
  expire(now: number): void {
    for (const { id, usedAt } of this.open.values()) if (now - usedAt > IDLE_MS) this.open.delete(id);
  }
}
