import { HttpError } from "react-admin";
import type { ErrorCode } from "../generated/graphql.js";

type GraphqlCode = "GRAPHQL_PARSE_FAILED" | "GRAPHQL_VALIDATION_FAILED";

/** react-admin decides by HTTP status (`checkError`), GraphQL answers by code: a code without a status does not compile. */
const STATUS: Record<ErrorCode | GraphqlCode, number> = {
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
  GRAPHQL_PARSE_FAILED: 400,
  GRAPHQL_VALIDATION_FAILED: 400,
};

/** What the console keeps of a GraphQL error, in `HttpError.body`. */
export interface ErrorBody {
  code: string;
  /** The input fields at fault, by the last name of their path, each with what is wrong with it. */
  faults: Readonly<Record<string, string>>;
  /** Somebody else changed the thing since it was loaded. */
  isOutdated?: true;
  /** Nobody knows what became of the request: no answer came, or none of the server itself. */
  isUnanswered?: true;
  requestId?: string;
}

interface GraphqlError {
  message: string;
  extensions?: Record<string, unknown> | undefined;
}

/** The server could not be reached, or a proxy before it answered in its stead. */
export function unreachable(status = 0): HttpError {
  const body: ErrorBody = {
    code: "UNAVAILABLE",
    faults: {},
    ...(isPassing(status) && { isUnanswered: true }),
  };
  // A proxy's own 401 is none of ours: the session goes on.
  const shown = status < 300 || status === 401 || status === 403 ? 503 : status;
  return new HttpError(unreachableText(status), shown, body);
}

/** Of such answers a next one is another one: the server is being started, or there was no answer at all. */
function isPassing(status: number): boolean {
  return status < 300 || [502, 503, 504].includes(status);
}

function unreachableText(status: number): string {
  if (status === 413) return "The server, or a proxy before it, refuses uploads of this size.";
  if (status === 429) return "The server gets too many requests. Wait a minute and try again.";
  if (status < 300) return "The server does not answer. Check the connection and try again.";
  return `The server cannot answer at the moment (error ${status}). Try again in a minute.`;
}

export function toHttpError(errors: readonly GraphqlError[]): HttpError {
  const [first] = errors;
  if (!first) return unreachable();

  const extensions = first.extensions ?? {};
  const code = isKnown(extensions["code"]) ? extensions["code"] : "INTERNAL_SERVER_ERROR";
  const requestId = extensions["requestId"];
  const body: ErrorBody = {
    code,
    faults: faultsIn(first.message, extensions),
    ...(Array.isArray(extensions["changed"]) && { isOutdated: true }),
    ...(typeof requestId === "string" && { requestId }),
  };
  return new HttpError(first.message, STATUS[code], body);
}

/** Turns whatever Apollo or `fetch` threw into an HttpError whose status says what happened. */
export function readableError(error: unknown): HttpError {
  if (isReadable(error)) return error;

  const wrapped: unknown = error instanceof HttpError ? error.body : error;
  const errors = graphqlErrorsOf(wrapped);
  if (errors.length > 0) return toHttpError(errors);

  const cause = networkErrorOf(wrapped);
  if (isReadable(cause)) return cause;
  return unreachable(statusOf(cause) ?? statusOf(error));
}

export function codeOf(error: unknown): string | undefined {
  return bodyOf(error)?.code;
}

/** The form fields that an error is about, each with what is wrong with it. */
export function faultsOf(error: unknown): Readonly<Record<string, string>> {
  return bodyOf(error)?.faults ?? {};
}

/** Whether a change was refused because somebody else had changed the thing since it was loaded. */
export function isOutdated(error: unknown): boolean {
  return bodyOf(error)?.isOutdated === true;
}

/** Whether it is not known what became of the request: it may have been done, and may be asked again. */
export function isUnanswered(error: unknown): boolean {
  return bodyOf(error)?.isUnanswered === true;
}

export function requestIdOf(error: unknown): string | undefined {
  return bodyOf(error)?.requestId;
}

export function messageOf(error: unknown): string {
  return error instanceof Error && error.message ? error.message : "Something went wrong. Try again.";
}

/** Why nothing was done to several things: the server does all of it or none. */
export function messageAbout(count: number, error: unknown): string {
  if (count < 2 || codeOf(error) !== "NOT_FOUND") return messageOf(error);
  return "Nothing was done: some of these are not there any more. Try again with the rest.";
}

function isKnown(code: unknown): code is keyof typeof STATUS {
  return typeof code === "string" && code in STATUS;
}

function bodyOf(error: unknown): ErrorBody | undefined {
  return isReadable(error) ? (error.body as ErrorBody) : undefined;
}

/** Whether it is one of ours, and not one that react-admin made. */
function isReadable(error: unknown): error is HttpError {
  if (!(error instanceof HttpError)) return false;
  const body: unknown = error.body;
  return typeof body === "object" && body !== null && "code" in body && "faults" in body;
}

/** Paths are such as `["input", "email"]`. Several faults come as `problems`, one alone as `field`. */
function faultsIn(message: string, { field, problems }: Record<string, unknown>): Record<string, string> {
  const all = Array.isArray(problems) ? (problems as unknown[]) : [{ field, message }];
  const faults: Record<string, string> = {};
  for (const fault of all) {
    if (typeof fault !== "object" || fault === null || !("field" in fault) || !("message" in fault)) continue;
    const name: unknown = Array.isArray(fault.field) ? fault.field.at(-1) : fault.field;
    if (typeof name === "string" && typeof fault.message === "string") faults[name] = fault.message;
  }
  return faults;
}

/** What kept Apollo from an answer. */
function networkErrorOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "networkError" in error
    ? error.networkError
    : undefined;
}

/** Of an answer that was no GraphQL: Apollo and react-admin call it by different names. */
function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { status, statusCode } = error as { status?: unknown; statusCode?: unknown };
  return [status, statusCode].find((one) => typeof one === "number" && one >= 300) as number | undefined;
}

function graphqlErrorsOf(error: unknown): readonly GraphqlError[] {
  if (typeof error !== "object" || error === null || !("graphQLErrors" in error)) return [];
  return Array.isArray(error.graphQLErrors) ? (error.graphQLErrors as GraphqlError[]) : [];
}
