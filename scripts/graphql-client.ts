export type Reply<T> = { readonly data: T } | { readonly problem: string };

/** The little that start and demo need of a GraphQL client over HTTP. */
export class GraphqlClient {
  constructor(
    readonly url: string,
    readonly accessToken?: string,
  ) {}

  as(accessToken: string): GraphqlClient {
    return new GraphqlClient(this.url, accessToken);
  }

  /** Runs an operation; what goes wrong comes back in words. */
  async try<T>(query: string, variables: object): Promise<Reply<T>> {
    const authorization =
      this.accessToken === undefined ? {} : { authorization: `Bearer ${this.accessToken}` };
    const response = await fetch(this.url, {
      method: "POST",
      headers: { "content-type": "application/json", ...authorization },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(20_000),
    });
    return replyOf<T>(response.status, await response.text());
  }

  /** Runs an operation; what goes wrong is thrown. */
  async run<T>(query: string, variables: object): Promise<T> {
    const reply = await this.try<T>(query, variables);
    if ("problem" in reply) throw new Error(reply.problem);
    return reply.data;
  }
}

/** Reads a GraphQL response body, or says why it is none. */
export function replyOf<T>(status: number, body: string): Reply<T> {
  const answer = parse(body) as {
    data?: T | null;
    errors?: { message: string; extensions?: { code?: string } }[];
  };
  const errors = answer.errors ?? [];
  if (errors.length > 0) {
    return { problem: errors.map((e) => `${e.message} (${e.extensions?.code ?? "no code"})`).join("; ") };
  }
  if (answer.data === undefined || answer.data === null) {
    return { problem: `The server answered ${status}: ${body.slice(0, 300)}` };
  }
  return { data: answer.data };
}

function parse(body: string): object {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
