import { createHmac, createSecretKey, generateKeyPairSync, hkdfSync } from "node:crypto";
import jwt from "jsonwebtoken";
import type { HmacTokens } from "../../server/adapters/crypto/hmac-tokens.js";
import type { Session } from "../../server/auth/session.js";

const GOOD = { alg: "HS256", typ: "at+jwt" };
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

/** A token with any header and claims, signed with a key of one's own or with the one that the secret gives. */
export function forgery(secret: string) {
  const key = createSecretKey(Buffer.from(hkdfSync("sha256", secret, "", "telestash access token", 32)));
  const made = (header: object, claims: object, by: typeof key | string = key): string => {
    const text = [header, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    return `${text}.${createHmac("sha256", by).update(text).digest("base64url")}`;
  };
  return { key, made };
}

/** What a genuine access token of a session claims. */
export function claimsOf({ userId, id }: Pick<Session, "userId" | "id">, now: Date) {
  const iat = Math.floor(now.getTime() / 1000);
  return { sub: userId, sid: id, iat, exp: iat + 900, iss: "telestash", aud: "telestash" };
}

/**
 * Tokens that are no access tokens of this session, each with what is wrong with it. Most are signed with the right
 * key, as a thief of the secret would: even so, only tokens of our making are taken.
 */
export function forgedTokens(
  secret: string,
  tokens: HmacTokens,
  session: Session,
  now: Date,
): [fault: string, token: string][] {
  const { key, made } = forgery(secret);
  const claims = claimsOf(session, now);
  const access = made(GOOD, claims);
  const unsigned = (header: object): string => `${made(header, claims).split(".").slice(0, 2).join(".")}.`;
  const claiming = (change: object): string => made(GOOD, { ...claims, ...change });
  const headed = (change: object): string => made({ ...GOOD, ...change }, claims);
  const link = { userId: session.userId, sessionId: session.id, use: "save", id: "f" } as const;
  const { userId, id } = session;
  return [
    ["nothing", ""],
    ["garbage", "garbage"],
    ["three dots", "..."],
    ["a long tail", `${access}${"x".repeat(5_000)}`],
    ["alg none", unsigned({ alg: "none", typ: "at+jwt" })],
    ["alg None", unsigned({ alg: "None", typ: "at+jwt" })],
    ["alg nOnE", unsigned({ alg: "nOnE", typ: "at+jwt" })],
    ["alg none, signed", headed({ alg: "none" })],
    ["no signature", unsigned(GOOD)],
    ["no alg", made({ typ: "at+jwt" }, claims)],
    ["HS384 in name", headed({ alg: "HS384" })],
    ["HS512", jwt.sign(claims, key, { algorithm: "HS512", header: { alg: "HS512", typ: "at+jwt" } })],
    ["RS256", jwt.sign(claims, privateKey, { algorithm: "RS256", header: { alg: "RS256", typ: "at+jwt" } })],
    ["the plain secret as key", made(GOOD, claims, secret)],
    ["another key", made(GOOD, claims, "another key")],
    ["no typ", made({ alg: "HS256" }, claims)],
    ["typ JWT", headed({ typ: "JWT" })],
    ["a kid", headed({ kid: "../../dev/null" })],
    ["a jku", headed({ jku: "https://evil.example/keys" })],
    ["a jwk", headed({ jwk: { kty: "oct", k: "AA" } })],
    ["an x5u", headed({ x5u: "https://evil.example" })],
    ["crit", headed({ crit: ["exp"] })],
    ["b64 false", headed({ b64: false })],
    ["no exp", claiming({ exp: undefined })],
    ["exp that is text", claiming({ exp: "9999999999" })],
    ["exp that is over", claiming({ iat: claims.iat - 901, exp: claims.iat - 1 })],
    ["no subject", claiming({ sub: undefined })],
    ["no session", claiming({ sid: undefined })],
    ["another's subject", claiming({ sub: "6b02ad44c7a57cbc305026ff" })],
    ["another's session", claiming({ sid: "6b02ad44c7a57cbc305026ff" })],
    ["subject and session exchanged", claiming({ sub: id, sid: userId })],
    ["a session that is an object", claiming({ sid: { $ne: null } })],
    ["a subject that is an object", claiming({ sub: { $ne: null } })],
    ["another issuer", claiming({ iss: "other" })],
    ["no issuer", claiming({ iss: undefined })],
    ["another audience", claiming({ aud: "other" })],
    ["no audience", claiming({ aud: undefined })],
    ["not before tomorrow", claiming({ nbf: claims.iat + 86_400 })],
    ["claims that are a list", made(GOOD, [claims])],
    ["claims that are text", made(GOOD, "x" as unknown as object)],
    ["a link's token", tokens.signLink(link, now)],
    ["a refresh token", tokens.signRefresh(session)],
    ["a part more", `${access}.x`],
  ];
}

/** The one that is good, to hold the others against. */
export function genuineToken(secret: string, session: Session, now: Date): string {
  return forgery(secret).made(GOOD, claimsOf(session, now));
}
