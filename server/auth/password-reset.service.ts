import { createHash, randomBytes } from "node:crypto";
import { badInput } from "../kernel/errors.js";
import type { Logger } from "../kernel/log.js";
import type { AccountStore, PasswordHasher, PasswordResetStore, SessionStore } from "./auth.ports.js";
import type { Mail, Mailer } from "./mailer.ports.js";
import { changedMail, inviteMail, resetMail } from "./password-reset.mail.js";
import { checkPassword } from "./user.js";
import type { User } from "./user.js";

export interface PasswordResetOptions {
  maxAgeSeconds: number;
  /** The page that takes the token, without a slash at its end: `<page>/<token>` is mailed. */
  page: () => string;
  now?: () => Date;
}

/** A link for a new password that an administrator asked for. */
export interface IssuedLink {
  /** Only when it was not mailed: whoever has it can set the password, once. */
  url: string | undefined;
  expiresAt: Date;
}

const MAIL_TIMEOUT_MS = 60_000;
/** Somebody waits for the answer. */
const INVITE_TIMEOUT_MS = 10_000;

/** A new password for somebody who lost the old one. */
export class PasswordResetService {
  private readonly background = new Set<Promise<void>>();
  private readonly now: () => Date;

  constructor(
    private readonly ports: {
      accounts: AccountStore;
      sessions: SessionStore;
      resets: PasswordResetStore;
      hasher: PasswordHasher;
      /** Undefined when no mail server is configured. */
      mailer: Mailer | undefined;
      log: Logger;
    },
    private readonly options: PasswordResetOptions,
  ) {
    this.now = options.now ?? (() => new Date());
  }

  /** Always true, after the same work: everything that depends on the account happens after the answer. */
  async request(email: string): Promise<boolean> {
    const account = await this.ports.accounts.findByEmail(email);
    if (account && !account.archivedAt) this.later(() => this.deliver(account), "password reset");
    return true;
  }

  /** @throws AppError BAD_USER_INPUT when the token is unknown, used or expired, or the password is unfit */
  async reset(token: string, password: string): Promise<boolean> {
    checkPassword(password, "password");
    const tokenHash = hashOf(token);
    this.alive(await this.ports.resets.find(tokenHash));
    const passwordHash = await this.ports.hasher.hash(password);
    const { userId } = this.alive(await this.ports.resets.take(tokenHash));
    await this.ports.accounts.setPasswordHash(userId, passwordHash);
    await this.ports.sessions.removeAllOf(userId);
    this.later(() => this.confirm(userId), "password change");
    return true;
  }

  /**
   * For administrators: mails a link for a new password, or answers with it when there is no mail server.
   * @throws AppError UNAVAILABLE when the mail cannot be handed over
   */
  async issue(user: User): Promise<IssuedLink> {
    const { url, expiresAt } = await this.makeLink(user.id);
    const { mailer } = this.ports;
    if (mailer === undefined) return { url, expiresAt };
    await mailer.send(
      resetMail(user, url, this.options.maxAgeSeconds),
      AbortSignal.timeout(INVITE_TIMEOUT_MS),
    );
    return { url: undefined, expiresAt };
  }

  /** Like `issue` for an account that is new: a mail that cannot be sent leaves the link to the administrator. */
  async invite(user: User): Promise<IssuedLink> {
    const { url, expiresAt } = await this.makeLink(user.id);
    const mail = inviteMail(user, url, this.options.maxAgeSeconds);
    return { url: (await this.handedOver(mail)) ? undefined : url, expiresAt };
  }

  /** Ends the link that is out, if there is one. Safe to repeat. */
  revoke(userId: string): Promise<void> {
    const nobodyKnows = hashOf(randomBytes(32).toString("base64url"));
    return this.ports.resets.put({ userId, tokenHash: nobodyKnows, expiresAt: this.now() });
  }

  /** Waits for the mails that are on their way. */
  async drain(): Promise<void> {
    await Promise.all(this.background);
  }

  private alive<T extends { expiresAt: Date }>(reset: T | undefined): T {
    if (reset && reset.expiresAt > this.now()) return reset;
    throw badInput("This link was used already or is too old. Ask for a new one.", "token");
  }

  private async makeLink(userId: string): Promise<{ url: string; expiresAt: Date }> {
    const token = randomBytes(32).toString("base64url");
    const expiresAt = new Date(this.now().getTime() + this.options.maxAgeSeconds * 1000);
    await this.ports.resets.put({ userId, tokenHash: hashOf(token), expiresAt });
    return { url: `${this.options.page()}/${token}`, expiresAt };
  }

  private async handedOver(mail: Mail): Promise<boolean> {
    const { mailer, log } = this.ports;
    if (mailer === undefined) return false;
    try {
      await mailer.send(mail, AbortSignal.timeout(INVITE_TIMEOUT_MS));
      return true;
    } catch (error) {
      log.warn({ err: error }, "an invitation could not be mailed; its link was shown instead");
      return false;
    }
  }

  private async deliver(account: User): Promise<void> {
    const { mailer, log } = this.ports;
    if (!mailer) {
      log.warn({ userId: account.id }, "a password reset was asked for, but mail is not configured");
      return;
    }
    const { url } = await this.makeLink(account.id);
    const mail = resetMail(account, url, this.options.maxAgeSeconds);
    await mailer.send(mail, AbortSignal.timeout(MAIL_TIMEOUT_MS));
  }

  private async confirm(userId: string): Promise<void> {
    const account = await this.ports.accounts.find(userId);
    if (account) await this.ports.mailer?.send(changedMail(account), AbortSignal.timeout(MAIL_TIMEOUT_MS));
  }

  private later(work: () => Promise<void>, what: string): void {
    const running: Promise<void> = work()
      .catch((error: unknown) => {
        this.ports.log.error({ err: error }, `the mail about a ${what} could not be sent`);
      })
      .finally(() => this.background.delete(running));
    this.background.add(running);
  }
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
