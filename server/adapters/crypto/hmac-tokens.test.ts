import { createHmac, createSecretKey, generateKeyPairSync, hkdfSync } from "node:crypto";
import jwt from "jsonwebtoken";
import { describe, expect, it } from "vitest";
import type { Session } from "../../auth/session.js";
import { HmacTokens } from "./hmac-tokens.js";

const SECRET = "a secret for tests only, of enough characters";
const NOW = new Date("2026-03-04T05:06:07Z");
const SESSION: Session = {
  id: "6b02ad44c7a57cbc305026a4",
  userId: "6b02ad44c7a57cbc305026a3",
  credentialEpoch: 0,
  seed: "seed",
  rotation: 3,
  rotatedAt: NOW,
  lastUsedAt: NOW,
  createdAt: NOW,
  expiresAt: NOW,
  userAgent: undefined,
  address: "127.0.0.1",
};

const tokens = new HmacTokens(SECRET);
const access = tokens.signAccess(SESSION).token;
const link = tokens.signLink({ userId: "u", sessionId: "s", use: "save", id: "f" }, NOW);
/** The key that a thief of the secret would derive: even so, only tokens of our making are taken. */
const KEY = createSecretKey(Buffer.from(hkdfSync("sha256", SECRET, "", "telestash access token", 32)));
const CLAIMS = {
  sub: SESSION.userId,
  sid: SESSION.id,
  iat: NOW.getTime() / 1000,
  exp: NOW.getTime() / 1000 + 900,
  iss: "telestash",
  aud: "telestash",
};

function made(header: object, claims: object = CLAIMS, key: typeof KEY | string = KEY): string {
  const text = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`;
}

function without(name: keyof typeof CLAIMS): object {
  return { ...CLAIMS, [name]: undefined };
}

const GOOD = { alg: "HS256", typ: "at+jwt" };

describe("an access token", () => {
  it("names the user and the session", () => {
    expect(tokens.readAccess(access, NOW)).toEqual({
      userId: SESSION.userId,
      sessionId: SESSION.id,
      expiresAt: new Date(NOW.getTime() + 900_000),
    });
    expect(tokens.readAccess(made(GOOD), NOW)).toBeDefined();
  });

  it("is the same for the same session and rotation", () => {
    expect(tokens.signAccess({ ...SESSION }).token).toBe(access);
    expect(tokens.signAccess({ ...SESSION, rotation: 4 }).token).not.toBe(access);
  });

  const unsigned = (header: object): string => `${made(header).split(".").slice(0, 2).join(".")}.`;
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

  it.each([
    ["nothing", ""],
    ["garbage", "garbage"],
    ["three dots", "..."],
    ["a megabyte", `${access}${"x".repeat(1_000_000)}`],
    ["alg none", unsigned({ alg: "none", typ: "at+jwt" })],
    ["alg None", unsigned({ alg: "None", typ: "at+jwt" })],
    ["alg nOnE", unsigned({ alg: "nOnE", typ: "at+jwt" })],
    ["alg none, signed", made({ alg: "none", typ: "at+jwt" })],
    ["no signature", unsigned(GOOD)],
    ["no alg", made({ typ: "at+jwt" })],
    ["HS384 in name", made({ alg: "HS384", typ: "at+jwt" })],
    ["HS512", jwt.sign(CLAIMS, KEY, { algorithm: "HS512", header: { alg: "HS512", typ: "at+jwt" } })],
    ["RS256", jwt.sign(CLAIMS, privateKey, { algorithm: "RS256", header: { alg: "RS256", typ: "at+jwt" } })],
    ["the plain secret as key", made(GOOD, CLAIMS, SECRET)],
    ["another key", made(GOOD, CLAIMS, "another key")],
    ["no typ", made({ alg: "HS256" })],
    ["typ JWT", made({ alg: "HS256", typ: "JWT" })],
    ["a kid", made({ ...GOOD, kid: "../../dev/null" })],
    ["a jku", made({ ...GOOD, jku: "https://evil.example/keys" })],
    ["a jwk", made({ ...GOOD, jwk: { kty: "oct", k: "AA" } })],
    ["an x5u", made({ ...GOOD, x5u: "https://evil.example" })],
    ["crit", made({ ...GOOD, crit: ["exp"] })],
    ["b64 false", made({ ...GOOD, b64: false })],
    ["no exp", made(GOOD, without("exp"))],
    ["exp that is text", made(GOOD, { ...CLAIMS, exp: "9999999999" })],
    ["no subject", made(GOOD, without("sub"))],
    ["no session", made(GOOD, without("sid"))],
    ["a session that is an object", made(GOOD, { ...CLAIMS, sid: { $ne: null } })],
    ["a subject that is an object", made(GOOD, { ...CLAIMS, sub: { $ne: null } })],
    ["another issuer", made(GOOD, { ...CLAIMS, iss: "other" })],
    ["no issuer", made(GOOD, without("iss"))],
    ["another audience", made(GOOD, { ...CLAIMS, aud: "other" })],
    ["no audience", made(GOOD, without("aud"))],
    ["not before tomorrow", made(GOOD, { ...CLAIMS, nbf: CLAIMS.iat + 86_400 })],
    ["claims that are a list", made(GOOD, [CLAIMS])],
    ["claims that are text", made(GOOD, "x" as unknown as object)],
    ["a link's token", link],
    ["a refresh token", tokens.signRefresh(SESSION)],
    ["a space behind it", `${access} `],
    ["a part more", `${access}.x`],
  ])("with %s is refused", (_fault, token) => {
    expect(tokens.readAccess(token, NOW)).toBeUndefined();
  });

  it("ends after 15 minutes", () => {
    expect(tokens.readAccess(access, new Date(NOW.getTime() + 899_000))).toBeDefined();
    expect(tokens.readAccess(access, new Date(NOW.getTime() + 900_000))).toBeUndefined();
  });

  it.each([
    ["access", access, (token: string) => tokens.readAccess(token, NOW)],
    ["link", link, (token: string) => tokens.readLink(token, NOW)],
    [
      "refresh",
      tokens.signRefresh(SESSION),
      (token: string) => (tokens.isRefreshOf(SESSION, token) ? token : undefined),
    ],
  ])("(%s) is refused with any one bit flipped", (_kind, token, read) => {
    const taken: string[] = [];
    for (let index = 0; index < token.length; index += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const bytes = Buffer.from(token, "latin1");
        bytes[index] = (bytes[index] ?? 0) ^ (1 << bit);
        const changed = bytes.toString("latin1");
        if (read(changed) !== undefined) taken.push(changed);
      }
    }

    expect(read(token)).toBeDefined();
    expect(taken).toEqual([]);
  });
});

describe("a refresh token", () => {
  it("belongs to one session, and cannot be made without its seed", () => {
    const token = tokens.signRefresh(SESSION);

    expect(tokens.isRefreshOf(SESSION, token)).toBe(true);
    expect(tokens.isRefreshOf({ ...SESSION, seed: "other" }, token)).toBe(false);
    expect(tokens.isRefreshOf({ ...SESSION, id: "6b02ad44c7a57cbc305026a5" }, token)).toBe(false);
    expect(tokens.isRefreshOf({ ...SESSION, rotation: 2 }, token)).toBe(false);
  });
});
