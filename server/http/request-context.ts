import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { CountersContext } from "../admin/statistics.ports.js";
import { ANONYMOUS } from "../kernel/context.js";
import type { Viewer } from "../kernel/context.js";
import { AppError, unauthenticated } from "../kernel/errors.js";
import type { HttpDeps } from "./deps.js";

/** A request's context. With a bad token public fields still answer, signing in for one. */
export type GraphqlContext = CountersContext;

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
  try {
    const viewer = await deps.authenticator.viewerOf(bearerOf(request.headers.authorization));
    return new HttpContext(request, reply, deps, viewer);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "UNAUTHENTICATED") throw error;
    return new HttpContext(request, reply, deps, { ...ANONYMOUS, refusal: error });
  }
}

class HttpContext implements GraphqlContext {
  readonly viewer: Viewer;
  readonly requestId: string;
  readonly address: string;
  readonly userAgent: string | undefined;
  readonly bodyBytes?: number;
  readonly watch: GraphqlContext["watch"];
  readonly watchCounters: GraphqlContext["watchCounters"];
  // Apollo works on a copy of the context, which does not get private names.
  private readonly reply: FastifyReply;
  private made: AbortSignal | undefined;

  constructor(
    request: FastifyRequest,
    reply: FastifyReply,
    { watch, watchCounters }: Pick<HttpDeps, "watch" | "watchCounters">,
    viewer: Viewer,
  ) {
    const bodyBytes = Number(request.headers["content-length"] ?? NaN);
    if (Number.isSafeInteger(bodyBytes)) this.bodyBytes = bodyBytes;
    this.viewer = { ...viewer, address: request.ip };
    this.requestId = request.id;
    this.address = request.ip;
    this.userAgent = request.headers["user-agent"];
    this.watch = watch;
    this.watchCounters = watchCounters;
    this.reply = reply;
  }

  /** Made when it is asked for: few fields do, and a signal for each request is a tenth of a small one's cost. */
  get signal(): AbortSignal {
    return (this.made ??= abortedByClient(this.reply));
  }
}

/** Aborts when the connection ends before the answer does. */
export function abortedByClient(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  const abortIfCut = (): void => {
    if (!reply.raw.writableFinished) gone.abort();
  };
  if (reply.raw.closed) abortIfCut();
  else reply.raw.once("close", abortIfCut);
  return gone.signal;
}
