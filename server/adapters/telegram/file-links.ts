import { notFound, unavailable } from "../../kernel/errors.js";
import type { MessageLocation } from "../../vault/vault.ports.js";
import type { Bot } from "./bot.js";
import { BotApiError, asUnavailable } from "./failures.js";
import { untilAborted } from "./until-aborted.js";

const LIFETIME_MS = 50 * 60_000;
const MAX_KEPT = 10_000;
const MAX_PREFETCHED = 16;

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
      const bot = this.botOf(place.bot);
      const file = await bot.call("getFile", { file_id: place.fileId }, this.stop.signal, place.sizeBytes);
      const path = (file as { file_path?: unknown } | null)?.file_path;
      if (typeof path === "string" && path !== "") return path;
    } catch (error) {
      throw isGone(error) ? notFound("Document") : asUnavailable(error);
    }
    throw unavailable("Telegram gave no path for a document.");
  }
}

function isGone(error: unknown): boolean {
  return error instanceof BotApiError && error.code === 400 && !/too big/i.test(error.description);
}

function keyOf({ bot, fileId }: Place): string {
  return `${bot}:${fileId}`;
}
