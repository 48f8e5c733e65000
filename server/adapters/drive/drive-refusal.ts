import type { IncomingHttpHeaders } from "node:http";

import { unavailable, unavailableUntilMended } from "../../kernel/errors.js";
import type { AppError } from "../../kernel/errors.js";

const RATE_REASONS = ["userRateLimitExceeded", "rateLimitExceeded", "sharingRateLimitExceeded"];
const FULL_REASONS = ["storageQuotaExceeded", "teamDriveFileLimitExceeded", "quotaExceeded"];
const MAX_RETRY_AFTER_SECONDS = 3600;

/** A failure that waiting may cure. Its text holds a status, a reason or an error code: never an address. */
export class TryAgain extends Error {
  override readonly name = "TryAgain";

  constructor(
    readonly why: string,
    readonly retryAfterMs = 0,
  ) {
    super(`Google Drive: ${why}`);
  }
}

/** What a refusing answer means: wait and try again, or an error that says what to do. */
export function refusalOf(
  status: number,
  headers: Partial<IncomingHttpHeaders>,
  body: unknown,
): TryAgain | AppError {
  const reason = reasonOf(body);
  const said = new Error(`Google Drive answered ${status}${reason === "" ? "" : ` ${reason}`}`);
  if (
    status === 408 ||
    status === 429 ||
    status >= 500 ||
    (status === 403 && RATE_REASONS.includes(reason))
  ) {
    return new TryAgain(said.message, retryAfterMs(headers["retry-after"]));
  }
  if (FULL_REASONS.includes(reason)) {
    return stagingFull(said);
  }
  if (reason === "dailyLimitExceeded") {
    return unavailable(
      "Google Drive takes no more today. Try again tomorrow.",
      said,
      MAX_RETRY_AFTER_SECONDS,
    );
  }
  if (status === 401) {
    return unavailableUntilMended(
      "Google Drive refuses this service.",
      "Renew the Google authorization: set a new GDRIVE_REFRESH_TOKEN.",
      said,
    );
  }
  return unavailableUntilMended(
    "Google Drive refused the request.",
    "Check its settings and permissions.",
    said,
    60,
  );
}

export function stagingFull(said?: Error): AppError {
  return unavailableUntilMended(
    "The staging area (Google Drive), where uploads wait, is full.",
    "Free space there.",
    said,
  );
}

/** The reason in Google's JSON error form, or nothing when the body is something else (HTML, cut, empty). */
export function reasonOf(body: unknown): string {
  const parsed = typeof body === "string" ? parse(body) : body;
  const reason = (parsed as { error?: { errors?: { reason?: unknown }[] } } | undefined)?.error?.errors?.[0]
    ?.reason;
  return typeof reason === "string" && /^[A-Za-z]{1,64}$/.test(reason) ? reason : "";
}

/** A connection that failed, told by its code alone: messages of some libraries carry addresses. */
export function interrupted(error: unknown): TryAgain {
  const code = (error as { code?: unknown } | undefined)?.code;
  const known = typeof code === "string" && /^[A-Z0-9_]{1,40}$/.test(code) ? code : "connection failed";
  return new TryAgain(known);
}

function retryAfterMs(header: string | undefined): number {
  if (header === undefined) return 0;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), MAX_RETRY_AFTER_SECONDS) * 1000 : 0;
}

function parse(text: string): unknown {
  try {
    return text.startsWith("{") ? (JSON.parse(text) as unknown) : undefined;
  } catch {
    return undefined;
  }
}
