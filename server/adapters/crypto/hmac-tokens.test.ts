import { describe, expect, it } from "vitest";
import type { Session } from "../../auth/session.js";
import { forgedTokens, genuineToken } from "../../../test/support/forged-tokens.js";
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

describe("an access token", () => {
  it("names the user and the session", () => {
    expect(tokens.readAccess(access, NOW)).toEqual({
      userId: SESSION.userId,
      sessionId: SESSION.id,
      expiresAt: new Date(NOW.getTime() + 900_000),
    });
    expect(tokens.readAccess(genuineToken(SECRET, SESSION, NOW), NOW)).toBeDefined();
  });

  it("is the same for the same session and rotation", () => {
    expect(tokens.signAccess({ ...SESSION }).token).toBe(access);
    expect(tokens.signAccess({ ...SESSION, rotation: 4 }).token).not.toBe(access);
  });

  it.each([
    ...forgedTokens(SECRET, tokens, SESSION, NOW).filter(([fault]) => !/^another's|exchanged$/.test(fault)),
    ["a megabyte", `${access}${"x".repeat(1_000_000)}`],
    ["a space behind it", `${access} `],
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
