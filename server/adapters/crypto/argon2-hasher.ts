import { hash, verify } from "@node-rs/argon2";
import type { PasswordHasher } from "../../auth/auth.ports.js";
import { inTurn } from "../../kernel/in-turn.js";

/** OWASP's least for argon2id, which is the library's default algorithm: about 13 ms and 19 MiB each. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const BUSY = "Too many people are signing in at this moment. Try again in a few seconds.";

/** Hashes passwords with argon2id, a few at a time: signing in must not starve everybody else of the processor. */
export class Argon2Hasher implements PasswordHasher {
  private readonly inTurn = inTurn({ atOnce: 2, waiting: 100 }, BUSY);
  /** Of a password that nobody has; what an unknown account's attempt is compared with. */
  private readonly decoy: Promise<string> = hash(crypto.randomUUID(), COST);

  constructor() {
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
}
