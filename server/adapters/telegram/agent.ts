import { Agent as HttpAgent } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";
import { Agent as HttpsAgent } from "node:https";

export function keepAliveAgent(apiRoot: string): HttpAgent {
  return apiRoot.startsWith("https:")
    ? new HttpsAgent({ keepAlive: true })
    : new HttpAgent({ keepAlive: true });
}

/**
 * Keep-alive connections on which nothing waits for ever. telegraf's HTTP client does not notice an answer that ends
 * inside its body, nor a connection that fell silent: it waits 500 s. Here both end the request with an error.
 */
export function watchfulAgent(apiRoot: string, idleMs: number): HttpAgent {
  const agent = keepAliveAgent(apiRoot);
  const inner = agent as unknown as { addRequest(request: ClientRequest, options: unknown): void };
  const addRequest = inner.addRequest.bind(agent);
  inner.addRequest = (request, options) => {
    watch(request, idleMs);
    addRequest(request, options);
  };
  return agent;
}

function watch(request: ClientRequest, idleMs: number): void {
  request.setTimeout(idleMs, () => request.destroy(new Error(`The connection was silent for ${idleMs} ms.`)));
  request.once("response", (response: IncomingMessage) => {
    response.once("close", () => {
      if (!response.complete) request.emit("error", new Error("The answer ended early."));
    });
  });
}
