import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { get as httpGet } from "node:http";
import type { Agent, IncomingMessage } from "node:http";
import { get as httpsGet } from "node:https";
import type { Readable } from "node:stream";
import { unavailable, unavailableUntilMended } from "../../kernel/errors.js";
import type { ByteRange } from "../../vault/blob.js";
import type { Patience } from "./bot.js";
import { isCallersAbort } from "./failures.js";
import type { Redactor } from "./failures.js";
import { Window } from "./window.js";

export interface DownloadOptions {
  apiRoot: string;
  agent: Agent;
  patience: Patience;
  redactor: Redactor;
  local: boolean;
}

/** Opens documents behind the paths that getFile gives. */
export class Downloads {
  constructor(private readonly options: DownloadOptions) {}

  /**
   * Streams a range of a document, whether or not the server honours ranges.
   * @returns undefined when the path is stale: ask getFile again
   */
  async open(
    file: { token: string; path: string; sizeBytes: number },
    range: ByteRange,
    signal: AbortSignal,
  ): Promise<Readable | undefined> {
    if (this.options.local && file.path.startsWith("/")) return this.openLocal(file.path, range, signal);
    const url = this.urlOf(file.token, file.path);
    const isPart = range.start > 0 || range.end < file.sizeBytes - 1;
    const answer = await this.fetch(url, isPart ? range : undefined, signal);
    if (answer === "stale") return undefined;
    const first = this.windowOf(answer, range, signal);
    if (first !== undefined) return first;
    // The server has its own idea of the range: take the whole document and skip.
    answer.destroy();
    const whole = await this.fetch(url, undefined, signal);
    return whole === "stale" ? undefined : this.windowOf(whole, range, signal);
  }

  private async openLocal(
    path: string,
    range: ByteRange,
    signal: AbortSignal,
  ): Promise<Readable | undefined> {
    const found = await stat(path).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw unavailableUntilMended(
        "What the local Bot API server keeps cannot be read here.",
        "Share its folder with this server.",
        error,
      );
    });
    if (found === undefined) return undefined;
    const length = range.end - range.start + 1;
    return this.window(createReadStream(path, range), { skip: 0, length, hasMore: false }, signal);
  }

  private urlOf(token: string, path: string): URL {
    const segments = path.split("/");
    if (path.startsWith("/") || segments.some((segment) => segment === ".." || segment === ".")) {
      throw unavailableUntilMended(
        "Telegram gave a path that is none.",
        "With a local Bot API server, set TELEGRAM_API_LOCAL.",
      );
    }
    return new URL(`./file/bot${token}/${segments.map(encodeURIComponent).join("/")}`, this.options.apiRoot);
  }

  private async fetch(
    url: URL,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): Promise<IncomingMessage | "stale"> {
    const headers = range ? { Range: `bytes=${range.start}-${range.end}` } : {};
    const answer = await this.request(url, headers, signal);
    const status = answer.statusCode ?? 0;
    if (status === 200 || status === 206) return answer;
    answer.destroy();
    if (status === 416 && range) return await this.fetch(url, undefined, signal);
    if (status === 404 || status === 400 || status === 410) return "stale";
    throw unavailable("Telegram does not hand out a document now.", new Error(`HTTP status ${status}`));
  }

  private request(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<IncomingMessage> {
    const get = url.protocol === "https:" ? httpsGet : httpGet;
    const { agent, patience } = this.options;
    return new Promise((resolve, reject) => {
      const request = get(url, { agent, headers, signal });
      const giveUp = (): void => void request.destroy(new Error("The connection was silent."));
      const timer = setTimeout(giveUp, patience.idleMs);
      // Stays on: errors after the answer has begun reach the reader through the answer itself.
      request.on("error", (error) => {
        clearTimeout(timer);
        reject(isCallersAbort(error, signal) ? (signal.reason as Error) : this.failure(error));
      });
      request.once("response", (answer) => {
        clearTimeout(timer);
        answer.on("error", () => undefined);
        resolve(answer);
      });
    });
  }

  /** The wanted range of an answer, or undefined when the answer does not contain it. */
  private windowOf(answer: IncomingMessage, range: ByteRange, signal: AbortSignal): Readable | undefined {
    const length = range.end - range.start + 1;
    const bounds =
      answer.statusCode === 206 ? boundsOf(answer.headers["content-range"]) : { start: 0, end: undefined };
    if (bounds === undefined || bounds.start > range.start) return undefined;
    if (bounds.end !== undefined && bounds.end < range.end) return undefined;
    const skip = range.start - bounds.start;
    const hasMore = Number(answer.headers["content-length"] ?? Infinity) > skip + length;
    return this.window(answer, { skip, length, hasMore }, signal);
  }

  private window(
    source: Readable,
    part: { skip: number; length: number; hasMore: boolean },
    signal: AbortSignal,
  ): Readable {
    const { idleMs, bytesPerSecond } = this.options.patience;
    return new Window(source, {
      ...part,
      idleMs,
      bytesPerSecond: bytesPerSecond / 10,
      signal,
      failure: (cause) => this.failure(cause),
    });
  }

  private failure(cause: Error): Error {
    return unavailable("A document could not be read from Telegram.", this.options.redactor.error(cause));
  }
}

function boundsOf(header: string | undefined): { start: number; end: number } | undefined {
  const [, start, end] = /^bytes (\d+)-(\d+)\//.exec(header ?? "") ?? [];
  return start === undefined || end === undefined ? undefined : { start: Number(start), end: Number(end) };
}
