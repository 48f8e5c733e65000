import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { runProgram } from "../../sandbox/program.js";
import type { Services } from "./services.js";

/** The variable in which a peer finds its services. */
export const SERVICES_VARIABLE = "BENCH_SERVICES";

/**
 * Runs a peer: the least program that does what the product does in one respect, as its own process. It ends with the
 * process that started it.
 */
export async function runPeer(
  handlerFor: (services: Services) => (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<void> {
  await runProgram([], async () => {
    const handle = handlerFor(JSON.parse(process.env[SERVICES_VARIABLE] ?? "{}") as Services);
    const server = createServer({ requestTimeout: 0 }, (request, response) => {
      handle(request, response).catch((error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        if (response.headersSent) response.destroy();
        else response.writeHead(500).end(String(error));
      });
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    return {
      announcement: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
      close: async () => {
        server.close().closeAllConnections();
        await once(server, "close");
      },
    };
  });
}

export async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}
