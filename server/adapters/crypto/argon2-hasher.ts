import { hash, verify } from "@node-rs/argon2";
import type { PasswordHasher } from "../../auth/auth.ports.js";
import { unavailable } from "../../kernel/errors.js";

/** OWASP's least for argon2id, which is the library's default algorithm: about 13 ms and 19 MiB each. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Hashes passwords with argon2id, a few at a time: signing in must not starve everybody else of the processor. */
export class Argon2Hasher implements PasswordHasher {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  /** Of a password that nobody has; what an unknown account's attempt is compared with. */
  private readonly decoy: Promise<string> = hash(crypto.randomUUID(), COST);

  constructor(private readonly limits: { atOnce: number; queued: number } = { atOnce: 2, queued: 100 }) {
    this.decoy.catch(() => undefined);
  }

  hash(password: string): Promise<string> {
    return this.inTurn(() => hash(password, COST));
  }

  async verify(passwordHash: string | undefined, password: string): Promise<boolean> {
    const against = passwordHash ?? (await this.decoy);
    const fits = await this.inTurn(() => verify(against, password));
    return fits && passwordHash !== undefined;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= this.limits.atOnce) {
      if (this.waiting.length >= this.limits.queued) {
        throw unavailable("Too many people are signing in at this moment. Try again in a few seconds.");
      }
      // Whoever finishes hands its place over, so `running` is not counted down and up in between.
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}
