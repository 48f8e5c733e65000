type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export interface Change {
  key: string;
  before: string;
  value: string;
}

/** Two storages of the browser as one: what somebody who stays signed in leaves lasts, the rest ends with the tab. */
export class TokenStorage implements Store {
  #chosen: Store | undefined;

  constructor(
    private readonly lasting: Store,
    private readonly passing: Store,
    /** Told of each change of what ends with the tab: a duplicate of the tab has a copy. */
    private readonly tell: (change: Change) => void = () => undefined,
  ) {}

  /** For who signs in next. */
  choose(stays: boolean): void {
    this.#chosen = stays ? this.lasting : this.passing;
  }

  /** Whether what is kept is shared with other tabs. */
  isLasting(key: string): boolean {
    return this.passing.getItem(key) === null;
  }

  getItem(key: string): string | null {
    return this.passing.getItem(key) ?? this.lasting.getItem(key);
  }

  /** Where it was chosen, or else where it is: also after a reload. */
  setItem(key: string, value: string): void {
    const home = this.#chosen ?? (this.passing.getItem(key) === null ? this.lasting : this.passing);
    for (const store of [this.lasting, this.passing]) if (store !== home) store.removeItem(key);
    const before = home.getItem(key);
    home.setItem(key, value);
    if (home === this.passing && before !== null) this.tell({ key, before, value });
  }

  /** What a duplicate of this tab changed: what both have is to stay the same. */
  follow({ key, before, value }: Change): void {
    if (this.passing.getItem(key) === before) this.passing.setItem(key, value);
  }

  removeItem(key: string): void {
    this.#chosen = undefined;
    this.lasting.removeItem(key);
    this.passing.removeItem(key);
  }
}
