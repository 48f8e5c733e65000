/** A refusal in the form Google's JSON APIs use. */
export class GoogleError extends Error {
  override readonly name = "GoogleError";

  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
    readonly place: { location?: string; locationType?: string; domain?: string } = {},
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
  }

  /** The body that goes with the status. */
  toJSON(): object {
    const { location, locationType, domain = "global" } = this.place;
    const detail = { message: this.message, domain, reason: this.reason };
    const place = location === undefined ? {} : { location, locationType: locationType ?? "parameter" };
    return { error: { code: this.status, message: this.message, errors: [{ ...detail, ...place }] } };
  }
}

export function fileNotFound(id: string): GoogleError {
  return new GoogleError(404, "notFound", `File not found: ${id}.`, { location: "fileId" });
}

export function badRequest(message: string, location?: string): GoogleError {
  return new GoogleError(400, "badRequest", message, location === undefined ? {} : { location });
}

export function invalidParameter(message: string, location: string): GoogleError {
  return new GoogleError(400, "invalidParameter", message, { location });
}

export function invalidCredentials(): GoogleError {
  return new GoogleError(
    401,
    "authError",
    "Request had invalid authentication credentials. Expected OAuth 2 access token.",
    { location: "Authorization", locationType: "header" },
    { "www-authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"' },
  );
}

export function userRateLimited(): GoogleError {
  return new GoogleError(403, "userRateLimitExceeded", "User Rate Limit Exceeded", { domain: "usageLimits" });
}

export function tooManyRequests(retryAfterSeconds: number | undefined): GoogleError {
  const headers = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  return new GoogleError(429, "rateLimitExceeded", "Rate Limit Exceeded", { domain: "usageLimits" }, headers);
}

export function storageFull(): GoogleError {
  const message = "The user's Drive storage quota has been exceeded.";
  return new GoogleError(403, "storageQuotaExceeded", message, { domain: "usageLimits" });
}

export function backendError(): GoogleError {
  return new GoogleError(503, "backendError", "Backend Error");
}
