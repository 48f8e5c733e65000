import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { CountersContext } from "../admin/statistics.ports.js";
import { ANONYMOUS } from "../kernel/context.js";
import { AppError, unauthenticated } from "../kernel/errors.js";
import type { HttpDeps } from "./deps.js";

/** A request's context. With a bad token, public fields still answer (signing in, say), guarded ones refuse with `refusal`. */
export interface GraphqlContext extends CountersContext {
  refusal?: AppError;
}

const REQUEST_ID = /^[A-Za-z0-9_-]{1,128}$/;

/** The client's request id when it is fit for logs and headers, a new one otherwise. */
export function requestIdOf(request: Pick<IncomingMessage, "headers">): string {
  const given = request.headers["x-request-id"];
  return typeof given === "string" && REQUEST_ID.test(given) ? given : randomUUID();
}

/** The bearer token, if the header is there. @throws AppError UNAUTHENTICATED for any other kind of authorization */
export function bearerOf(authorization: unknown): string | undefined {
  if (authorization === undefined) return undefined;
  const [, token] = typeof authorization === "string" ? (/^Bearer +(\S+)$/i.exec(authorization) ?? []) : [];
  if (token === undefined) throw unauthenticated("The authorization must be: Bearer <access token>.");
  return token;
}

export async function contextOf(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: Pick<HttpDeps, "authenticator" | "watch" | "watchCounters">,
): Promise<GraphqlContext> {
  const bodyBytes = Number(request.headers["content-length"] ?? NaN);
  const facts = {
    ...(Number.isSafeInteger(bodyBytes) && { bodyBytes }),
    requestId: request.id,
    address: request.ip,
    userAgent: request.headers["user-agent"],
    signal: abortedByClient(reply),
    watch: deps.watch,
    watchCounters: deps.watchCounters,
  };
  try {
    const viewer = await deps.authenticator.viewerOf(bearerOf(request.headers.authorization));
    return { ...facts, viewer: { ...viewer, address: request.ip } };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "UNAUTHENTICATED") throw error;
    return { ...facts, viewer: { ...ANONYMOUS, address: request.ip }, refusal: error };
  }
}

/** Aborts when the connection ends before the answer does. */
export function abortedByClient(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
