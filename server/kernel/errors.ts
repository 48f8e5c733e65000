import { sizeText } from "./size-text.js";

/** The codes a client can meet, with the HTTP status each has outside GraphQL. */
export const ERROR_STATUS = {
  UNAUTHENTICATED: 401,
  SECOND_FACTOR_REQUIRED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  BAD_USER_INPUT: 400,
  CONFLICT: 409,
  RATE_LIMITED: 429,
  QUOTA_EXCEEDED: 507,
  FILE_TOO_LARGE: 413,
  GONE: 410,
  UNAVAILABLE: 503,
  INTERNAL_SERVER_ERROR: 500,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** Facts about an error that a client may see: the field it concerns, when to try again. Never a secret. */
export interface ErrorDetails {
  /** Path of the input field at fault, such as `["input", "email"]`. */
  field?: readonly string[];
  /** Every field at fault, when there are several; `field` is the first of them. */
  problems?: readonly { field: readonly string[]; message: string }[];
  /** What is not as the caller last saw it, with what it is now; null where it is nothing. */
  changed?: readonly { field: readonly string[]; now: string | number | null }[];
  /** Seconds after which trying again makes sense; sent as `Retry-After` too. */
  retryAfterSeconds?: number;
}

/** A failure in words, for everybody; where only the operator can mend it, also in words that say how. */
export interface Told {
  message: string;
  forOperators?: string | undefined;
}

/** A failure that only the operator can mend: everybody is told that, and operators how. */
export function needingOperator(what: string, fix: string): Told {
  return {
    message: `${what} Only an administrator can mend this: tell one if it goes on.`,
    forOperators: `${what} ${fix}`,
  };
}

/** The words alone, to keep. */
export function toldOf({ message, forOperators }: Told): Told {
  return { message, ...(forOperators !== undefined && { forOperators }) };
}

/** What somebody is told, after other words. */
export function toldAfter(what: string, { message, forOperators }: Told): Told {
  return toldOf({ message: `${what} ${message}`, forOperators: forOperators && `${what} ${forOperators}` });
}

/** For the operator's eyes only: see `toldTo` for everybody's. */
export function operatorText({ message, forOperators }: Told): string {
  return forOperators ?? message;
}

/** A failure whose code and message are meant for the client. Anything else thrown is masked. */
export class AppError extends Error implements Told {
  override readonly name: string = "AppError";
  readonly forOperators: string | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: ErrorDetails = {},
    options: { cause?: unknown; forOperators?: string | undefined } = {},
  ) {
    super(message, options);
    this.forOperators = options.forOperators;
  }
}

/** Missing, malformed and foreign ids answer alike, so the message never quotes what was asked for. */
export function notFound(thing: string): AppError {
  return new AppError("NOT_FOUND", `${thing} not found.`);
}

export function unauthenticated(message = "Sign in to do this: send a valid access token."): AppError {
  return new AppError("UNAUTHENTICATED", message);
}

export function forbidden(message: string): AppError {
  return new AppError("FORBIDDEN", message);
}

export function badInput(message: string, ...field: string[]): AppError {
  return new AppError("BAD_USER_INPUT", message, field.length > 0 ? { field } : {});
}

/**
 * Runs all checks of a form, so that everything wrong with it is said at once.
 * @returns what each check returned, by its name
 * @throws AppError BAD_USER_INPUT with each field at fault; whatever else a check throws, at once
 */
export function checkAll<C extends Record<string, () => unknown>>(
  checks: C,
): { [name in keyof C]: ReturnType<C[name]> } {
  const faults: AppError[] = [];
  const entries = Object.entries(checks).map(([name, check]) => {
    try {
      return [name, check()];
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "BAD_USER_INPUT") throw error;
      faults.push(error);
      return [name, undefined];
    }
  });
  const [first] = faults;
  if (first === undefined) return Object.fromEntries(entries) as { [name in keyof C]: ReturnType<C[name]> };
  if (faults.length === 1) throw first;
  const problems = faults.map(({ message, details }) => ({ field: details.field ?? [], message }));
  const message = problems.map((problem) => problem.message).join(" ");
  throw new AppError("BAD_USER_INPUT", message, { ...first.details, problems });
}

export function conflict(message: string, ...field: string[]): AppError {
  return new AppError("CONFLICT", message, field.length > 0 ? { field } : {});
}

/** It was there and is over; asking again does not help. */
export function gone(message: string): AppError {
  return new AppError("GONE", message);
}

/** @param what what there was too much of, as a sentence */
export function rateLimited(what: string, retryAfterSeconds: number): AppError {
  const seconds = Math.max(1, Math.ceil(retryAfterSeconds));
  const when = seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
  return new AppError("RATE_LIMITED", `${what} Try again in ${when}.`, { retryAfterSeconds: seconds });
}

export function fileTooLarge(limitBytes: number): AppError {
  return new AppError(
    "FILE_TOO_LARGE",
    `The file is larger than the ${sizeText(limitBytes)} allowed here. Upload a smaller file.`,
  );
}

/** @param message what is used, what is allowed, and what to do */
export function quotaExceeded(message: string): AppError {
  return new AppError("QUOTA_EXCEEDED", message);
}

/** Something outside failed and may work later. The cause is logged, never shown. */
export function unavailable(message: string, cause?: unknown, retryAfterSeconds = 2): AppError {
  return new AppError("UNAVAILABLE", message, { retryAfterSeconds }, { cause });
}

/**
 * Something outside refuses until the operator mends it.
 * @param what what happened, for everybody
 * @param fix what the operator does about it; may name settings
 */
export function unavailableUntilMended(
  what: string,
  fix: string,
  cause?: unknown,
  retryAfterSeconds = 300,
): AppError {
  const { message, forOperators } = needingOperator(what, fix);
  return new AppError("UNAVAILABLE", message, { retryAfterSeconds }, { cause, forOperators });
}

/** True for what is out of order or out of reach: it may work later. */
export function isUnavailable(error: unknown): error is AppError {
  return error instanceof AppError && error.code === "UNAVAILABLE";
}

/** True for errors that say the caller went away or asked to stop, not that something broke. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError");
}
