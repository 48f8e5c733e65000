import type { SignedInViewer } from "../kernel/context.js";
import { badInput, unauthenticated } from "../kernel/errors.js";
import type { AttemptLimits } from "./attempts.js";
import type { AccountStore, PasswordHasher } from "./auth.ports.js";
import type { Account } from "./user.js";

/** Asks somebody who is signed in for the password once more, before something that a borrowed session must not do. */
export class PasswordProof {
  constructor(
    private readonly accounts: Pick<AccountStore, "find">,
    private readonly hasher: Pick<PasswordHasher, "verify">,
    private readonly limits: AttemptLimits,
  ) {}

  /**
   * The viewer's account, when the password is right. Guesses are limited as at sign-in.
   * @param field what the password is called in the input
   * @throws AppError BAD_USER_INPUT with the field, RATE_LIMITED, UNAUTHENTICATED when the account is gone
   */
  async accountOf(viewer: SignedInViewer, password: string, field: string): Promise<Account> {
    const account = await this.accounts.find(viewer.userId);
    if (!account) throw unauthenticated();
    await this.limits.guess(account.id, viewer.sessionId);
    const isRight = await this.hasher.verify(account.passwordHash, password.slice(0, 1025));
    if (!isRight) throw badInput("This is not your present password.", field);
    await this.limits.guessedRight(account.id, viewer.sessionId);
    return account;
  }
}
