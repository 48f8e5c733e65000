import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { GraphQLError, getOperationAST, getVariableValues, parse, specifiedRules, validate } from "graphql";
import type { DocumentNode, ExecutionArgs, FormattedExecutionResult, GraphQLFormattedError } from "graphql";
import { CloseCode, makeServer } from "graphql-ws";
import type { Context, Server, SubscribePayload } from "graphql-ws";
import type { WebSocket } from "ws";
import { ANONYMOUS } from "../kernel/context.js";
import type { Viewer } from "../kernel/context.js";
import { introspectionRefusal } from "./apollo.js";
import type { HttpDeps } from "./deps.js";
import { appErrorOf, formatError, logUnexpected } from "./format-error.js";
import { LIMIT_RULES, MAX_TOKENS } from "./graphql-limits.js";
import { bearerOf } from "./request-context.js";
import type { GraphqlContext } from "./request-context.js";
import type { SessionWatch } from "./session-watch.js";

/** What we keep beside each socket. */
export interface SocketState {
  socket: WebSocket;
  request: IncomingMessage;
  /** The token it began with; without one the socket is anonymous. */
  token?: string;
  release?: () => void;
  /** Aborts when the socket closes. */
  closed: AbortSignal;
}

type SocketContext = Context<Record<string, unknown>, SocketState>;
type ProtocolDeps = Pick<HttpDeps, "schema" | "authenticator" | "config" | "log" | "watch" | "watchCounters">;

const MOST_OPERATIONS = 64;
/** WebSocket's own "try again later": clients come back by themselves. */
const TRY_AGAIN_LATER = 1013;
const RULES = [...specifiedRules, ...LIMIT_RULES];

/** graphql-transport-ws, with our viewers, limits and errors. */
export function socketProtocol(deps: ProtocolDeps, watch: SessionWatch): Server<SocketState> {
  return makeServer<Record<string, unknown>, SocketState>({
    onConnect: (context) => connect(context, deps, watch),
    onClose: (context) => context.extra.release?.(),
    onSubscribe: (context, _id, payload) => begin(context, payload, deps),
    onNext: (_context, _id, _payload, args, result) => {
      if (!result.errors) return undefined;
      const asked = args.contextValue as GraphqlContext;
      return { ...result, errors: formatted(result.errors, asked, deps) } as FormattedExecutionResult;
    },
    onError: (_context, _id, _payload, errors) => formatted(errors, { requestId: randomUUID() }, deps),
  });
}

/** @returns whether the socket is admitted; refused ones are closed with 4403 */
async function connect(context: SocketContext, deps: ProtocolDeps, watch: SessionWatch): Promise<boolean> {
  const { socket } = context.extra;
  const params = context.connectionParams ?? {};
  try {
    const token = bearerOf(params["authorization"] ?? params["Authorization"]);
    if (token === undefined) return true;
    const { viewer, expiresAt } = await deps.authenticator.admit(token);
    const end = (reason: string) => (): void => socket.close(CloseCode.Forbidden, reason);
    const timer = setTimeout(end("The access token expired."), expiresAt.getTime() - Date.now());
    const forget = watch.add(viewer, end("The session ended."));
    context.extra.token = token;
    context.extra.release = (): void => {
      clearTimeout(timer);
      forget();
    };
    // It may have been closed while we asked the database: then nobody else would free these.
    if (socket.readyState !== socket.OPEN) context.extra.release();
    return true;
  } catch (error) {
    const code = appErrorOf(error)?.code;
    if (code === "UNAUTHENTICATED") return false;
    logUnexpected(deps.log, "websocket", error);
    socket.close(TRY_AGAIN_LATER, "Try again later.");
    return true;
  }
}

async function begin(
  context: SocketContext,
  payload: SubscribePayload,
  deps: ProtocolDeps,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  const open = Object.keys(context.subscriptions).length;
  if (open > MOST_OPERATIONS) {
    return [refusal(`A socket may have ${MOST_OPERATIONS} operations open at a time.`, "RATE_LIMITED")];
  }
  const contextValue = await operationContext(context, deps);
  if (contextValue instanceof GraphQLError) return [contextValue];
  try {
    const document = parse(payload.query, { maxTokens: MAX_TOKENS });
    const hidden = introspectionRefusal(document, contextValue, deps.config.production);
    if (hidden) return [hidden];
    const faults = faultsOf(document, payload, deps);
    if (faults.length > 0) return faults;
    return {
      schema: deps.schema,
      document,
      contextValue,
      operationName: payload.operationName,
      variableValues: payload.variables,
    };
  } catch (error) {
    if (error instanceof GraphQLError) return [withCode(error, "GRAPHQL_PARSE_FAILED")];
    throw error;
  }
}

/** What is wrong with a document, or with what was sent along. */
function faultsOf(
  document: DocumentNode,
  { operationName, variables }: SubscribePayload,
  { schema }: ProtocolDeps,
): readonly GraphQLError[] {
  const faults = validate(schema, document, RULES);
  if (faults.length > 0) return faults.map((fault) => withCode(fault, "GRAPHQL_VALIDATION_FAILED"));
  const operation = getOperationAST(document, operationName);
  if (!operation)
    return [refusal("Say by `operationName` which operation of the document is meant.", "BAD_USER_INPUT")];
  const { errors = [] } = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {});
  return errors.map((fault) => withCode(fault, "BAD_USER_INPUT"));
}

/** Asked anew for each operation, so that a revoked session cannot begin another one. */
async function operationContext(
  { extra }: SocketContext,
  deps: ProtocolDeps,
): Promise<GraphqlContext | GraphQLError> {
  const { request, socket, token } = extra;
  const facts = {
    requestId: randomUUID(),
    address: request.socket.remoteAddress ?? "",
    userAgent: request.headers["user-agent"],
    signal: extra.closed,
    watch: deps.watch,
    watchCounters: deps.watchCounters,
  };
  try {
    const viewer: Viewer = token === undefined ? ANONYMOUS : await deps.authenticator.viewerOf(token);
    return { ...facts, viewer: { ...viewer, address: facts.address } };
  } catch (error) {
    if (appErrorOf(error)?.code === "UNAUTHENTICATED")
      socket.close(CloseCode.Forbidden, "The session ended.");
    const originalError = error instanceof Error ? error : new Error(String(error));
    return new GraphQLError(originalError.message, { originalError });
  }
}

function formatted(
  errors: readonly GraphQLError[],
  asked: { requestId: string; viewer?: Viewer },
  deps: ProtocolDeps,
): GraphQLFormattedError[] {
  return errors.map((error) => {
    logUnexpected(deps.log, asked.requestId, error);
    const shown = formatError(error.toJSON(), error, asked);
    return deps.config.production
      ? { ...shown, message: shown.message.replace(/ ?Did you mean .+$/, "") }
      : shown;
  });
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  error.extensions["code"] ??= code;
  return error;
}

function refusal(message: string, code: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}
