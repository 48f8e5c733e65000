import { createHmac, createSecretKey, hkdfSync, timingSafeEqual } from "node:crypto";
import type { KeyObject } from "node:crypto";
import jwt from "jsonwebtoken";
import type { AccessClaims, LinkClaims, LinkUse, TokenSigner } from "../../auth/auth.ports.js";
import type { Session } from "../../auth/session.js";

const LIFETIME_SECONDS = 15 * 60;
const ISSUER = "telestash";
/** RFC 8725: the header's type keeps one kind of token from passing for another. */
const ACCESS = "at+jwt";
const LINK = "link+jwt";
const LONGEST_TOKEN = 2048;
const REFRESH = /^([0-9a-f]{24})\.(\d{1,9})\.([A-Za-z0-9_-]{43})$/;

/** Access tokens whose signatures are remembered, of at most 2 kB each. */
const MOST_VERIFIED = 2_000;

interface Verified {
  claims: AccessClaims;
  /** Seconds. */
  notBefore: number;
}

/** All tokens from one secret: a key of its own for each kind, made once (a string secret is 58 times slower). */
export class HmacTokens implements TokenSigner {
  private readonly accessKey: KeyObject;
  private readonly linkKey: KeyObject;
  private readonly refreshKey: KeyObject;
  /** A signature that was good stays good; the times are looked at each time. */
  private readonly verified = new Map<string, Verified>();

  constructor(secret: string) {
    this.accessKey = derived(secret, "access");
    this.linkKey = derived(secret, "link");
    this.refreshKey = derived(secret, "refresh");
  }

  signAccess(session: Session): { token: string; expiresAt: Date } {
    const issued = Math.floor(session.rotatedAt.getTime() / 1000);
    const claims = { sub: session.userId, sid: session.id, rot: session.rotation, iat: issued };
    const token = this.sign(claims, this.accessKey, ACCESS, issued);
    return { token, expiresAt: new Date((issued + LIFETIME_SECONDS) * 1000) };
  }

  readAccess(token: string, now: Date): AccessClaims | undefined {
    const known = this.verified.get(token);
    if (known !== undefined) return isWithin(known, now) ? known.claims : undefined;
    const payload = this.read(token, this.accessKey, ACCESS, now);
    const claims = payload && common(payload);
    if (!payload || !claims) return undefined;
    if (this.verified.size >= MOST_VERIFIED) this.verified.clear();
    this.verified.set(token, { claims, notBefore: payload.nbf ?? 0 });
    return claims;
  }

  signLink(claims: Omit<LinkClaims, "expiresAt">, now: Date): string {
    const issued = Math.floor(now.getTime() / 1000);
    const { userId, sessionId, use, id } = claims;
    return this.sign({ sub: userId, sid: sessionId, use, id, iat: issued }, this.linkKey, LINK, issued);
  }

  readLink(token: string, now: Date): LinkClaims | undefined {
    const claims = this.read(token, this.linkKey, LINK, now);
    const who = claims && common(claims);
    const { use, id }: Record<string, unknown> = claims ?? {};
    if (!who || typeof use !== "string" || typeof id !== "string") return undefined;
    return { ...who, use: use as LinkUse, id };
  }

  signRefresh(session: Session): string {
    return this.refreshToken(session, session.rotation);
  }

  parseRefresh(token: string): { sessionId: string; rotation: number } | undefined {
    const [, sessionId, rotation] = REFRESH.exec(token) ?? [];
    return sessionId === undefined ? undefined : { sessionId, rotation: Number(rotation) };
  }

  isRefreshOf(session: Session, token: string): boolean {
    const claimed = this.parseRefresh(token);
    if (!claimed || claimed.sessionId !== session.id || claimed.rotation > session.rotation) return false;
    const expected = Buffer.from(this.refreshToken(session, claimed.rotation));
    const given = Buffer.from(token);
    return expected.length === given.length && timingSafeEqual(expected, given);
  }

  private refreshToken(session: Session, rotation: number): string {
    const text = `${session.id}.${rotation}`;
    const mac = createHmac("sha256", this.refreshKey).update(`${text}.${session.seed}`).digest("base64url");
    return `${text}.${mac}`;
  }

  private sign(claims: object, key: KeyObject, typ: string, issued: number): string {
    return jwt.sign({ ...claims, exp: issued + LIFETIME_SECONDS, iss: ISSUER, aud: ISSUER }, key, {
      algorithm: "HS256",
      header: { alg: "HS256", typ },
    });
  }

  private read(token: string, key: KeyObject, typ: string, now: Date): jwt.JwtPayload | undefined {
    if (token.length > LONGEST_TOKEN) return undefined;
    try {
      const { header, payload } = jwt.verify(token, key, {
        algorithms: ["HS256"],
        issuer: ISSUER,
        audience: ISSUER,
        complete: true,
        clockTimestamp: Math.floor(now.getTime() / 1000),
      });
      // We write two header fields; one more (crit, jku, kid, …) was not written by us.
      const ours = header.typ === typ && Object.keys(header).length === 2;
      return ours && typeof payload === "object" && payload.exp !== undefined ? payload : undefined;
    } catch {
      return undefined;
    }
  }
}

function isWithin({ claims, notBefore }: Verified, now: Date): boolean {
  return now < claims.expiresAt && now.getTime() >= notBefore * 1000;
}

function common(claims: jwt.JwtPayload): AccessClaims | undefined {
  const sessionId: unknown = claims["sid"];
  if (typeof claims.sub !== "string" || typeof sessionId !== "string" || claims.exp === undefined)
    return undefined;
  return { userId: claims.sub, sessionId, expiresAt: new Date(claims.exp * 1000) };
}

function derived(secret: string, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync("sha256", secret, "", `telestash ${purpose} token`, 32)));
}
