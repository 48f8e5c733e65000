/** A refusal in the Bot API's own form: sent as JSON with the same HTTP status. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    readonly description: string,
    readonly parameters?: { retry_after?: unknown },
  ) {
    super(description);
  }
}

export function badRequest(what: string): ApiError {
  return new ApiError(400, `Bad Request: ${what}`);
}

export function tooManyRequests(retryAfterSeconds: number): ApiError {
  return new ApiError(429, `Too Many Requests: retry after ${retryAfterSeconds}`, {
    retry_after: retryAfterSeconds,
  });
}

export function bodyTooLarge(): ApiError {
  return new ApiError(413, "Request Entity Too Large");
}

/** A refusal of the control API: what is wrong with the body somebody posted to it. */
export class ControlError extends Error {
  override readonly name = "ControlError";
}
