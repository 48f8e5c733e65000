import { createClient } from "graphql-ws";
import { Kind, OperationTypeNode, print } from "graphql";
import type { DocumentNode } from "graphql";
import { WebSocket } from "ws";
import { getSdk } from "./generated/sdk.js";
import type { Sdk } from "./generated/sdk.js";

/** What a client sees of a failed request: the code and message of the first error. */
export class RequestFailed extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly extensions: Record<string, unknown>,
    readonly status: number,
  ) {
    super(message);
  }
}

interface Answer {
  data?: unknown;
  errors?: { message: string; extensions: Record<string, unknown> }[];
}

/** The generated SDK against a server, as one user or as nobody. */
export function sdkFor(url: string, accessToken?: string): Sdk {
  const authorization = accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` };
  const request = async (query: string, variables: unknown): Promise<unknown> => {
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", ...authorization },
      body: JSON.stringify({ query, variables }),
    });
    return dataOf((await response.json()) as Answer, response.status);
  };
  async function* subscribe(query: string, variables: unknown): AsyncGenerator<unknown> {
    const client = createClient({
      url: `${url.replace("http", "ws")}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: authorization,
      retryAttempts: 0,
    });
    try {
      for await (const answer of client.iterate({ query, variables: variables as Record<string, unknown> })) {
        yield dataOf(answer as unknown as Answer, 200);
      }
    } finally {
      await client.dispose();
    }
  }
  return getSdk((document: DocumentNode, variables: unknown) => {
    const query = print(document);
    const isSubscription = document.definitions.some(
      (definition) =>
        definition.kind === Kind.OPERATION_DEFINITION &&
        definition.operation === OperationTypeNode.SUBSCRIPTION,
    );
    return (isSubscription ? subscribe(query, variables) : request(query, variables)) as never;
  });
}

/** Sends a GraphQL multipart request. Files come after the map, in the order given. */
export async function sendMultipart(
  url: string,
  accessToken: string | undefined,
  document: DocumentNode,
  variables: Record<string, unknown>,
  files: { path: string; name: string; bytes: Uint8Array }[],
  headers: Record<string, string> = {},
): Promise<unknown> {
  const form = new FormData();
  form.set("operations", JSON.stringify({ query: print(document), variables }));
  form.set("map", JSON.stringify(Object.fromEntries(files.map(({ path }, i) => [i, [path]]))));
  for (const [i, { name, bytes }] of files.entries()) form.set(String(i), new Blob([bytes]), name);
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: {
      "apollo-require-preflight": "1",
      ...headers,
      ...(accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }),
    },
    body: form,
  });
  return dataOf((await response.json()) as Answer, response.status);
}

function dataOf(answer: Answer, status: number): unknown {
  const error = answer.errors?.[0];
  if (error === undefined) return answer.data;
  const { code } = error.extensions;
  throw new RequestFailed(typeof code === "string" ? code : "", error.message, error.extensions, status);
}
