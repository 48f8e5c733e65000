import type { AuditTrail } from "../kernel/audit.js";
import { badInput, notFound } from "../kernel/errors.js";
import type { Logger } from "../kernel/log.js";
import { passwordChangedMail, resetMail, welcomeMail } from "./account.mails.js";
import type { AttemptLimits } from "./attempts.js";
import type {
  AccountStore,
  PasswordHasher,
  MailedLinkStore,
  PasswordReset,
  SessionStore,
} from "./auth.ports.js";
import { linkTokenHash, newLinkToken } from "./link-token.js";
import type { PageLink } from "./link-token.js";
import type { Mail } from "./mailer.ports.js";
import type { OutgoingMail } from "./outgoing-mail.js";
import { checkPassword } from "./password.js";
import { anonymousFrom } from "./session.js";
import type { SessionOrigin } from "./session.js";
import { emailKey } from "./user.js";
import type { Account, User } from "./user.js";

export interface PasswordResetOptions {
  maxAgeSeconds: number;
  link: PageLink;
  now?: () => Date;
}

/** A link for a new password that an administrator asked for. */
export interface IssuedLink {
  /** Only when it was not mailed: whoever has it can set the password, once. */
  url: string | undefined;
  expiresAt: Date;
}

/** A new password for somebody who lost the old one. */
export class PasswordResetService {
  private readonly now: () => Date;

  constructor(
    private readonly ports: {
      accounts: AccountStore;
      sessions: SessionStore;
      resets: MailedLinkStore<PasswordReset>;
      hasher: PasswordHasher;
      mail: OutgoingMail;
      limits: AttemptLimits;
      audit: AuditTrail;
      log: Logger;
    },
    private readonly options: PasswordResetOptions,
  ) {
    this.now = options.now ?? (() => new Date());
  }

  /**
   * Always true, after the same work: everything that depends on the account happens after the answer.
   * @throws AppError RATE_LIMITED, whether or not there is such an account
   */
  async request(email: string, origin: SessionOrigin): Promise<boolean> {
    const { limits, accounts, mail } = this.ports;
    await limits.byAddress("reset request", origin.address);
    await limits.byAccount("reset request", emailKey(email));
    const account = await accounts.findByEmail(email);
    if (account && !account.archivedAt) mail.later("a password reset", () => this.write(account, origin));
    return true;
  }

  /**
   * One password hash, whether or not the link is good.
   * @throws AppError BAD_USER_INPUT when the token is unknown, used or expired, or the password is unfit
   */
  async reset(token: string, password: string, origin: SessionOrigin): Promise<boolean> {
    const { limits, accounts, resets, sessions, hasher, mail, audit } = this.ports;
    checkPassword(password, {}, "password");
    await limits.byAddress("link failure", origin.address);
    const passwordHash = await hasher.hash(password);
    const { userId, credentialEpoch } = this.alive(await resets.find(linkTokenHash(token)));
    checkPassword(password, (await accounts.find(userId)) ?? {}, "password");
    // The epoch makes the link work once: of many at the same time, one finds it unchanged.
    const account = await accounts.setPasswordHash(userId, passwordHash, credentialEpoch);
    if (!account) throw tooLate();
    await limits.forgiveAddress("link failure", origin.address);
    await resets.removeOf(userId);
    await sessions.removeAllOf(userId);
    const target = { kind: "user", id: userId, name: account.username } as const;
    await audit.record(anonymousFrom(origin), { action: "password.reset", target });
    mail.later("a password change", () => Promise.resolve(passwordChangedMail(account)));
    return true;
  }

  /**
   * For administrators: mails a link for a new password, or answers with it when there is no mail server.
   * @throws AppError UNAVAILABLE when the mail cannot be handed over
   */
  async issue(user: User): Promise<IssuedLink> {
    const { url, expiresAt } = await this.makeLink(user.id);
    if (!this.ports.mail.isConfigured) return { url, expiresAt };
    await this.ports.mail.handOver(resetMail(user, url, this.options.maxAgeSeconds));
    return { url: undefined, expiresAt };
  }

  /** Like `issue` for an account that is new: a mail that cannot be sent leaves the link to the administrator. */
  async invite(user: User): Promise<IssuedLink> {
    const { url, expiresAt } = await this.makeLink(user.id);
    const mail = welcomeMail(user, url, this.options.maxAgeSeconds);
    const mailed = await this.ports.mail.now("a new account", mail);
    return { url: mailed ? undefined : url, expiresAt };
  }

  /** Ends the link that is out, if there is one. Safe to repeat. */
  revoke(userId: string): Promise<void> {
    return this.ports.resets.removeOf(userId);
  }

  private async makeLink(userId: string): Promise<{ url: string; expiresAt: Date }> {
    const account = await this.ports.accounts.find(userId);
    if (!account) throw notFound("User");
    const { token, tokenHash } = newLinkToken();
    const expiresAt = new Date(this.now().getTime() + this.options.maxAgeSeconds * 1000);
    const { credentialEpoch } = account;
    await this.ports.resets.put({ userId, credentialEpoch, tokenHash, expiresAt });
    return { url: this.options.link("reset-password", token), expiresAt };
  }

  private alive(reset: PasswordReset | undefined): PasswordReset {
    if (reset && reset.expiresAt > this.now()) return reset;
    throw tooLate();
  }

  private async write(account: Account, origin: SessionOrigin): Promise<Mail | undefined> {
    const { mail, audit, log } = this.ports;
    const target = { kind: "user", id: account.id, name: account.username } as const;
    await audit.record(anonymousFrom(origin), { action: "password.reset-requested", target });
    if (!mail.isConfigured) {
      log.warn({ userId: account.id }, "a password reset was asked for, but mail is not configured");
      return undefined;
    }
    const { url } = await this.makeLink(account.id);
    return resetMail(account, url, this.options.maxAgeSeconds);
  }
}

function tooLate(): Error {
  return badInput("This link was used already or is too old. Ask for a new one.", "token");
}
