import type { AuditTrail } from "../kernel/audit.js";
import { hasRole } from "../kernel/context.js";
import type { Role, SignedInViewer, Viewer } from "../kernel/context.js";
import { AppError, badInput, conflict, forbidden, notFound } from "../kernel/errors.js";
import { newId } from "../kernel/ids.js";
import { inviteMail } from "./account.mails.js";
import type { AttemptLimits } from "./attempts.js";
import type { AccountStore, InviteStore, PasswordHasher } from "./auth.ports.js";
import type { Invite } from "./invite.js";
import { linkTokenHash, newLinkToken } from "./link-token.js";
import type { PageLink } from "./link-token.js";
import type { OutgoingMail } from "./outgoing-mail.js";
import { checkPassword } from "./password.js";
import { checkRegistration } from "./registration.js";
import type { RegistrationMode } from "./registration.js";
import { anonymousFrom } from "./session.js";
import type { SessionOrigin } from "./session.js";
import type { AuthPayload, SessionService } from "./session.service.js";
import { checkEmail } from "./user.js";

const LIFETIME_SECONDS = 7 * 24 * 60 * 60;

export interface Acceptance {
  token: string;
  username: string;
  password: string;
  acceptTerms: boolean;
  acceptPrivacy: boolean;
}

/** An invitation, and the link when no mail carried it. */
export interface SentInvite extends Invite {
  mailed: boolean;
  link: string | undefined;
}

/** Accounts for people whom an administrator asks in. */
export class InviteService {
  private readonly now: () => Date;

  constructor(
    private readonly ports: {
      accounts: AccountStore;
      invites: InviteStore;
      sessions: SessionService;
      hasher: PasswordHasher;
      limits: AttemptLimits;
      mail: OutgoingMail;
      audit: AuditTrail;
    },
    private readonly options: { registration: RegistrationMode; link: PageLink; now?: () => Date },
  ) {
    this.now = options.now ?? (() => new Date());
  }

  /**
   * Mails a link that makes one account, or answers with it when it could not be mailed. A second invitation to the
   * same address replaces the first.
   * @throws AppError FORBIDDEN, or BAD_USER_INPUT or CONFLICT with the field at fault
   */
  async invite(viewer: Viewer, input: { email: string; role: Role }): Promise<SentInvite> {
    const { accounts, invites, mail, audit } = this.ports;
    const me = administrator(viewer);
    this.checkOpen();
    const email = checkEmail(input.email, "input", "email");
    if (await accounts.findByEmail(email)) {
      throw conflict("This e-mail address has an account already.", "input", "email");
    }
    const { token, tokenHash } = newLinkToken();
    const createdAt = this.now();
    const invite = await invites.put({
      id: newId(),
      email,
      role: input.role,
      userId: newId(),
      tokenHash,
      invitedBy: me.userId,
      createdAt,
      expiresAt: new Date(createdAt.getTime() + LIFETIME_SECONDS * 1000),
    });
    const target = { kind: "invite", id: invite.id, name: email } as const;
    await audit.record(viewer, { action: "invite.made", target, after: { email, role: input.role } });
    const link = this.options.link("accept-invite", token);
    const from = (await accounts.find(me.userId))?.username ?? "An administrator";
    const mailed = await mail.now("an invitation", inviteMail(email, from, link, LIFETIME_SECONDS));
    return { ...invite, mailed, link: mailed ? undefined : link };
  }

  /** Makes the account with the invited address and role, and signs in. @throws AppError as `register` does, with flat field names */
  async accept(input: Acceptance, origin: SessionOrigin): Promise<AuthPayload> {
    const { accounts, sessions, hasher, limits } = this.ports;
    this.checkOpen();
    const { username, password } = checkRegistration(input, [], {});
    await limits.byAddress("link failure", origin.address);
    const invite = await this.alive(input.token);
    checkPassword(password, { username, email: invite.email }, "password");
    const passwordHash = await hasher.hash(password);
    const { userId: id, email, role } = invite;
    const now = this.now();
    const account = { id, username, email, role, passwordHash, createdAt: now, consentedAt: now };
    // The account's id is the invitation's: of many at once, and after a crash, one account is made.
    const user = await accounts.insert(account).catch((error: unknown) => {
      throw isTakenId(error) ? tooLate() : error;
    });
    await this.used(invite, origin);
    return sessions.open({ ...user, credentialEpoch: 0 }, origin);
  }

  /** Those that can still be accepted. */
  async list(viewer: Viewer): Promise<Invite[]> {
    administrator(viewer);
    return this.ports.invites.list(this.now());
  }

  /** @throws AppError NOT_FOUND when there is no such invitation any more */
  async revoke(viewer: Viewer, email: string): Promise<boolean> {
    administrator(viewer);
    const removed = await this.ports.invites.remove(email);
    if (!removed) throw notFound("Invitation");
    const target = { kind: "invite", id: removed.id, name: removed.email } as const;
    await this.ports.audit.record(viewer, { action: "invite.revoked", target });
    return true;
  }

  private async used(invite: Invite, origin: SessionOrigin): Promise<void> {
    await this.ports.limits.forgiveAddress("link failure", origin.address);
    await this.ports.invites.remove(invite.email);
    await this.ports.audit.record(anonymousFrom(origin), {
      action: "invite.accepted",
      target: { kind: "user", id: invite.userId, name: invite.email },
      after: { email: invite.email, role: invite.role, invitedBy: invite.invitedBy },
    });
  }

  private async alive(token: string): Promise<Invite> {
    const invite = await this.ports.invites.find(linkTokenHash(token));
    if (!invite || invite.expiresAt <= this.now()) throw tooLate();
    return invite;
  }

  private checkOpen(): void {
    if (this.options.registration === "closed") throw forbidden("No new accounts are made here.");
  }
}

function administrator(viewer: Viewer): SignedInViewer {
  if (!hasRole(viewer, "ADMIN")) throw forbidden("Only administrators invite people.");
  return viewer;
}

function isTakenId(error: unknown): boolean {
  return error instanceof AppError && error.code === "CONFLICT" && error.details.field === undefined;
}

function tooLate(): Error {
  return badInput("This invitation was used already or is too old. Ask for a new one.", "token");
}
