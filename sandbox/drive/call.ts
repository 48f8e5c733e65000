import type { IncomingMessage, ServerResponse } from "node:http";

import type { Fault, Operation } from "./faults.js";
import { badRequest } from "./google-error.js";
import type { World } from "./world.js";

const JSON_TYPE = "application/json; charset=UTF-8";
const MAX_JSON_BYTES = 1024 * 1024;

/** One request to the API: what was asked, what shall go wrong, how to answer. */
export class Call {
  constructor(
    readonly world: World,
    readonly req: IncomingMessage,
    readonly res: ServerResponse,
    readonly query: URLSearchParams,
    readonly operation: Operation,
    readonly fault: Fault | undefined,
    /** The file named in the path. */
    readonly fileId: string,
  ) {}

  /** The port the client reached us at, whatever name it used. */
  get origin(): string {
    return `http://${this.req.headers.host ?? "127.0.0.1"}`;
  }

  async readJson(): Promise<Record<string, unknown>> {
    const text = await readText(this.req);
    if (text === "") return {};
    try {
      const body: unknown = JSON.parse(text);
      if (typeof body === "object" && body !== null && !Array.isArray(body)) {
        return body as Record<string, unknown>;
      }
    } catch {
      // Refused below, like JSON that is no object.
    }
    throw badRequest("Parse Error");
  }

  json(status: number, body: unknown, headers: Record<string, string> = {}): void {
    this.reply(status, JSON.stringify(body), { "content-type": JSON_TYPE, ...headers });
  }

  reply(status: number, body: string, headers: Record<string, string> = {}): void {
    const { res, fault } = this;
    if (res.destroyed || res.headersSent) return;
    this.countAnswer(status);
    if (fault?.kind === "lostResponse") return void this.req.socket.destroy();
    const bytes = Buffer.from(body);
    res.writeHead(status, { ...headers, ...(status === 204 ? {} : { "content-length": bytes.length }) });
    if (fault?.kind === "truncateResponse" && bytes.length > 0) {
      res.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => this.req.socket.destroy());
      return;
    }
    res.end(bytes);
  }

  countAnswer(status: number): void {
    const { answers } = this.world.stats;
    answers[status] = (answers[status] ?? 0) + 1;
  }
}

/** Reads a small body. @throws GoogleError when it is not small */
export async function readText(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_JSON_BYTES) throw badRequest("Request is too large.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
