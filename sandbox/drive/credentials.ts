import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import * as fs from "node:fs";
import { join } from "node:path";

/** What a client needs to get access tokens. */
export interface Credentials {
  clientId: string;
  clientSecret: string;
  refreshToken: string;
}

interface Kept extends Credentials {
  issuedAt: number;
}

/** Takes the given credentials, those of the last run, or new random ones, and keeps them for the next. */
export function keepCredentials(directory: string, given: Partial<Credentials>): Kept {
  const path = join(directory, "credentials.json");
  const before = fs.existsSync(path) ? (JSON.parse(fs.readFileSync(path, "utf8")) as Kept) : undefined;
  const random = (): string => randomBytes(18).toString("base64url");
  const kept: Kept = {
    clientId: given.clientId ?? before?.clientId ?? `${random()}.apps.googleusercontent.com`,
    clientSecret: given.clientSecret ?? before?.clientSecret ?? `GOCSPX-${random()}`,
    refreshToken: given.refreshToken ?? before?.refreshToken ?? `1//${random()}${random()}`,
    issuedAt: before?.issuedAt ?? Date.now(),
  };
  fs.writeFileSync(path, JSON.stringify(kept), { mode: 0o600 });
  return kept;
}

/** Signed access tokens: they stay good over a restart with nothing stored. */
export class AccessTokens {
  constructor(private readonly credentials: Credentials) {}

  issue(expiresAt: number): string {
    const body = `${expiresAt.toString(36)}.${randomBytes(12).toString("base64url")}`;
    return `ya29.${body}.${this.sign(body)}`;
  }

  isGood(token: string, now: number): boolean {
    const [prefix, expiry = "", nonce = "", signature = ""] = token.split(".");
    const expected = Buffer.from(this.sign(`${expiry}.${nonce}`));
    const given = Buffer.from(signature);
    if (prefix !== "ya29" || given.length !== expected.length) return false;
    return timingSafeEqual(given, expected) && parseInt(expiry, 36) > now;
  }

  private sign(body: string): string {
    const key = `${this.credentials.clientSecret}:${this.credentials.refreshToken}`;
    return createHmac("sha256", key).update(body).digest("base64url");
  }
}
