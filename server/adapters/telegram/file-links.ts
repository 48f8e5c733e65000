import { notFound, unavailable } from "../../kernel/errors.js";
import type { MessageLocation } from "../../vault/vault.ports.js";
import type { Bot } from "./bot.js";
import { BotApiError, asUnavailable } from "./failures.js";
import { untilAborted } from "./until-aborted.js";

const LIFETIME_MS = 50 * 60_000;
const MAX_KEPT = 10_000;
const MAX_PREFETCHED = 16;

/** A bot that Telegram does not know is not asked for so long. */
const UNKNOWN_MS = 60_000;

interface Link {
  path: Promise<string>;
  expiresAt: number;
}

type Place = Pick<MessageLocation, "bot" | "fileId" | "sizeBytes">;

/**
 * Download paths from getFile. Telegram answers only when it has fetched the document, so paths are asked for ahead
 * and kept for most of the hour that they are good.
 */
export class FileLinks {
  private readonly links = new Map<string, Link>();
  /** Bots that are not asked before their time: told to wait, or refused. */
  private readonly rests = new Map<string, { until: number; why: BotApiError }>();
  private readonly stop = new AbortController();
  private pending = 0;

  constructor(private readonly botOf: (id: string) => Bot) {}

  /** @throws AppError NOT_FOUND when Telegram does not have the document any more, UNAVAILABLE otherwise */
  async path(place: Place, signal: AbortSignal): Promise<string> {
    const link = this.fresh(place) ?? this.fetch(place);
    return await untilAborted(link.path, signal);
  }

  /** Asks for a path that will be needed soon, unless many are asked for already. */
  prefetch(place: Place): void {
    if (this.pending >= MAX_PREFETCHED || this.fresh(place)) return;
    this.fetch(place);
  }

  /** Drops a path that has gone stale. */
  forget(place: Place): void {
    this.links.delete(keyOf(place));
  }

  /** Whether Telegram said lately that it does not know this bot. */
  isRefused(bot: string): boolean {
    const rest = this.rests.get(bot);
    return rest !== undefined && isRefused(rest.why) && rest.until > performance.now();
  }

  close(): void {
    this.stop.abort();
    this.links.clear();
  }

  private fresh(place: Place): Link | undefined {
    const link = this.links.get(keyOf(place));
    return link !== undefined && link.expiresAt > performance.now() ? link : undefined;
  }

  private fetch(place: Place): Link {
    const key = keyOf(place);
    this.pending += 1;
    const path = this.ask(place).finally(() => (this.pending -= 1));
    const link = { path, expiresAt: performance.now() + LIFETIME_MS };
    // Shared by several readers and perhaps awaited by none: a failure is not kept and must not go unhandled.
    path.catch(() => {
      if (this.links.get(key) === link) this.links.delete(key);
    });
    this.links.delete(key);
    this.links.set(key, link);
    const [oldest] = this.links.keys();
    if (this.links.size > MAX_KEPT && oldest !== undefined) this.links.delete(oldest);
    return link;
  }

  private async ask(place: Place): Promise<string> {
    try {
      this.assertMayAsk(place.bot);
      const bot = this.botOf(place.bot);
      const file = await bot.call("getFile", { file_id: place.fileId }, this.stop.signal, place.sizeBytes);
      const path = (file as { file_path?: unknown } | null)?.file_path;
      if (typeof path === "string" && path !== "") return path;
    } catch (error) {
      if (error instanceof BotApiError) this.rest(place.bot, error);
      throw isGone(error) ? notFound("Document") : asUnavailable(error);
    }
    throw unavailable("Telegram gave no path for a document.");
  }

  /** Asked again before its time, Telegram lets a bot wait for longer. */
  private assertMayAsk(bot: string): void {
    const { until, why } = this.rests.get(bot) ?? {};
    if (until === undefined || why === undefined) return;
    const seconds = Math.ceil((until - performance.now()) / 1000);
    if (seconds <= 0) this.rests.delete(bot);
    else throw new BotApiError(why.code, why.description, seconds);
  }

  private rest(bot: string, why: BotApiError): void {
    if ((this.rests.get(bot)?.until ?? 0) > performance.now() || !(why.isBusy || isRefused(why))) return;
    const ms = why.isBusy ? (why.retryAfterSeconds ?? 1) * 1000 : UNKNOWN_MS;
    this.rests.set(bot, { until: performance.now() + ms, why });
  }
}

/** Whether Telegram does not know a bot, or not any more. */
function isRefused({ code }: BotApiError): boolean {
  return code === 401;
}

function isGone(error: unknown): boolean {
  return error instanceof BotApiError && error.code === 400 && !/too big/i.test(error.description);
}

function keyOf({ bot, fileId }: Place): string {
  return `${bot}:${fileId}`;
}
