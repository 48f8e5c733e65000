import { randomBytes } from "node:crypto";
import type { Viewer } from "../kernel/context.js";
import { notFound, unauthenticated } from "../kernel/errors.js";
import { newId } from "../kernel/ids.js";
import type { AuditTrail } from "../kernel/audit.js";
import type { AttemptLimits } from "./attempts.js";
import type { AccountStore, SessionStore, TokenSigner } from "./auth.ports.js";
import { deviceOf } from "./device.js";
import { anonymousFrom, refreshVerdict, sessionExpiry } from "./session.js";
import type { Session, SessionOrigin } from "./session.js";
import type { Account, User } from "./user.js";

/** The answer to every way of signing in. */
export interface AuthPayload {
  accessToken: string;
  refreshToken: string;
  /** When the access token ends. */
  expiresAt: Date;
  user: User;
}

/** A session as its owner sees it. */
export interface ListedSession extends Session {
  device: string;
  isCurrent: boolean;
}

/** Opens, refreshes and ends sign-ins. */
export class SessionService {
  constructor(
    private readonly sessions: SessionStore,
    private readonly accounts: AccountStore,
    private readonly tokens: TokenSigner,
    private readonly limits: AttemptLimits,
    private readonly audit: AuditTrail,
    private readonly now: () => Date = () => new Date(),
  ) {}

  async open(account: Pick<Account, "credentialEpoch"> & User, origin: SessionOrigin): Promise<AuthPayload> {
    const now = this.now();
    const session: Session = {
      id: newId(),
      userId: account.id,
      credentialEpoch: account.credentialEpoch,
      seed: randomBytes(16).toString("base64url"),
      rotation: 0,
      rotatedAt: now,
      createdAt: now,
      lastUsedAt: now,
      expiresAt: sessionExpiry(now, now),
      userAgent: origin.userAgent?.slice(0, 256),
      address: origin.address,
    };
    await this.sessions.insert(session);
    return this.answer(session, account);
  }

  /** @throws AppError UNAUTHENTICATED when the token is not the session's present one, or the one before in its grace */
  async refresh(refreshToken: string, origin: SessionOrigin): Promise<AuthPayload> {
    await this.limits.byAddress("refresh", origin.address);
    const claimed = this.tokens.parseRefresh(refreshToken);
    const session = claimed && (await this.sessions.find(claimed.sessionId));
    if (!claimed || !session || !this.tokens.isRefreshOf(session, refreshToken)) throw refreshRefused();
    const account = await this.ownerOf(session);
    const current = await this.advance(session, claimed.rotation, origin);
    return this.answer(current, account);
  }

  /** Ends the viewer's own session at once. */
  async end(viewer: Viewer): Promise<boolean> {
    if (viewer.kind !== "user") throw unauthenticated();
    await this.sessions.remove(viewer.sessionId);
    return true;
  }

  /** The viewer's own sessions, the last used first. */
  async list(viewer: Viewer): Promise<ListedSession[]> {
    if (viewer.kind !== "user") throw unauthenticated();
    const [sessions, account] = await Promise.all([
      this.sessions.listOf(viewer.userId),
      this.accounts.find(viewer.userId),
    ]);
    const now = this.now();
    return sessions
      .filter((one) => one.expiresAt > now && one.credentialEpoch === account?.credentialEpoch)
      .map((one) => ({ ...one, device: deviceOf(one.userAgent), isCurrent: one.id === viewer.sessionId }));
  }

  /** Ends one of the viewer's sessions at once. @throws AppError NOT_FOUND when there is none with this id */
  async revoke(viewer: Viewer, id: string): Promise<boolean> {
    if (viewer.kind !== "user") throw unauthenticated();
    if (!(await this.sessions.remove(id, viewer.userId))) throw notFound("Session");
    const target = { kind: "session", id } as const;
    await this.audit.record(viewer, { action: "session.revoked", target });
    return true;
  }

  /** Ends all of the viewer's sessions but the present one. @returns how many there were */
  async revokeOthers(viewer: Viewer): Promise<number> {
    if (viewer.kind !== "user") throw unauthenticated();
    const ended = await this.sessions.removeAllOf(viewer.userId, viewer.sessionId);
    const target = { kind: "user", id: viewer.userId } as const;
    if (ended > 0)
      await this.audit.record(viewer, { action: "session.others-revoked", target, after: { ended } });
    return ended;
  }

  private async advance(session: Session, rotation: number, origin: SessionOrigin): Promise<Session> {
    const now = this.now();
    switch (refreshVerdict(session, rotation, now)) {
      case "repeat":
        return session;
      case "reused":
        await this.sessions.remove(session.id);
        await this.audit.record(anonymousFrom(origin), {
          action: "session.reuse-detected",
          target: { kind: "user", id: session.userId },
          reason: "An old refresh token was used again, so its session was ended.",
        });
        throw refreshRefused();
      case "rotate": {
        const expiresAt = sessionExpiry(session.createdAt, now);
        const rotated = await this.sessions.rotate(session.id, rotation, { rotatedAt: now, expiresAt });
        if (rotated) return rotated;
        // Somebody else rotated between our read and our write: then ours is the previous token, in its grace.
        const fresh = await this.sessions.find(session.id);
        if (!fresh) throw refreshRefused();
        return this.advance(fresh, rotation, origin);
      }
    }
  }

  private async ownerOf(session: Session): Promise<Account> {
    const account = await this.accounts.find(session.userId);
    const alive = session.expiresAt > this.now();
    if (!alive || !account || account.archivedAt || account.credentialEpoch !== session.credentialEpoch) {
      throw refreshRefused();
    }
    return account;
  }

  private answer(session: Session, user: User): AuthPayload {
    const access = this.tokens.signAccess(session);
    return {
      accessToken: access.token,
      refreshToken: this.tokens.signRefresh(session),
      expiresAt: access.expiresAt,
      user,
    };
  }
}

function refreshRefused(): Error {
  return unauthenticated("This refresh token is not valid any more. Sign in again.");
}
