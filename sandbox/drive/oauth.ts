import { timingSafeEqual } from "node:crypto";

import { readText } from "./call.js";
import type { Call } from "./call.js";
import { invalidCredentials } from "./google-error.js";

/** POST /token: an access token for a refresh token. Errors are OAuth's, not the API's. */
export async function token(call: Call): Promise<void> {
  const { world, fault } = call;
  const form = new URLSearchParams(await readText(call.req));
  const refuse = (status: number, error: string, description: string): void =>
    call.json(status, { error, error_description: description });
  const { clientId, clientSecret, refreshToken } = world.credentials;
  if (!isSame(form.get("client_id"), clientId) || !isSame(form.get("client_secret"), clientSecret)) {
    return refuse(401, "invalid_client", "The OAuth client was not found.");
  }
  if (form.get("grant_type") !== "refresh_token") {
    return refuse(400, "unsupported_grant_type", `Invalid grant_type: ${form.get("grant_type") ?? ""}`);
  }
  const isDead = fault?.kind === "expiredRefresh" || world.isRefreshTokenExpired();
  if (isDead || !isSame(form.get("refresh_token"), refreshToken)) {
    return refuse(400, "invalid_grant", "Token has been expired or revoked.");
  }
  const seconds = world.config.tokenSeconds;
  call.json(200, {
    access_token: world.tokens.issue(world.now() + seconds * 1000),
    expires_in: seconds,
    scope: "https://www.googleapis.com/auth/drive.file",
    token_type: "Bearer",
  });
}

/**
 * Checks the bearer token. A session's address authorizes by itself, so there a token may be absent.
 * @throws GoogleError 401
 */
export function authorize(call: Call, isOptional: boolean): void {
  const header = call.req.headers.authorization;
  if (header === undefined && isOptional) return;
  const bearer = /^Bearer (.+)$/.exec(header ?? "")?.[1];
  if (bearer === undefined || !call.world.tokens.isGood(bearer, call.world.now())) throw invalidCredentials();
}

function isSame(given: string | null, expected: string): boolean {
  const a = Buffer.from(given ?? "");
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
