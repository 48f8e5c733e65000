import { createClient } from "graphql-ws";
import { parse } from "graphql";
import { WebSocket } from "ws";
import { RequestFailed, sendMultipart } from "./graphql.js";
import { FILE_TO_SEND } from "./id-arguments.js";

/** What an operation came to: data, or the code and message of its first error. */
export type Outcome = { data: unknown } | { code: unknown; message: string };

interface Operation {
  query: string;
  variables: Record<string, unknown>;
}

interface Reply {
  data?: unknown;
  errors?: readonly { message: string; extensions?: Record<string, unknown> | undefined }[];
}

/** Runs any operation over the transport that it needs; of a subscription, up to its first event. */
export async function ask(url: string, token: string | undefined, operation: Operation): Promise<Outcome> {
  if (operation.query.startsWith("subscription")) return firstEvent(url, token, operation);
  if (Object.values(operation.variables).includes(FILE_TO_SEND)) return withFile(url, token, operation);
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...authorizationOf(token) },
    body: JSON.stringify(operation),
  });
  return outcomeOf((await response.json()) as Reply);
}

async function withFile(url: string, token: string | undefined, operation: Operation): Promise<Outcome> {
  const files = Object.entries(operation.variables).filter(([, value]) => value === FILE_TO_SEND);
  const variables = { ...operation.variables, ...Object.fromEntries(files.map(([name]) => [name, null])) };
  const bytes = files.map(([name]) => ({
    path: `variables.${name}`,
    name: "some",
    bytes: Buffer.from("some"),
  }));
  try {
    return { data: await sendMultipart(url, token, parse(operation.query), variables, bytes) };
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    return { code: error.code, message: error.message };
  }
}

async function firstEvent(url: string, token: string | undefined, operation: Operation): Promise<Outcome> {
  const client = createClient({
    url: `${url.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: authorizationOf(token),
    retryAttempts: 0,
  });
  try {
    for await (const answer of client.iterate(operation)) return outcomeOf(answer as Reply);
    return { data: null };
  } catch (error) {
    if (Array.isArray(error)) return outcomeOf({ errors: error as Reply["errors"] & object });
    if ((error as { code?: number }).code !== 4403) throw error;
    return { code: "UNAUTHENTICATED", message: "The socket was closed." };
  } finally {
    await client.dispose();
  }
}

function authorizationOf(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

function outcomeOf({ data, errors }: Reply): Outcome {
  const [error] = errors ?? [];
  return error ? { code: error.extensions?.["code"], message: error.message } : { data };
}
