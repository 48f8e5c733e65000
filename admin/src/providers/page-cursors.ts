const MAX_LISTS = 50;

/**
 * react-admin asks for page 7; the API continues after a cursor. This remembers, for each list (filter and order
 * included), the cursor that each seen offset ended with.
 */
export class PageCursors {
  readonly #lists = new Map<string, Map<number, string>>();

  /** The known place closest before `offset`; the start of the list if none is. */
  nearest(list: string, offset: number): { offset: number; cursor?: string } {
    let best: { offset: number; cursor?: string } = { offset: 0 };
    for (const [known, cursor] of this.#lists.get(list) ?? []) {
      if (known <= offset && known > best.offset) best = { offset: known, cursor };
    }
    return best;
  }

  /** The first `offset` items of the list end at `cursor`. A new cursor there means that what follows has moved. */
  learn(list: string, offset: number, cursor: string): void {
    const known = this.#lists.get(list) ?? this.#remember(list);
    if (known.get(offset) === cursor) return;
    for (const later of [...known.keys()]) if (later > offset) known.delete(later);
    known.set(offset, cursor);
  }

  #remember(list: string): Map<number, string> {
    const oldest = this.#lists.keys().next();
    if (this.#lists.size >= MAX_LISTS && !oldest.done) this.#lists.delete(oldest.value);
    const known = new Map<number, string>();
    this.#lists.set(list, known);
    return known;
  }
}
