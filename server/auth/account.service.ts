import type { AuditTrail } from "../kernel/audit.js";
import type { Viewer } from "../kernel/context.js";
import { AppError, badInput, forbidden, unauthenticated } from "../kernel/errors.js";
import { newId } from "../kernel/ids.js";
import type { Logger } from "../kernel/log.js";
import type { AttemptLimits } from "./attempts.js";
import type { AccountStore, PasswordHasher, SessionStore } from "./auth.ports.js";
import { checkPasswordLength } from "./password.js";
import { checkRegistration } from "./registration.js";
import type { AccountTerms } from "./registration.js";
import { anonymousFrom } from "./session.js";
import type { SessionOrigin } from "./session.js";
import type { AuthPayload, SessionService } from "./session.service.js";
import { checkEmail, loginKey } from "./user.js";
import type { Account, User } from "./user.js";

export interface Registration {
  username: string;
  email: string;
  password: string;
  acceptTerms: boolean;
  acceptPrivacy: boolean;
}

export interface SignIn {
  /** The e-mail address or the user name. */
  login: string;
  password: string;
  otp?: string | null | undefined;
}

/** One id for all processes: of two that start at once on an empty database, one makes the administrator. */
const FIRST_ADMIN_ID = "000000000000000000000001";

export const FIRST_ADMIN_NAME = "admin";

/** Accounts: making them, signing in to them. */
export class AccountService {
  private readonly accounts: AccountStore;
  private readonly hasher: PasswordHasher;
  private readonly now: () => Date;

  constructor(
    private readonly ports: {
      accounts: AccountStore;
      sessionStore: Pick<SessionStore, "hasFrom">;
      hasher: PasswordHasher;
      sessions: SessionService;
      limits: AttemptLimits;
      audit: AuditTrail;
      log: Logger;
    },
    private readonly options: { terms: AccountTerms; now?: () => Date },
  ) {
    this.accounts = ports.accounts;
    this.hasher = ports.hasher;
    this.now = options.now ?? (() => new Date());
  }

  /** Who may make an account here, and what that takes. */
  get terms(): AccountTerms {
    return this.options.terms;
  }

  /** @throws AppError FORBIDDEN when registration is not open, BAD_USER_INPUT or CONFLICT with the field at fault, RATE_LIMITED */
  async register(input: Registration, origin: SessionOrigin): Promise<AuthPayload> {
    this.checkOpen();
    const { username, email, password } = checkRegistration(input, ["input"], {
      email: () => checkEmail(input.email, "input", "email"),
    });
    await this.ports.limits.byAddress("registration", origin.address);
    const now = this.now();
    const passwordHash = await this.hasher.hash(password);
    const user = await this.accounts
      .insert({ id: newId(), username, email, role: "FREE", passwordHash, createdAt: now, consentedAt: now })
      .catch((error: unknown) => {
        throw underInput(error);
      });
    await this.record("user.registered", user, origin);
    return this.ports.sessions.open({ ...user, credentialEpoch: 0 }, origin);
  }

  /**
   * One password verification and one message, whether or not the account exists, is archived, or the password fits.
   * @throws AppError UNAUTHENTICATED, RATE_LIMITED; BAD_USER_INPUT for a one-time code
   */
  async login({ login, password, otp }: SignIn, origin: SessionOrigin): Promise<AuthPayload> {
    if (otp != null) {
      throw badInput("No account has a second factor: leave the one-time code out.", "input", "otp");
    }
    const account = await this.accounts.findByLogin(login);
    const right = await this.limited(account?.id ?? loginKey(login), account, origin);
    const fits = await this.hasher.verify(account?.passwordHash, password.slice(0, 1025));
    if (!account || !fits || account.archivedAt) {
      throw unauthenticated("The e-mail address, user name or password is wrong.");
    }
    await right();
    return this.ports.sessions.open(account, origin);
  }

  /**
   * Counts an attempt to sign in before it costs a password hash, in the same way for accounts that do not exist.
   * @returns what to do when the password was right
   */
  private async limited(
    key: string,
    account: Account | undefined,
    origin: SessionOrigin,
  ): Promise<() => Promise<void>> {
    const { limits, sessionStore } = this.ports;
    const { address } = origin;
    await limits.byAddress("sign-in failure", address);
    const { slowed } = await limits.guess(key, address);
    if (slowed && account) await this.record("user.sign-in-slowed", account, origin);
    const known = await sessionStore.hasFrom(account?.id ?? "", address);
    if (!known) await limits.byAccount("sign-in failure", key);
    return async () => {
      await limits.forgiveAddress("sign-in failure", address);
      await limits.guessedRight(key, address);
      if (!known) await limits.forgiveAccount("sign-in failure", key);
    };
  }

  private checkOpen(): void {
    const { registration } = this.terms;
    if (registration === "closed") throw forbidden("No new accounts are made here.");
    if (registration === "invite")
      throw forbidden("Accounts are made by invitation. Ask an administrator for one.");
  }

  private async record(
    action: `user.${string}`,
    { id, username }: User,
    origin: SessionOrigin,
  ): Promise<void> {
    const target = { kind: "user", id, name: username } as const;
    await this.ports.audit.record(anonymousFrom(origin), { action, target });
  }

  async me(viewer: Viewer): Promise<User> {
    const account = viewer.kind === "user" ? await this.accounts.find(viewer.userId) : undefined;
    if (!account) throw unauthenticated();
    return account;
  }

  /** Makes the configured administrator when there is none. Safe to repeat, also by several processes at once. */
  async ensureFirstAdmin(admin: { email: string; password: string } | undefined): Promise<void> {
    if (admin === undefined || (await this.accounts.hasAdministrator())) return;
    const passwordHash = await this.hasher.hash(checkPasswordLength(admin.password, "ADMIN_PASSWORD"));
    try {
      await this.accounts.insert({
        id: FIRST_ADMIN_ID,
        username: FIRST_ADMIN_NAME,
        email: checkEmail(admin.email, "ADMIN_EMAIL"),
        role: "ADMIN",
        passwordHash,
        createdAt: this.now(),
        consentedAt: undefined,
      });
      this.ports.log.info({}, "the first administrator was created; its user name is admin");
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "CONFLICT") throw error;
      if (await this.accounts.hasAdministrator()) return;
      this.ports.log.warn(
        {},
        "there is no administrator, and ADMIN_EMAIL belongs to an account that is none: use another address",
      );
    }
  }
}

/** The store names its field, the client sent it inside `input`. */
export function underInput(error: unknown): unknown {
  if (!(error instanceof AppError) || error.details.field === undefined) return error;
  const details = { ...error.details, field: ["input", ...error.details.field] };
  return new AppError(error.code, error.message, details, { cause: error });
}
