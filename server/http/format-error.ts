import { GraphQLError } from "graphql";
import type { GraphQLFormattedError } from "graphql";
import { ANONYMOUS } from "../kernel/context.js";
import type { Viewer } from "../kernel/context.js";
import { AppError } from "../kernel/errors.js";
import type { Logger } from "../kernel/log.js";
import { toldTo } from "../kernel/telling.js";

export const MASKED = "Something went wrong on our side. Tell the operator the request id if it goes on.";

/** GraphQL's own codes that clients meet as they are, and what the server library's others become. */
const OWN_CODES: Readonly<Record<string, string>> = {
  GRAPHQL_PARSE_FAILED: "GRAPHQL_PARSE_FAILED",
  GRAPHQL_VALIDATION_FAILED: "GRAPHQL_VALIDATION_FAILED",
  BAD_USER_INPUT: "BAD_USER_INPUT",
  BAD_REQUEST: "BAD_USER_INPUT",
  OPERATION_RESOLUTION_FAILURE: "BAD_USER_INPUT",
  PERSISTED_QUERY_NOT_FOUND: "BAD_USER_INPUT",
  PERSISTED_QUERY_NOT_SUPPORTED: "BAD_USER_INPUT",
  RATE_LIMITED: "RATE_LIMITED",
};

/** The AppError that a failure is, or stands for; undefined for one that nobody foresaw. */
export function appErrorOf(error: unknown): AppError | undefined {
  if (error instanceof AppError) return error;
  if (error instanceof GraphQLError && error.originalError) return appErrorOf(error.originalError);
  return undefined;
}

/** True for failures that nobody foresaw: they are masked, and somebody should read the log. */
export function isUnexpected(error: unknown): boolean {
  const known = appErrorOf(error);
  if (known) return known.code === "INTERNAL_SERVER_ERROR";
  if (!(error instanceof GraphQLError) || codeOf(error) === undefined) return true;
  // Without a path it comes from reading the request, not from a resolver.
  const foreign = error.originalError !== undefined && !(error.originalError instanceof GraphQLError);
  return foreign && error.path !== undefined;
}

/** What a client may see of an error: codes, messages and fields that were meant for it, and the request id. */
export function formatError(
  formatted: GraphQLFormattedError,
  error: unknown,
  { requestId, viewer = ANONYMOUS }: { requestId?: string; viewer?: Viewer | undefined } = {},
): GraphQLFormattedError {
  const place = {
    ...(formatted.path && { path: formatted.path }),
    ...(formatted.locations && { locations: formatted.locations }),
  };
  const id = requestId === undefined ? {} : { requestId };
  const known = appErrorOf(error);
  if (known) {
    const message = toldTo(viewer, known);
    return { message, ...place, extensions: { code: known.code, ...known.details, ...id } };
  }
  if (isUnexpected(error)) {
    return { message: MASKED, ...place, extensions: { code: "INTERNAL_SERVER_ERROR", ...id } };
  }
  return { message: formatted.message, ...place, extensions: { code: codeOf(error as GraphQLError), ...id } };
}

/** Writes an unforeseen failure to the log; foreseen ones are the client's affair. */
export function logUnexpected(log: Logger, requestId: string, error: unknown): void {
  if (!isUnexpected(error)) {
    const cause = appErrorOf(error)?.cause;
    if (cause !== undefined) log.warn({ requestId, err: cause }, "a request met a failure outside");
    return;
  }
  const original = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  log.error({ requestId, err: original }, "a request failed in a way that nobody foresaw");
}

function codeOf(error: GraphQLError): string | undefined {
  // graphql-js stops reading a document at its limit of tokens: that is a limit, not a typing mistake.
  if (error.message.includes("Parsing aborted")) return "GRAPHQL_VALIDATION_FAILED";
  const code = error.extensions["code"];
  return typeof code === "string" ? OWN_CODES[code] : undefined;
}
