import {
  ApolloClient,
  ApolloLink,
  from,
  fromPromise,
  HttpLink,
  InMemoryCache,
  Observable,
  split,
} from "@apollo/client/core";
import type { FetchResult, Operation } from "@apollo/client/core";
import { onError } from "@apollo/client/link/error";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { isSubscriptionOperation } from "@apollo/client/utilities";
import { codeOf, isUnanswered, readableError } from "./errors.js";
import { liveSocket } from "./live-socket.js";
import { RefreshSessionDocument } from "./session.documents.js";
import { Session, STORAGE_KEY } from "./session.js";
import type { Tokens } from "./session.js";
import { TokenStorage } from "./token-storage.js";
import type { Change } from "./token-storage.js";

export const GRAPHQL_PATH = "/graphql";

/** How long a renewal that gets no answer is tried. */
const ASK_AGAIN_MS = 6_000;
const ANSWER_WITHIN_MS = 30_000;

/** Context of the calls that are made signed out: login, registration, renewal, password reset. */
export const ANONYMOUS = { anonymous: true };

const twins = new BroadcastChannel("telestash.session");
export const tokenStorage = new TokenStorage(window.localStorage, window.sessionStorage, (change) =>
  twins.postMessage(change),
);
twins.onmessage = ({ data }) => tokenStorage.follow(data as Change);
export const session = new Session(tokenStorage, exchange, oneTabAtATime);

// Signed out in another tab, and perhaps somebody else signed in there since.
window.addEventListener("storage", ({ key, newValue }) => {
  const isTokenGone = newValue === null && (key === STORAGE_KEY || key === null);
  if (isTokenGone && tokenStorage.isLasting(STORAGE_KEY)) session.lose();
});

const socket = liveSocket(new URL(GRAPHQL_PATH, window.location.href).href.replace(/^http/, "ws"), session);

// Pages that are still there for a moment after signing out ask in vain: that is not worth a request.
const signedOut = { message: "Sign in to continue.", extensions: { code: "UNAUTHENTICATED" } };

const authorize = new ApolloLink((operation, forward) => {
  if (operation.getContext()["anonymous"]) return forward(operation);
  return fromPromise(session.token()).flatMap((accessToken) => {
    if (accessToken === undefined) return Observable.of<FetchResult>({ errors: [signedOut] });
    operation.setContext({ accessToken, headers: { authorization: `Bearer ${accessToken}` } });
    return forward(operation);
  });
});

const renewOnce = onError(({ graphQLErrors, operation, forward }) => {
  const refused = graphQLErrors?.some(({ extensions }) => extensions?.["code"] === "UNAUTHENTICATED");
  const { anonymous, accessToken } = operation.getContext();
  if (!refused || anonymous) return undefined;
  return fromPromise(session.renew(accessToken as string | undefined)).flatMap(() => forward(operation));
});

// Apollo calls a GraphQL answer with status 401 or 400 a network error and hides its codes.
const readRefusals = onError(({ networkError }) => {
  const result: unknown = networkError && "result" in networkError ? networkError.result : undefined;
  if (typeof result !== "object" || result === null || !("errors" in result)) return undefined;
  return Observable.of(result as FetchResult);
});

export const client = new ApolloClient({
  link: split(
    isSubscription,
    new GraphQLWsLink(socket),
    from([renewOnce, authorize, readRefusals, new HttpLink({ uri: GRAPHQL_PATH })]),
  ),
  cache: new InMemoryCache(),
  // A list asked for again must not get the answer to the question before: something has changed since.
  queryDeduplication: false,
  // react-admin's own query cache is the only one.
  defaultOptions: {
    query: { fetchPolicy: "no-cache" },
    mutate: { fetchPolicy: "no-cache" },
    watchQuery: { fetchPolicy: "no-cache" },
  },
});

export type Link = "connected" | "lost";

/** Tells when the live connection comes and goes; returns the function that stops telling. */
export function onLink(listener: (link: Link) => void): () => void {
  const stops = [
    socket.on("connected", () => listener("connected")),
    socket.on("closed", () => listener("lost")),
  ];
  return () => stops.forEach((stop) => stop());
}

/** Closes the socket at once: what was subscribed to must not outlive the session. */
export function closeSocket(): void {
  socket.terminate();
}

/** An exchange whose answer is lost is made again at once: the server gives the same answer for 10 seconds only. */
async function exchange(refreshToken: string): Promise<Tokens | undefined> {
  const began = Date.now();
  for (;;) {
    try {
      return await exchangeOnce(refreshToken);
    } catch (error) {
      if (!isUnanswered(error) || Date.now() - began > ASK_AGAIN_MS) throw error;
      await wait(1_000);
    }
  }
}

async function exchangeOnce(refreshToken: string): Promise<Tokens | undefined> {
  try {
    const { data } = await client.mutate({
      mutation: RefreshSessionDocument,
      variables: { refreshToken },
      context: { ...ANONYMOUS, fetchOptions: { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) } },
    });
    return data?.refreshSession;
  } catch (cause) {
    const error = readableError(cause);
    const code = codeOf(error);
    // Only a refusal ends the session. A server that is down does not.
    if (code === "UNAUTHENTICATED" || code === "BAD_USER_INPUT" || code === "NOT_FOUND") return undefined;
    throw error;
  }
}

/** Browsers lock only for pages that came over HTTPS or from this machine; without, the server's patience has to do. */
async function oneTabAtATime<T>(act: () => Promise<T>): Promise<T> {
  const locks = (navigator as Partial<Navigator>).locks;
  return locks === undefined ? act() : await locks.request(STORAGE_KEY, act);
}

function isSubscription({ query }: Operation): boolean {
  return isSubscriptionOperation(query);
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
