import type { Invite } from "./invite.js";
import type { OwnQuota, Quota, QuotaChange } from "./quota.js";
import type { Session } from "./session.js";
import type { Account, NewAccount, User } from "./user.js";

/** Keeps accounts. Names and addresses are unique without regard to case, also between processes. */
export interface AccountStore {
  /**
   * Adds an account in one atomic step.
   * @throws AppError CONFLICT with the field `username` or `email` that is taken
   */
  insert(account: NewAccount): Promise<User>;
  find(id: string): Promise<Account | undefined>;
  /** Missing ids are left out; the order is not kept. */
  findMany(ids: readonly string[]): Promise<Account[]>;
  /** By e-mail address or user name, without regard to case. */
  findByLogin(login: string): Promise<Account | undefined>;
  findByEmail(email: string): Promise<Account | undefined>;
  /**
   * Sets a new password hash and raises the credential epoch, in one step.
   * @returns undefined when the epoch is another one by now: somebody else changed the password first
   */
  setPasswordHash(id: string, passwordHash: string, credentialEpoch: number): Promise<Account | undefined>;
  /** @throws AppError CONFLICT with the field `username` when it is taken */
  setUsername(id: string, username: string): Promise<Account | undefined>;
  /**
   * Replaces one address by another, in one step.
   * @returns undefined when the account's address is not `from` any more
   * @throws AppError CONFLICT with the field `email` when it is taken
   */
  setEmail(id: string, change: { from: string; to: string }): Promise<Account | undefined>;
  hasAdministrator(): Promise<boolean>;
  /**
   * Changes numbers that an account has instead of its role's, in one step: null gives the role's back, undefined stays.
   * @param onlyIf the numbers that the account has to have before it; an absent one is the role's
   * @returns the account before and after; undefined when it is missing, or does not have those numbers
   */
  setOwnQuota(
    id: string,
    change: QuotaChange,
    onlyIf: OwnQuota | undefined,
  ): Promise<{ before: Account; after: Account } | undefined>;
}

/**
 * An account's standing (its role, and whether it is archived) as somebody saw it. Goes into the filter of the update
 * as it is; every update of the standing raises `standingEpoch` by one. So an update decided on an older view changes nothing.
 */
export interface StandingFence {
  /** Null before the first change. */
  readonly standingEpoch: number | null;
}

/** Keeps at least one active administrator, whatever several processes do at once and wherever one of them ends. */
export interface AdministratorGuard {
  /**
   * Changes the standing of an account: another role, archiving, restoring, deleting.
   * @param change one atomic update or deletion of the account's document with `fence` in its filter; answers undefined
   *   when nothing matched. It is called again, with a newer fence, when somebody else changed the standing in between.
   * @returns what `change` answered; undefined when there is no such account
   * @throws AppError CONFLICT when the account is the last active administrator, or its standing keeps changing;
   *   UNAVAILABLE when too many do this at once
   */
  keepingOne<T>(
    userId: string,
    change: (fence: StandingFence) => Promise<T | undefined>,
  ): Promise<T | undefined>;
}

/** How much room a file gets: as much as wanted, never less than needed. */
export interface Room {
  /** The file's id. */
  key: string;
  neededBytes: number;
  wantedBytes: number;
}

/** Keeps each user's counts, and what uploads under way have reserved. */
export interface UsageStore {
  /**
   * Reserves room for one more file, in one atomic step: of many at once, only as many get it as fit. Safe to repeat: a
   * file that has room keeps what it has.
   * @returns the bytes that are reserved now; undefined when it does not fit
   */
  reserve(userId: string, room: Room, limit: Pick<Quota, "bytes" | "files">): Promise<number | undefined>;
  /**
   * Makes the reservation of a file larger, in one atomic step.
   * @returns the bytes that are reserved now; undefined when it does not fit, or is gone
   */
  extend(userId: string, room: Room, limit: Pick<Quota, "bytes">): Promise<number | undefined>;
  /** Makes the reservation of a file as small as its bytes. Safe to repeat. */
  trim(userId: string, key: string, bytes: number): Promise<void>;
  /** Gives a file's room back. Safe to repeat, and when there is none. */
  release(userId: string, key: string): Promise<void>;
  /** The same for a reservation that is still older than a minute: whoever needs it again makes it anew. */
  releaseLong(userId: string, key: string): Promise<void>;
  /** Makes a reservation a new one: what it is for goes on. */
  keepReserved(userId: string, key: string): Promise<void>;
  /** Reservations made more than a minute ago. */
  longReserved(limit: number): Promise<{ userId: string; key: string }[]>;
  /**
   * Turns a file's reservation into use, in one atomic step. Safe to repeat: without a reservation nothing is counted,
   * so each is counted once whenever that is tried again.
   */
  count(userId: string, key: string, bytes: number): Promise<void>;
  /** Takes a file out of the kept counts. Safe to repeat, while fewer than fifty others were taken away since. */
  takeAway(userId: string, key: string, bytes: number): Promise<void>;
}

