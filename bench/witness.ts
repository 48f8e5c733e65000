import { once } from "node:events";
import { Agent, createServer, request } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One sendDocument, as it passed by. Times are milliseconds of this process's clock. */
export interface SeenCall {
  /** The bot and the chat. */
  readonly lane: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly status: number;
  readonly retryAfterMs: number;
}

/** The chat is named in the first fields of a send. */
const HEAD_BYTES = 16 * 1024;

/** Stands between the server and the Telegram stand-in and writes down when which lane was used, and the answer. */
export class Witness {
  readonly calls: SeenCall[] = [];
  private readonly agent = new Agent({ keepAlive: true });
  private readonly server = createServer((incoming, response) => this.pass(incoming, response));

  private constructor(private readonly target: string) {}

  static async before(target: string): Promise<Witness> {
    const witness = new Witness(target);
    await once(witness.server.listen(0, "127.0.0.1"), "listening");
    return witness;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close().closeAllConnections();
    this.agent.destroy();
  }

  private pass(incoming: IncomingMessage, response: ServerResponse): void {
    const { method, headers, url = "/" } = incoming;
    const startedAt = performance.now();
    let chat: string | undefined;
    if (url.endsWith("/sendDocument")) {
      let head = "";
      const look = (chunk: Buffer): void => {
        head += chunk.toString("latin1", 0, HEAD_BYTES);
        chat = /name="chat_id"\r\n\r\n(-?\d+)\r\n/.exec(head)?.[1];
        if (chat !== undefined || head.length > HEAD_BYTES) incoming.off("data", look);
      };
      incoming.on("data", look);
    }
    const options = { agent: this.agent, method, headers };
    const outgoing = request(`${this.target}${url}`, options, (answer) => {
      const { statusCode: status = 0 } = answer;
      const retryAfterMs = Number(answer.headers["retry-after"] ?? 0) * 1000;
      answer.once("end", () => {
        const bot = /^\/bot(\d+):/.exec(url)?.[1] ?? "";
        if (chat === undefined) return;
        this.calls.push({
          lane: `${bot}:${chat}`,
          startedAt,
          endedAt: performance.now(),
          status,
          retryAfterMs,
        });
      });
      response.writeHead(status, answer.headers);
      answer.pipe(response);
    });
    outgoing.on("error", () => response.destroy());
    response.on("close", () => response.writableFinished || outgoing.destroy());
    incoming.pipe(outgoing);
  }
}

/** Calls on a lane that was told to wait, after it was told and before the wait was over. */
export function earlyCalls(calls: readonly SeenCall[]): number {
  const refusals = calls.filter(({ retryAfterMs }) => retryAfterMs > 0);
  return calls.filter((call) =>
    refusals.some(
      ({ lane, endedAt, retryAfterMs }) =>
        lane === call.lane && call.startedAt > endedAt && call.startedAt < endedAt + retryAfterMs,
    ),
  ).length;
}
