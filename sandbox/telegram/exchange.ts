import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { ApiError } from "./api-error.js";
import type { Fault, FaultKind, Faults } from "./faults.js";

/** Thrown when a fault has cut the connection: there is nobody left to answer. */
export class Cut extends Error {
  override readonly name = "Cut";
}

/** One request, its answer, and the faults that struck it. */
export class Exchange {
  readonly op: string;
  chats: readonly string[] | undefined;
  private readonly struck: Fault[] = [];
  private readonly decided = new Set<object>();
  private readonly actedOut = new Set<Fault>();

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    private readonly faults: Faults,
    subject: { op: string; bot: string | undefined },
  ) {
    this.op = subject.op;
    this.bot = subject.bot;
  }

  readonly bot: string | undefined;

  /** Lets faults that can be decided by now strike; connection-level ones act at once. */
  strike(): void {
    const fresh = this.faults.strike(this, this.decided);
    this.struck.push(...fresh);
    if (fresh.some(({ kind }) => kind === "reset")) this.cut();
  }

  fault(kind: FaultKind): Fault | undefined {
    return this.struck.find((fault) => fault.kind === kind);
  }

  /** Acts out faults that delay or replace the answer before anything is done. */
  async beforeWork(): Promise<void> {
    if (this.request.socket.destroyed) throw new Cut();
    const latency = this.fault("latency");
    if (latency && !this.actedOut.has(latency)) {
      this.actedOut.add(latency);
      await delay(latency.ms ?? 1000);
    }
    if (this.fault("hang")) {
      await new Promise((resolve) => this.response.once("close", resolve));
      throw new Cut();
    }
    const broken = this.fault("5xx");
    if (broken) {
      this.answerHtml(broken.status ?? 502);
      throw new Cut();
    }
    if (this.fault("401")) throw new ApiError(401, "Unauthorized");
  }

  /** The 429 somebody asked for; due when the body is there, as in reality. */
  refuseIfBusy(): void {
    const busy = this.fault("429");
    if (!busy) return;
    const { retryAfter } = busy;
    const parameters = retryAfter === undefined ? undefined : { retry_after: retryAfter };
    throw new ApiError(429, `Too Many Requests: retry after ${String(retryAfter)}`, parameters);
  }

  /** Drops the connection the hard way: the peer sees ECONNRESET. Returns what may be thrown to stop the work. */
  cut(): Cut {
    this.request.socket.resetAndDestroy();
    return new Cut();
  }

  answer(status: number, body: object, headers: Record<string, string> = {}): void {
    if (this.response.headersSent || this.response.destroyed) return;
    if (this.fault("lostResponse")) {
      this.cut();
      return;
    }
    const text = Buffer.from(JSON.stringify(body));
    this.response.writeHead(status, {
      "Content-Type": "application/json",
      "Content-Length": text.length,
      ...headers,
    });
    if (!this.fault("truncateResponse")) {
      this.response.end(text);
      return;
    }
    this.response.write(text.subarray(0, text.length >> 1), () => this.request.socket.destroySoon());
  }

  private answerHtml(status: number): void {
    const html = `<html>\r\n<head><title>${status}</title></head>\r\n<body>\r\n<center><h1>${status}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
    this.response.writeHead(status, {
      "Content-Type": "text/html",
      "Content-Length": Buffer.byteLength(html),
    });
    this.response.end(html);
  }
}
