export interface Tokens {
  accessToken: string;
  refreshToken: string;
  expiresAt: string;
}

interface Held {
  token: string;
  expiresAt: number;
  receivedAt: number;
}

// The refresh token outlives a reload, so it is in localStorage: it is rotated at each use, and a stolen copy ends
// the session at its second use. The access token is only ever in memory.
export const STORAGE_KEY = "telestash.refreshToken";
const RENEW_BEFORE_MS = 30_000;
const MIN_AGE_MS = 60_000;

/** Does something while no other tab does the same. */
export type Alone = <T>(act: () => Promise<T>) => Promise<T>;

/** Who is signed in: the tokens of this tab, renewed by one call at a time. */
export class Session {
  #held: Held | undefined;
  #renewal: Promise<string | undefined> | undefined;
  #isLost = false;
  readonly #losers = new Set<() => void>();

  constructor(
    private readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem">,
    /** Exchanges a refresh token; undefined when the server refuses it; throws when it cannot be asked. */
    private readonly exchange: (refreshToken: string) => Promise<Tokens | undefined>,
    /** The tabs share the refresh token: an exchange that began before another's ended would look like theft. */
    private readonly alone: Alone = (act) => act(),
  ) {}

  get isOpen(): boolean {
    return !this.#isLost && this.storage.getItem(STORAGE_KEY) !== null;
  }

  /** Whether it was ended by something else than signing out here. Until somebody signs in. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Tells when it is lost; returns the function that stops telling. */
  onLoss(listener: () => void): () => void {
    this.#losers.add(listener);
    return () => this.#losers.delete(listener);
  }

  /**
   * It ended elsewhere: signed out in another tab, or refused. What is stored may be somebody else's by now, and this
   * tab must not go on as that one.
   */
  lose(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#held = undefined;
    for (const listener of this.#losers) listener();
  }

  start(tokens: Tokens): void {
    this.#isLost = false;
    this.storage.setItem(STORAGE_KEY, tokens.refreshToken);
    this.#held = {
      token: tokens.accessToken,
      expiresAt: Date.parse(tokens.expiresAt),
      receivedAt: Date.now(),
    };
  }

  end(): void {
    if (!this.#isLost) this.storage.removeItem(STORAGE_KEY);
    this.#held = undefined;
  }

  /** An access token that is good for at least a moment; undefined when nobody is signed in. */
  async token(): Promise<string | undefined> {
    if (this.#held && !needsRenewal(this.#held)) return this.#held.token;
    return this.renew(this.#held?.token);
  }

  /** A token other than `stale`. Callers that come together share one exchange. */
  async renew(stale?: string): Promise<string | undefined> {
    if (this.#held && this.#held.token !== stale) return this.#held.token;
    this.#renewal ??= this.alone(() => this.#exchangeOnce()).finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #exchangeOnce(): Promise<string | undefined> {
    // Read each time: another tab may have rotated it.
    const refreshToken = this.isOpen ? this.storage.getItem(STORAGE_KEY) : null;
    if (refreshToken === null) {
      this.#held = undefined;
      return undefined;
    }
    const tokens = await this.exchange(refreshToken);
    // Signed out while waiting: the answer is for nobody.
    if (!this.isOpen) return undefined;
    const stored = this.storage.getItem(STORAGE_KEY);
    if (tokens && (stored === refreshToken || stored === tokens.refreshToken)) {
      this.start(tokens);
    } else {
      if (stored === refreshToken) this.end();
      this.lose();
    }
    return this.#held?.token;
  }
}

// A clock that is ahead would call every new token expired: one that has just come is believed for a minute.
function needsRenewal({ expiresAt, receivedAt }: Held): boolean {
  const now = Date.now();
  return now > expiresAt - RENEW_BEFORE_MS && now > receivedAt + MIN_AGE_MS;
}
