type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** Two storages of the browser as one: what somebody who stays signed in leaves lasts, the rest ends with the tab. */
export class TokenStorage implements Store {
  #chosen: Store | undefined;

  constructor(
    private readonly lasting: Store,
    private readonly passing: Store,
  ) {}

  /** For who signs in next. */
  choose(stays: boolean): void {
    this.#chosen = stays ? this.lasting : this.passing;
  }

  getItem(key: string): string | null {
    return this.passing.getItem(key) ?? this.lasting.getItem(key);
  }

  /** Where it was chosen, or else where it is: also after a reload. */
  setItem(key: string, value: string): void {
    const home = this.#chosen ?? (this.passing.getItem(key) === null ? this.lasting : this.passing);
    for (const store of [this.lasting, this.passing]) if (store !== home) store.removeItem(key);
    home.setItem(key, value);
  }

  removeItem(key: string): void {
    this.#chosen = undefined;
    this.lasting.removeItem(key);
    this.passing.removeItem(key);
  }
}
