import type { Agent } from "node:http";
import { Telegram } from "telegraf";
import type { BotApiError } from "./failures.js";
import { failureOf, isCallersAbort } from "./failures.js";
import type { Redactor } from "./failures.js";

/** How long things may take. */
export interface Patience {
  /** For a call without a document. */
  callMs: number;
  /** Slower than this, documents are given up. */
  bytesPerSecond: number;
  /** Without a byte in either direction. */
  idleMs: number;
}

export const PATIENCE: Patience = { callMs: 30_000, bytesPerSecond: 100_000, idleMs: 60_000 };

export type BotMethod =
  | "getMe"
  | "getChat"
  | "getChatMember"
  | "getFile"
  | "sendDocument"
  | "forwardMessage"
  | "deleteMessage"
  | "deleteMessages"
  | "editMessageMedia";

/** One bot and its calls: bounded in time, and with errors from which the token is gone. */
export class Bot {
  readonly id: string;
  private readonly api: Telegram;

  constructor(
    readonly token: string,
    private readonly options: { apiRoot: string; agent: Agent; patience: Patience; redactor: Redactor },
  ) {
    this.id = token.slice(0, token.indexOf(":"));
    this.api = new Telegram(token, { apiRoot: options.apiRoot });
    // telegraf drops an agent given for a plain http root.
    this.api.options.agent = options.agent;
  }

  /**
   * @param bytes size of the document that the call sends, or that Telegram must fetch for it
   * @returns Telegram's answer, of which nothing is known: it comes from outside
   * @throws BotApiError when Telegram refuses, AppError UNAVAILABLE when it gives no usable answer,
   * the signal's reason when the caller aborts
   */
  async call(method: BotMethod, payload: object, signal: AbortSignal, bytes = 0): Promise<unknown> {
    signal.throwIfAborted();
    const { patience, redactor } = this.options;
    const limitMs = patience.callMs + (bytes / patience.bytesPerSecond) * 1000;
    const deadline = new AbortController();
    const abort = (): void => deadline.abort();
    const timer = setTimeout(abort, limitMs);
    signal.addEventListener("abort", abort);
    try {
      return await this.request(method, payload, deadline.signal);
    } catch (error) {
      if (isCallersAbort(error, signal)) throw signal.reason;
      const late = deadline.signal.aborted
        ? new Error(`${method} took longer than ${Math.round(limitMs)} ms.`)
        : error;
      throw failureOf(late, redactor) satisfies BotApiError | Error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    }
  }

  private request(method: BotMethod, payload: object, signal: AbortSignal): Promise<unknown> {
    // telegraf types each method's payload and answer, and a signal of a library's: the answer is checked where it
    // is used, whatever its type promises.
    const call = this.api.callApi.bind(this.api) as (
      method: string,
      payload: object,
      options: { signal: AbortSignal },
    ) => Promise<unknown>;
    return call(method, payload, { signal });
  }
}
