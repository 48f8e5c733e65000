import { ANONYMOUS } from "../kernel/context.js";
import type { SignedInViewer, Viewer } from "../kernel/context.js";
import { unauthenticated } from "../kernel/errors.js";
import type { AccountStore, LinkTarget, LinkUse, SessionStore, TokenSigner } from "./auth.ports.js";
import { isTouchDue } from "./session.js";
import type { Session } from "./session.js";
import type { Account } from "./user.js";

const REFUSED = "This access token is not valid any more. Refresh the session or sign in again.";
const ENDED = "You were signed out meanwhile, so nothing of this is kept. Sign in and send it again.";
const LINK_REFUSED = "This link is not valid any more. Ask for the file again to get a new one.";

/**
 * Tells who asks. The session and the account are read each time, so ending a session, archiving an account or
 * changing its role acts on the next request.
 */
export class Authenticator {
  constructor(
    private readonly tokens: TokenSigner,
    private readonly sessions: SessionStore,
    private readonly accounts: AccountStore,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** @throws AppError UNAUTHENTICATED for a token that is bad, expired or revoked; none at all is anonymous */
  async viewerOf(accessToken: string | undefined): Promise<Viewer> {
    return accessToken === undefined ? ANONYMOUS : (await this.admit(accessToken)).viewer;
  }

  /** Like `viewerOf`, for whoever keeps a connection open: also says when the token ends. */
  async admit(accessToken: string): Promise<{ viewer: SignedInViewer; expiresAt: Date }> {
    const claims = this.tokens.readAccess(accessToken, this.now());
    const viewer = claims && (await this.current(claims.userId, claims.sessionId));
    if (!claims || !viewer) throw unauthenticated(REFUSED);
    return { viewer, expiresAt: claims.expiresAt };
  }

  /**
   * For what takes long: asked again before it counts.
   * @throws AppError UNAUTHENTICATED when the session ended or the account was archived meanwhile
   */
  async assertStillSignedIn({ userId, sessionId }: SignedInViewer): Promise<void> {
    if (!(await this.current(userId, sessionId))) throw unauthenticated(ENDED);
  }

  /** Signs a link to one use of one thing for 15 minutes. It ends with the viewer's session. */
  linkToken({ userId, sessionId }: SignedInViewer, { use, id }: LinkTarget): string {
    return this.tokens.signLink({ userId, sessionId, use, id }, this.now());
  }

  /**
   * @param targets what the request may be: the token must be for one of them
   * @throws AppError UNAUTHENTICATED when the token is bad, expired, revoked or for something else
   */
  async viewerOfLink(
    token: string,
    targets: readonly LinkTarget[],
  ): Promise<{ viewer: SignedInViewer; use: LinkUse }> {
    const claims = this.tokens.readLink(token, this.now());
    const target = targets.find(({ use, id }) => use === claims?.use && id === claims.id);
    const viewer = claims && target && (await this.current(claims.userId, claims.sessionId));
    if (!viewer || !target) throw unauthenticated(LINK_REFUSED);
    return { viewer, use: target.use };
  }

  /** Of these viewers, those whose session goes on with the same role: two reads, however many they are. */
  async stillSignedIn(viewers: readonly SignedInViewer[]): Promise<ReadonlySet<SignedInViewer>> {
    const [sessions, accounts] = await Promise.all([
      this.sessions.findMany([...new Set(viewers.map((viewer) => viewer.sessionId))]),
      this.accounts.findMany([...new Set(viewers.map((viewer) => viewer.userId))]),
    ]);
    const sessionById = new Map(sessions.map((session) => [session.id, session]));
    const accountById = new Map(accounts.map((account) => [account.id, account]));
    return new Set(
      viewers.filter((viewer) => {
        const present = this.viewer(sessionById.get(viewer.sessionId), accountById.get(viewer.userId));
        return present?.role === viewer.role;
      }),
    );
  }

  /** Both ids are in the token, so the two reads travel together. */
  private async current(userId: string, sessionId: string): Promise<SignedInViewer | undefined> {
    const [session, account] = await Promise.all([this.sessions.find(sessionId), this.accounts.find(userId)]);
    const viewer = this.viewer(session, account);
    if (session && viewer && isTouchDue(session, this.now())) {
      // Only told to the owner: a request does not fail for it.
      await this.sessions.touch(session, this.now()).catch(() => undefined);
    }
    return viewer;
  }

  private viewer(session: Session | undefined, account: Account | undefined): SignedInViewer | undefined {
    if (!session || !account || account.archivedAt) return undefined;
    const theirs = session.userId === account.id && session.credentialEpoch === account.credentialEpoch;
    if (!theirs || session.expiresAt <= this.now()) return undefined;
    return { kind: "user", userId: account.id, sessionId: session.id, role: account.role };
  }
}
