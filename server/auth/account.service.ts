import type { Viewer } from "../kernel/context.js";
import { AppError, badInput, unauthenticated } from "../kernel/errors.js";
import { newId } from "../kernel/ids.js";
import type { Logger } from "../kernel/log.js";
import type { AccountStore, PasswordHasher } from "./auth.ports.js";
import type { SessionOrigin } from "./session.js";
import type { AuthPayload, SessionService } from "./session.service.js";
import { checkEmail, checkPassword, checkUsername } from "./user.js";
import type { User } from "./user.js";

export interface Registration {
  username: string;
  email: string;
  password: string;
  acceptTerms: boolean;
  acceptPrivacy: boolean;
}

/** One id for all processes: of two that start at once on an empty database, one makes the administrator. */
const FIRST_ADMIN_ID = "000000000000000000000001";

/** Accounts: making them, signing in to them. */
export class AccountService {
  constructor(
    private readonly accounts: AccountStore,
    private readonly hasher: PasswordHasher,
    private readonly sessions: SessionService,
    private readonly log: Logger,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** @throws AppError BAD_USER_INPUT or CONFLICT with the field at fault */
  async register(input: Registration, origin: SessionOrigin): Promise<AuthPayload> {
    const username = checkUsername(input.username, "input", "username");
    const email = checkEmail(input.email, "input", "email");
    const password = checkPassword(input.password, "input", "password");
    if (!input.acceptTerms) throw badInput("Accept the terms to register.", "input", "acceptTerms");
    if (!input.acceptPrivacy) {
      throw badInput("Accept the privacy notice to register.", "input", "acceptPrivacy");
    }
    const now = this.now();
    const passwordHash = await this.hasher.hash(password);
    const user = await this.accounts
      .insert({ id: newId(), username, email, role: "FREE", passwordHash, createdAt: now, consentedAt: now })
      .catch((error: unknown) => {
        throw underInput(error);
      });
    return this.sessions.open({ ...user, credentialEpoch: 0 }, origin);
  }

  /** One password verification and one message, whether or not the account exists, is archived, or the password fits. */
  async login(login: string, password: string, origin: SessionOrigin): Promise<AuthPayload> {
    const account = await this.accounts.findByLogin(login);
    const fits = await this.hasher.verify(account?.passwordHash, password.slice(0, 1025));
    if (!account || !fits || account.archivedAt) {
      throw unauthenticated("The e-mail address, user name or password is wrong.");
    }
    return this.sessions.open(account, origin);
  }

  async me(viewer: Viewer): Promise<User> {
    const account = viewer.kind === "user" ? await this.accounts.find(viewer.userId) : undefined;
    if (!account) throw unauthenticated();
    return account;
  }

  /** Makes the configured administrator when there is none. Safe to repeat, also by several processes at once. */
  async ensureFirstAdmin(admin: { email: string; password: string } | undefined): Promise<void> {
    if (admin === undefined || (await this.accounts.hasAdministrator())) return;
    const passwordHash = await this.hasher.hash(checkPassword(admin.password, "ADMIN_PASSWORD"));
    try {
      await this.accounts.insert({
        id: FIRST_ADMIN_ID,
        username: "admin",
        email: checkEmail(admin.email, "ADMIN_EMAIL"),
        role: "ADMIN",
        passwordHash,
        createdAt: this.now(),
        consentedAt: undefined,
      });
      this.log.info({}, "the first administrator was created; its user name is admin");
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "CONFLICT") throw error;
      if (await this.accounts.hasAdministrator()) return;
      this.log.warn(
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
