import { STATUS_CODES } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ANONYMOUS } from "../kernel/context.js";
import type { Viewer } from "../kernel/context.js";
import { AppError, ERROR_STATUS } from "../kernel/errors.js";
import type { ErrorCode } from "../kernel/errors.js";
import type { Logger } from "../kernel/log.js";
import { toldTo } from "../kernel/telling.js";
import { appErrorOf, logUnexpected, MASKED } from "./format-error.js";

/** RFC 9457, with our code and the request's id. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  requestId: string;
}

/** Answers with a failure, masked and logged when nobody foresaw it. */
export async function sendFailure(
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
  log: Logger,
  viewer: Viewer = ANONYMOUS,
): Promise<void> {
  const fault = clientFaultOf(error);
  if (fault) return sendProblem(request, reply, fault.status, "BAD_USER_INPUT", fault.message);
  logUnexpected(log, request.id, error);
  const known = appErrorOf(error);
  if (known === undefined || known.code === "INTERNAL_SERVER_ERROR") {
    return sendProblem(request, reply, 500, "INTERNAL_SERVER_ERROR", MASKED);
  }
  withRetryAfter(reply, known);
  return sendProblem(request, reply, ERROR_STATUS[known.code], known.code, toldTo(viewer, known));
}

export async function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  code: ErrorCode,
  detail: string,
): Promise<void> {
  if (reply.sent) return;
  const title = STATUS_CODES[status] ?? "Error";
  const problem: Problem = { type: "about:blank", title, status, detail, code, requestId: request.id };
  await reply
    .code(status)
    .header("content-type", "application/problem+json; charset=utf-8")
    .header("cache-control", "no-store")
    .send(JSON.stringify(problem));
}

export function withRetryAfter(reply: FastifyReply, error: AppError): void {
  const seconds = error.details.retryAfterSeconds;
  if (seconds !== undefined) reply.header("retry-after", String(Math.max(1, Math.ceil(seconds))));
}

/** The web server's own refusals: JSON that is none, a body that is too large, a path that leaves its folder. */
export function clientFaultOf(error: unknown): { status: number; message: string } | undefined {
  if (!(error instanceof Error) || error instanceof AppError || !("statusCode" in error)) return undefined;
  const status = Number(error.statusCode);
  if (status < 400 || status > 499) return undefined;
  return { status, message: `The request cannot be used: ${error.message}.` };
}
