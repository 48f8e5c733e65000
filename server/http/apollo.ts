import { ApolloServer } from "@apollo/server";
import type { ApolloServerPlugin } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from "@apollo/server/plugin/disabled";
import { GraphQLError, Kind, visit } from "graphql";
import type { DocumentNode } from "graphql";
import type { HttpDeps } from "./deps.js";
import type { Viewer } from "../kernel/context.js";
import { appErrorOf, formatError, logUnexpected } from "./format-error.js";
import { LIMIT_RULES, MAX_TOKENS } from "./graphql-limits.js";
import type { GraphqlContext } from "./request-context.js";

/** Apollo without its own web server, signal handlers, batching, stacks and landing page. */
export function createApollo(
  deps: Pick<HttpDeps, "schema" | "config" | "log">,
): ApolloServer<GraphqlContext> {
  // Apollo does not tell its formatter whose request an error was of.
  const askedBy = new WeakMap<object, Viewer>();
  return new ApolloServer<GraphqlContext>({
    schema: deps.schema,
    introspection: true,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: deps.config.production,
    parseOptions: { maxTokens: MAX_TOKENS },
    validationRules: [...LIMIT_RULES],
    formatError: (formatted, error) =>
      formatError(formatted, error, { viewer: askedBy.get(Object(error) as object) }),
    logger: {
      debug: (message: string) => deps.log.debug({}, message),
      info: (message: string) => deps.log.info({}, message),
      warn: (message: string) => deps.log.warn({}, message),
      error: (message: string) => deps.log.error({}, message),
    },
    plugins: [
      // It would wrap every resolver only to find that nothing may be cached: the route says so for all answers.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      watchRequests(deps, askedBy),
    ],
  });
}

function watchRequests(
  deps: Pick<HttpDeps, "config" | "log">,
  askedBy: WeakMap<object, Viewer>,
): ApolloServerPlugin<GraphqlContext> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        didResolveOperation({ document, contextValue }) {
          const refusal = introspectionRefusal(document, contextValue, deps.config.production);
          return refusal ? Promise.reject(refusal) : Promise.resolve();
        },
        didEncounterErrors({ errors, contextValue, response }) {
          for (const error of errors) {
            askedBy.set(error, contextValue.viewer);
            logUnexpected(deps.log, contextValue.requestId, error);
          }
          const waits = errors.map((error) => appErrorOf(error)?.details.retryAfterSeconds ?? 0);
          if (Math.max(...waits) > 0) response.http.headers.set("retry-after", String(Math.max(...waits)));
          return Promise.resolve();
        },
        willSendResponse({ request, response, errors = [] }) {
          const isReadable = errors.every(({ extensions }) => extensions["code"] !== "BAD_REQUEST");
          if (
            response.http.status === 400 &&
            isReadable &&
            takesOnlyJson(request.http?.headers.get("accept"))
          ) {
            response.http.status = 200;
          }
          return Promise.resolve();
        },
      }),
  };
}

/**
 * GraphQL over HTTP: such a client cannot tell a proxy's answer from ours by its type, so it may trust a body only with
 * status 200. Those that say nothing, or know the newer type, get 400 for a document that cannot be run.
 */
function takesOnlyJson(accept = ""): boolean {
  return accept.includes("application/json") && !accept.includes("application/graphql-response+json");
}

/** In production the schema is shown to those who are signed in; it is printed in the repository for everybody else. */
export function introspectionRefusal(
  document: DocumentNode,
  context: GraphqlContext,
  production: boolean,
): GraphQLError | undefined {
  if (!production || context.viewer.kind === "user") return undefined;
  let asks = false;
  visit(document, {
    [Kind.FIELD]: (field) => {
      asks ||= field.name.value === "__schema" || field.name.value === "__type";
    },
  });
  if (!asks) return undefined;
  return new GraphQLError("Sign in to ask for the schema.", {
    extensions: { code: "GRAPHQL_VALIDATION_FAILED" },
  });
}
