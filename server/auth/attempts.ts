import { isIPv6 } from "node:net";
import { rateLimited } from "../kernel/errors.js";

export interface AttemptCount {
  /** In the present window, the last one included. */
  attempts: number;
  endsInSeconds: number;
}

/** Counts attempts for all processes together. A window begins with its first attempt. */
export interface AttemptCounter {
  /** Counts one, or as many as told, atomically. */
  add(key: string, windowSeconds: number, count?: number): Promise<AttemptCount>;
  /** Uncounts one, or as many as told. */
  takeBack(key: string, windowSeconds: number, count?: number): Promise<void>;
  /** What is counted in the present window; undefined when none has begun. */
  counted(key: string, windowSeconds: number): Promise<AttemptCount | undefined>;
  /** Begins anew. Safe to repeat. */
  forget(key: string): Promise<void>;
}

interface Budget {
  attempts: number;
  windowSeconds: number;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** For one address each. A hundred people may stand behind one: only what fails counts where failing is rare. */
const BY_ADDRESS = {
  "sign-in failure": { attempts: 200, windowSeconds: 15 * MINUTE },
  registration: { attempts: 300, windowSeconds: HOUR },
  "reset request": { attempts: 60, windowSeconds: HOUR },
  "link failure": { attempts: 60, windowSeconds: 15 * MINUTE },
  refresh: { attempts: 2_000, windowSeconds: 15 * MINUTE },
} as const satisfies Record<string, Budget>;

/** For one account each, from whatever address. */
const BY_ACCOUNT = {
  "reset request": { attempts: 5, windowSeconds: HOUR },
  /** Addresses where the owner is signed in are not counted here, so a stranger cannot lock the owner out. */
  "sign-in failure": { attempts: 30, windowSeconds: HOUR },
  mail: { attempts: 20, windowSeconds: HOUR },
} as const satisfies Record<string, Budget>;

/** Wrong passwords that cost nothing; each later one waits twice as long as the one before. */
const FREE_GUESSES = 5;
const GUESSES_WINDOW = 24 * HOUR;
const FIRST_WAIT = 15;
const LONGEST_WAIT = 15 * MINUTE;

/** Limits how often somebody may try. What is refused here has cost no password hash and no mail. */
export class AttemptLimits {
  /** @param scale multiplies every budget: for a proxy that hides its clients' addresses, and for tests */
  constructor(
    private readonly counter: AttemptCounter,
    private readonly scale = 1,
  ) {}

  /** @throws AppError RATE_LIMITED when the address used up its budget */
  byAddress(kind: keyof typeof BY_ADDRESS, address: string): Promise<void> {
    return this.spend(addressKey(kind, address), BY_ADDRESS[kind]);
  }

  /** Uncounts an attempt that did not fail. */
  async forgiveAddress(kind: keyof typeof BY_ADDRESS, address: string): Promise<void> {
    await this.counter.takeBack(addressKey(kind, address), BY_ADDRESS[kind].windowSeconds);
  }

  /** @param account what names it: an id, or what was typed, so that unknown accounts are treated alike */
  byAccount(kind: keyof typeof BY_ACCOUNT, account: string): Promise<void> {
    return this.spend(accountKey(kind, account), BY_ACCOUNT[kind]);
  }

  /** Uncounts an attempt that did not fail. */
  async forgiveAccount(kind: keyof typeof BY_ACCOUNT, account: string): Promise<void> {
    await this.counter.takeBack(accountKey(kind, account), BY_ACCOUNT[kind].windowSeconds);
  }

  /**
   * Counts a guess of an account's password before it is looked at: of many at once, only the free ones get through,
   * later ones one by one after ever longer waits.
   * @param from where the guess comes from: the waits are the guesser's own
   * @returns whether this guess was one that had to wait its turn, which is worth telling somebody
   * @throws AppError RATE_LIMITED saying how long to wait
   */
  async guess(account: string, from: string): Promise<{ slowed: boolean }> {
    const { guesses, turn } = guessKeys(account, from);
    const { attempts } = await this.counter.add(guesses, GUESSES_WINDOW);
    const beyond = attempts - FREE_GUESSES * this.scale;
    if (beyond <= 0) return { slowed: false };
    const wait = Math.min(FIRST_WAIT * 2 ** Math.min(beyond - 1, 20), LONGEST_WAIT);
    const { attempts: ahead, endsInSeconds } = await this.counter.add(turn, wait);
    if (ahead === 1) return { slowed: true };
    await this.counter.takeBack(guesses, GUESSES_WINDOW);
    throw rateLimited("Too many wrong passwords.", endsInSeconds);
  }

  /** The password was right: the next wrong one is the first. */
  async guessedRight(account: string, from: string): Promise<void> {
    const { guesses, turn } = guessKeys(account, from);
    await Promise.all([this.counter.forget(guesses), this.counter.forget(turn)]);
  }

  private async spend(key: string, { attempts, windowSeconds }: Budget): Promise<void> {
    const counted = await this.counter.add(key, windowSeconds);
    if (counted.attempts > attempts * this.scale) {
      throw rateLimited("Too many attempts.", counted.endsInSeconds);
    }
  }
}

function addressKey(kind: string, address: string): string {
  return `${kind} from ${network(address)}`;
}

function accountKey(kind: string, account: string): string {
  return `${kind} of ${account}`;
}

function guessKeys(account: string, from: string): { guesses: string; turn: string } {
  const pair = `${account} from ${network(from)}`;
  return { guesses: `guesses of ${pair}`, turn: `turn of ${pair}` };
}

/** Who has one IPv6 address has 2^64 of them: those count as one. */
export function network(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
  if (!isIPv6(plain)) return plain;
  const [head = "", tail] = plain.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array<string>(Math.max(zeros, 0)).fill("0"), ...after];
  return `${groups
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
