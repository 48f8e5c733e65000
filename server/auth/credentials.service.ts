import type { AuditTrail, AuditEntry } from "../kernel/audit.js";
import type { SignedInViewer, Viewer } from "../kernel/context.js";
import { badInput, conflict, unauthenticated, unavailable } from "../kernel/errors.js";
import { confirmEmailMail, emailAskedMail, emailChangedMail, passwordChangedMail } from "./account.mails.js";
import type { AttemptLimits } from "./attempts.js";
import type {
  AccountStore,
  EmailChange,
  PasswordHasher,
  MailedLinkStore,
  PasswordReset,
  SessionStore,
} from "./auth.ports.js";
import { linkTokenHash, newLinkToken } from "./link-token.js";
import type { PageLink } from "./link-token.js";
import type { OutgoingMail } from "./outgoing-mail.js";
import { checkPassword } from "./password.js";
import { PasswordProof } from "./password-proof.js";
import { anonymousFrom } from "./session.js";
import type { SessionOrigin } from "./session.js";
import { checkEmail, checkUsername, emailKey } from "./user.js";
import type { Account, User } from "./user.js";

/** A new address is confirmed within a day. */
const CONFIRM_SECONDS = 24 * 60 * 60;

/** What an account's owner changes about the account. */
export class CredentialsService {
  private readonly now: () => Date;
  private readonly proof: PasswordProof;

  constructor(
    private readonly ports: {
      accounts: AccountStore;
      sessions: SessionStore;
      resets: MailedLinkStore<PasswordReset>;
      emailChanges: MailedLinkStore<EmailChange>;
      hasher: PasswordHasher;
      limits: AttemptLimits;
      mail: OutgoingMail;
      audit: AuditTrail;
    },
    private readonly options: { link: PageLink; now?: () => Date },
  ) {
    this.now = options.now ?? (() => new Date());
    this.proof = new PasswordProof(ports.accounts, ports.hasher, ports.limits);
  }

  /**
   * Signs out every session but the viewer's own, and mails that it happened.
   * @throws AppError BAD_USER_INPUT with the field `current` or `new`, RATE_LIMITED
   */
  async changePassword(viewer: Viewer, current: string, next: string): Promise<boolean> {
    const { accounts, sessions, resets, hasher, mail } = this.ports;
    const me = signedIn(viewer);
    checkPassword(next, await this.account(me), "new");
    const account = await this.proof.accountOf(me, current, "current");
    const passwordHash = await hasher.hash(next);
    const changed = await accounts.setPasswordHash(account.id, passwordHash, account.credentialEpoch);
    if (!changed) throw wrongPassword("current");
    await sessions.carryOver(me.sessionId, changed.credentialEpoch);
    await sessions.removeAllOf(account.id, me.sessionId);
    await resets.removeOf(account.id);
    await this.tell(me, account, { action: "password.changed" });
    mail.later("a password change", () => Promise.resolve(passwordChangedMail(changed)));
    return true;
  }

  /** @throws AppError BAD_USER_INPUT or CONFLICT with the field `username` */
  async changeUsername(viewer: Viewer, username: string): Promise<User> {
    const me = signedIn(viewer);
    const { username: before } = await this.account(me);
    const changed = await this.ports.accounts.setUsername(me.userId, checkUsername(username, "username"));
    if (!changed) throw unauthenticated();
    if (before === changed.username) return changed;
    const change = { before: { username: before }, after: { username: changed.username } };
    await this.tell(me, changed, { action: "username.changed", ...change });
    return changed;
  }

  /**
   * Mails a link to the new address and tells the old one. The address changes when the link is followed.
   * @throws AppError BAD_USER_INPUT or CONFLICT with the field at fault, RATE_LIMITED, UNAVAILABLE without a mail server
   */
  async changeEmail(viewer: Viewer, password: string, email: string): Promise<boolean> {
    const { accounts, emailChanges, mail, limits } = this.ports;
    const me = signedIn(viewer);
    if (!mail.isConfigured) {
      throw unavailable("Mail is not configured here. Ask an administrator to change your address.");
    }
    const to = checkEmail(email, "email");
    const account = await this.proof.accountOf(me, password, "password");
    if (emailKey(to) === emailKey(account.email)) throw conflict("This is your address already.", "email");
    if (await accounts.findByEmail(to)) throw conflict("This address belongs to an account.", "email");
    await limits.byAccount("mail", account.id);
    const { token, tokenHash } = newLinkToken();
    const expiresAt = new Date(this.now().getTime() + CONFIRM_SECONDS * 1000);
    await emailChanges.put({ userId: account.id, from: account.email, to, tokenHash, expiresAt });
    await this.tell(me, account, { action: "email.change-requested", after: { email: to } });
    const link = this.options.link("confirm-email", token);
    const confirm = confirmEmailMail(account.username, to, link, CONFIRM_SECONDS);
    mail.later("a new address", () => Promise.resolve(confirm));
    mail.later("a change of address", () => Promise.resolve(emailAskedMail(account, to)));
    return true;
  }

  /**
   * Needs no sign-in: the mail may be read on another device.
   * @throws AppError BAD_USER_INPUT when the link is used or too old, CONFLICT when the address was taken meanwhile
   */
  async confirmEmail(token: string, origin: SessionOrigin): Promise<boolean> {
    const { accounts, emailChanges, resets, limits, mail, audit } = this.ports;
    await limits.byAddress("link failure", origin.address);
    const change = await emailChanges.find(linkTokenHash(token));
    if (!change || change.expiresAt <= this.now()) throw tooLate();
    const account = await accounts.find(change.userId);
    const changed = account && !account.archivedAt && (await accounts.setEmail(change.userId, change));
    if (!changed) throw tooLate();
    await limits.forgiveAddress("link failure", origin.address);
    await emailChanges.removeOf(change.userId);
    // A reset link in the old mailbox must not outlive the change.
    await resets.removeOf(change.userId);
    await audit.record(anonymousFrom(origin), {
      action: "email.changed",
      target: { kind: "user", id: change.userId, name: changed.username },
      before: { email: change.from },
      after: { email: change.to },
    });
    const old = { username: changed.username, email: change.from };
    mail.later("a change of address", () => Promise.resolve(emailChangedMail(old, change.to)));
    return true;
  }

  private async account(viewer: SignedInViewer): Promise<Account> {
    const account = await this.ports.accounts.find(viewer.userId);
    if (!account) throw unauthenticated();
    return account;
  }

  private async tell(
    viewer: Viewer,
    { id, username }: User,
    entry: Pick<AuditEntry, "action" | "before" | "after">,
  ): Promise<void> {
    await this.ports.audit.record(viewer, { ...entry, target: { kind: "user", id, name: username } });
  }
}

function signedIn(viewer: Viewer): SignedInViewer {
  if (viewer.kind !== "user") throw unauthenticated();
  return viewer;
}

function wrongPassword(field: string): Error {
  return badInput("This is not your present password.", field);
}

function tooLate(): Error {
  return badInput(
    "This link was used already or is too old. Change the address again to get a new one.",
    "token",
  );
}