export interface SessionStore {
  insert(session: Session): Promise<void>;
  find(id: string): Promise<Session | undefined>;
  /** Missing ids are left out; the order is not kept. */
  findMany(ids: readonly string[]): Promise<Session[]>;
  /**
   * Moves from `rotation` to the next one in one atomic step.
   * @returns the session after it; undefined when somebody else rotated or ended it first
   */
  rotate(
    id: string,
    rotation: number,
    change: { rotatedAt: Date; expiresAt: Date },
  ): Promise<Session | undefined>;
  /** A user's sessions, the last used first, at most a hundred. */
  listOf(userId: string): Promise<Session[]>;
  /** Whether the user has a session that was opened from this address. */
  hasFrom(userId: string, address: string): Promise<boolean>;
  /** Notes that a session was used. Of many who saw the same last use, one writes. */
  touch(session: Pick<Session, "id" | "lastUsedAt">, at: Date): Promise<void>;
  /** Carries a session over to a new credential epoch. Safe to repeat. */
  carryOver(id: string, credentialEpoch: number): Promise<void>;
  /** Ends a session. Safe to repeat. @returns whether it was there */
  remove(id: string, userId?: string): Promise<boolean>;
  /** Ends all sessions of a user, or all but one. Safe to repeat. @returns how many there were */
  removeAllOf(userId: string, except?: string): Promise<number>;
}

/** What a mailed link stands for. */
export interface MailedLink {
  userId: string;
  /** SHA-256 of the token, hex: the token itself is only in the mail. */
  tokenHash: string;
  expiresAt: Date;
}

export interface PasswordReset extends MailedLink {
  /** The account's at the time of asking: the link ends with the next change of the password. */
  credentialEpoch: number;
}

/** A new address that its owner has yet to confirm. */
export interface EmailChange extends MailedLink {
  from: string;
  to: string;
}

export interface MailedLinkStore<Link extends MailedLink> {
  /** Keeps one link of this kind for each user: a new one replaces the old. */
  put(link: Link): Promise<void>;
  find(tokenHash: string): Promise<Link | undefined>;
  /** Forgets a user's link. Safe to repeat. */
  removeOf(userId: string): Promise<void>;
}

export interface InviteStore {
  /** Keeps one invitation for each address: a new one replaces the old and has its id. */
  put(invite: Invite): Promise<Invite>;
  find(tokenHash: string): Promise<Invite | undefined>;
  /** All that can still be accepted, the newest first, at most a hundred. */
  list(now: Date): Promise<Invite[]>;
  /** Safe to repeat. @returns the invitation, if it was there */
  remove(email: string): Promise<Invite | undefined>;
}

export interface PasswordHasher {
  /** @throws AppError UNAVAILABLE when too many are waiting already */
  hash(password: string): Promise<string>;
  /**
   * Compares. Without a hash it does the same work and says no.
   * @throws AppError UNAVAILABLE when too many are waiting already
   */
  verify(hash: string | undefined, password: string): Promise<boolean>;
}

export interface AccessClaims {
  userId: string;
  sessionId: string;
  expiresAt: Date;
}

/** What a link lets its viewer do with one thing: save it, show it, see it small, read its beginning, save a zip. */
export type LinkUse = "save" | "show" | "thumbnail" | "text" | "folder-zip" | "selection-zip";

/** One use of one thing: a link of one kind, or to one thing, opens no other. */
export interface LinkTarget {
  use: LinkUse;
  id: string;
}

export interface LinkClaims extends AccessClaims, LinkTarget {}

/** Makes and checks tokens. A token that is malformed, forged, expired or of another kind reads as undefined. */
export interface TokenSigner {
  /** The same session, rotation and second always give the same token. */
  signAccess(session: Session): { token: string; expiresAt: Date };
  readAccess(token: string, now: Date): AccessClaims | undefined;
  signLink(claims: Omit<LinkClaims, "expiresAt">, now: Date): string;
  readLink(token: string, now: Date): LinkClaims | undefined;
  signRefresh(session: Session): string;
  /** Which session and rotation a refresh token claims to be of; nothing is checked yet. */
  parseRefresh(token: string): { sessionId: string; rotation: number } | undefined;
  /** Whether this token was made for that session, of whichever rotation it names. */
  isRefreshOf(session: Session, token: string): boolean;
}
