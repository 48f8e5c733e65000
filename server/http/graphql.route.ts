import type { ApolloServer } from "@apollo/server";
import { HeaderMap } from "@apollo/server";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { GraphQLFormattedError } from "graphql";
import { ERROR_STATUS } from "../kernel/errors.js";
import type { Logger } from "../kernel/log.js";
import type { HttpDeps } from "./deps.js";
import { appErrorOf, formatError, logUnexpected } from "./format-error.js";
import { lingerAfterAnswer } from "./incoming-body.js";
import { clientFaultOf, withRetryAfter } from "./problem.js";
import { contextOf } from "./request-context.js";
import type { GraphqlContext } from "./request-context.js";
import { readMultipart } from "./upload-guard.js";

export const GRAPHQL_PATH = "/graphql";
const MAX_JSON_BYTES = 1024 * 1024;
/** A web page cannot send these without asking first, which is what keeps other sites out. */
const PREFLIGHT_HEADERS = ["apollo-require-preflight", "x-apollo-operation-name"];

declare module "fastify" {
  interface FastifyRequest {
    graphql?: GraphqlContext;
  }
}

/** POST /graphql: JSON, or multipart with files. */
export async function graphqlRoute(
  app: FastifyInstance,
  apollo: ApolloServer<GraphqlContext>,
  deps: Pick<HttpDeps, "authenticator" | "uploads" | "config" | "log" | "watch" | "watchCounters">,
): Promise<void> {
  await app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    const json = scope.getDefaultJsonParser("error", "ignore");
    scope.addContentTypeParser("application/json", { parseAs: "string", bodyLimit: MAX_JSON_BYTES }, json);
    // Multipart is read by the handler; any other type reaches Apollo without a body, and is refused there.
    scope.addContentTypeParser("*", (_request, _payload, parsed) => parsed(null));
    scope.setErrorHandler((error, request, reply) => fail(request, reply, error, deps.log));
    scope.addHook("onRequest", async (request, reply) => admit(request, reply, deps));
    scope.addHook("onResponse", (request, _reply, next) => {
      lingerAfterAnswer(request.raw);
      next();
    });
    scope.post(GRAPHQL_PATH, (request, reply) => answer(request, reply, apollo, deps));
    done();
  });
  app.route({
    method: ["GET", "HEAD", "PUT", "PATCH", "DELETE"],
    url: GRAPHQL_PATH,
    handler: (request, reply) =>
      refuse(request, reply.header("allow", "POST, OPTIONS"), 405, badRequest("Send GraphQL with POST.")),
  });
}

/** Files are refused before a byte of them is read, everything else by the field that needs a viewer. */
async function admit(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: Pick<HttpDeps, "authenticator" | "uploads" | "watch" | "watchCounters">,
): Promise<void> {
  const context = await contextOf(request, reply, deps);
  if (isMultipart(request) && context.viewer.kind === "anonymous") {
    // Whoever means to be signed in must not find the file with nobody.
    if (context.viewer.refusal) throw context.viewer.refusal;
    await deps.uploads.admit(context.viewer, {});
  }
  request.graphql = context;
}

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  apollo: ApolloServer<GraphqlContext>,
  deps: Pick<HttpDeps, "config">,
): Promise<void> {
  const context = request.graphql;
  if (!context) throw new TypeError("The request has no context.");
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  // Without such a header Apollo refuses a multipart request: then there is no reason to read it.
  const readable = isMultipart(request) && PREFLIGHT_HEADERS.some((name) => (headers.get(name) ?? "") !== "");
  const body = readable
    ? await readMultipart(request.raw, reply.raw, deps.config.maxFileBytes)
    : request.body;
  const {
    status,
    headers: head,
    body: out,
  } = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method: "POST", headers, search: "", body },
    context: () => Promise.resolve(context),
  });
  if (reply.sent) return;
  if (out.kind !== "complete") throw new TypeError("Incremental delivery is not served.");
  await reply
    .code(status ?? 200)
    .headers(Object.fromEntries(head))
    .header("cache-control", "no-store")
    .send(withRequestId(out.string, request.id));
}

/** Apollo writes errors first, so an answer without any is passed on unread. */
function withRequestId(text: string, requestId: string): string {
  if (!text.startsWith('{"errors"')) return text;
  const answer = JSON.parse(text) as { errors: { extensions?: object }[] };
  const errors = answer.errors.map((error) => ({ ...error, extensions: { ...error.extensions, requestId } }));
  return JSON.stringify({ ...answer, errors });
}

function isMultipart(request: FastifyRequest): boolean {
  return /^multipart\/form-data\b/i.test(request.headers["content-type"] ?? "");
}

/** Refuses a request that never became a GraphQL operation, in the shape of a GraphQL answer. */
function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  error: GraphQLFormattedError,
): FastifyReply {
  const extensions = { ...error.extensions, requestId: request.id };
  return reply
    .code(status)
    .header("content-type", "application/json; charset=utf-8")
    .header("cache-control", "no-store")
    .send(JSON.stringify({ errors: [{ ...error, extensions }] }));
}

function fail(request: FastifyRequest, reply: FastifyReply, error: unknown, log: Logger): FastifyReply {
  const fault = clientFaultOf(error);
  if (fault) return refuse(request, reply, fault.status, badRequest(fault.message));
  logUnexpected(log, request.id, error);
  const known = appErrorOf(error);
  if (known) withRetryAfter(reply, known);
  return refuse(request, reply, known ? ERROR_STATUS[known.code] : 500, formatError({ message: "" }, error));
}

function badRequest(message: string): GraphQLFormattedError {
  return { message, extensions: { code: "BAD_USER_INPUT" } };
}
