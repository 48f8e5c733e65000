import type { AddressInfo } from "node:net";
import cors from "@fastify/cors";
import Fastify from "fastify";
import type { FastifyInstance } from "fastify";
import type { Logger } from "../kernel/log.js";
import { createApollo } from "./apollo.js";
import { auditExportRoute } from "./audit-export.route.js";
import { bannerRoute } from "./banner.route.js";
import { refuseCodedBodies } from "./body-codings.js";
import { consoleRoute } from "./console.route.js";
import type { HttpDeps } from "./deps.js";
import { downloadRoute } from "./download.route.js";
import { dropRoutes } from "./drop.route.js";
import { graphqlRoute } from "./graphql.route.js";
import { GraphqlSocket } from "./graphql-socket.js";
import { HealthMonitor, healthRoutes } from "./health.js";
import { DEFAULT_INGEST_RULE, watchIngest } from "./ingest-watch.js";
import type { IngestRule } from "./ingest-watch.js";
import { previewRoutes } from "./preview.route.js";
import { sendFailure, sendProblem } from "./problem.js";
import { requestIdOf } from "./request-context.js";
import { shareRoutes, withoutShareToken } from "./share.route.js";
import { uploadRoute } from "./upload.route.js";
import { zipRoutes } from "./zip.route.js";

export interface HttpServer {
  /** Where it listens, without a slash at the end. Known once `listen` has resolved. */
  readonly url: string;
  listen(): Promise<void>;
  /** Takes nothing new, waits for what is under way, and cuts what is left after `deadlineMs`. */
  close(deadlineMs: number): Promise<void>;
}

const HEADERS_TIMEOUT_MS = 30_000;

/** GraphQL over HTTP and WebSocket, files in and out, health and the console, on one port. */
export async function createHttpServer(
  deps: HttpDeps,
  rule: IngestRule = DEFAULT_INGEST_RULE,
): Promise<HttpServer> {
  const { http } = deps.config;
  const app = Fastify({
    logger: false,
    trustProxy: http.trustProxy,
    genReqId: requestIdOf,
    requestIdHeader: false,
    exposeHeadRoutes: false,
    // An upload may take hours; `watchIngest` ends those that stand still.
    requestTimeout: 0,
    http: { headersTimeout: HEADERS_TIMEOUT_MS },
    frameworkErrors: (error, request, reply) => {
      void sendProblem(
        request,
        reply,
        error.statusCode ?? 400,
        "BAD_USER_INPUT",
        "The address cannot be read.",
      );
    },
  }) as unknown as FastifyInstance;
  const apollo = createApollo(deps);
  await apollo.start();
  const health = new HealthMonitor(deps.checks, deps.log);
  const socket = new GraphqlSocket(deps);

  await app.register(cors, corsOptions(http.frontends));
  answerWithSafeHeaders(app, http.publicUrl);
  watchBodies(app, rule);
  logAnswers(app, deps.log);
  answerFailures(app, deps.log);
  healthRoutes(app, health);
  bannerRoute(app, deps);
  await graphqlRoute(app, apollo, deps);
  await incomingRoutes(app, deps);
  await outgoingRoutes(app, deps);
  auditExportRoute(app, deps);
  await consoleRoute(app, deps.consoleDir);
  socket.attach(app.server);
  // A server that is closing has no address any more, but still answers what it was asked.
  let url: string | undefined;
  return {
    get url() {
      if (url === undefined) throw new TypeError("The server does not listen yet.");
      return url;
    },
    async listen() {
      await app.listen({ host: http.host, port: http.port });
      url = urlOf(http.host, app.server.address());
    },
    async close(deadlineMs) {
      health.stop();
      const cut = setTimeout(() => app.server.closeAllConnections(), deadlineMs);
      await Promise.all([app.close(), socket.close(deadlineMs)]);
      clearTimeout(cut);
      await apollo.stop();
    },
  };
}

/** Bytes on the way in, beside GraphQL. */
async function incomingRoutes(app: FastifyInstance, deps: HttpDeps): Promise<void> {
  await uploadRoute(app, deps);
  await dropRoutes(app, deps);
}

/** Bytes on the way out. */
async function outgoingRoutes(app: FastifyInstance, deps: HttpDeps): Promise<void> {
  await shareRoutes(app, deps);
  downloadRoute(app, deps);
  previewRoutes(app, deps);
  zipRoutes(app, deps);
}

function corsOptions(frontends: readonly string[]) {
  return {
    origin: frontends.map((url) => new URL(url).origin),
    credentials: true,
    methods: ["GET", "HEAD", "POST", "PUT"],
    allowedHeaders: [
      "accept",
      "apollo-require-preflight",
      "authorization",
      "content-type",
      "idempotency-key",
      "if-match",
      "if-none-match",
      "if-range",
      "range",
      "repr-digest",
      "x-apollo-operation-name",
      "x-request-id",
    ],
    exposedHeaders: [
      "accept-ranges",
      "content-disposition",
      "content-length",
      "content-range",
      "etag",
      "location",
      "retry-after",
      "x-preview-cut",
      "x-preview-charset",
      "x-request-id",
    ],
    maxAge: 600,
  };
}

function answerFailures(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((error, request, reply) => sendFailure(request, reply, error, log));
  app.setNotFoundHandler((request, reply) =>
    sendProblem(request, reply, 404, "NOT_FOUND", "There is nothing at this address."),
  );
}

function answerWithSafeHeaders(app: FastifyInstance, publicUrl: string | undefined): void {
  const secure = publicUrl?.startsWith("https:") ?? false;
  app.addHook("onRequest", (request, reply, done) => {
    reply.headers({
      "x-request-id": request.id,
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
      "cross-origin-opener-policy": "same-origin",
      ...(secure && { "strict-transport-security": "max-age=31536000" }),
    });
    done();
  });
}

/** Without tokens: a download link carries one in its query, a share link in its path. */
function logAnswers(app: FastifyInstance, log: Logger): void {
  app.addHook("onResponse", (request, reply, done) => {
    const path = withoutShareToken(request.url.split("?", 1)[0] ?? "");
    const ms = Math.round(reply.elapsedTime);
    log.debug(
      { requestId: request.id, method: request.method, path, status: reply.raw.statusCode, ms },
      "answered",
    );
    done();
  });
}

function watchBodies(app: FastifyInstance, rule: IngestRule): void {
  refuseCodedBodies(app);
  watchIngest(app, rule);
  continueWhenRead(app);
}

/** "100 Continue" is sent when a route goes on to read the body, not before: a refusal then costs no upload. */
function continueWhenRead(app: FastifyInstance): void {
  app.server.on("checkContinue", (request, response) => app.routing(request, response));
  app.addHook("preParsing", (request, reply, _payload, done) => {
    if (request.headers.expect?.toLowerCase() === "100-continue") reply.raw.writeContinue();
    done();
  });
}

function urlOf(host: string, address: AddressInfo | string | null): string {
  if (address === null || typeof address === "string") throw new TypeError("The server has no port.");
  const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : bracketed(host);
  return `http://${reachable}:${address.port}`;
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
