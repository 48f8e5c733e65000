import type { Logger } from "../../kernel/log.js";
import { operatorText, toldOf } from "../../kernel/errors.js";
import type { Told } from "../../kernel/errors.js";
import type { RemovalResult } from "../../vault/vault.ports.js";
import type { Bot } from "./bot.js";
import { BotApiError, isUnknownMethod, refusalText } from "./failures.js";

const MAX_AT_ONCE = 100;
const PLACEHOLDER = { source: Buffer.from("-"), filename: "deleted.bin" };

/** Why nothing can be removed in a chat. */
interface Refusal extends Told {
  /** It is about the bot: another one may. */
  isBots?: boolean;
}

export interface MessagePlace {
  bot: string;
  chat: string;
  messageId: number;
}

/**
 * Removes messages. Telegram lets bots delete for 48 h only; an older document is overwritten with a placeholder,
 * which frees its bytes as well. A Bot API server older than 7.0 deletes them one by one.
 */
export class Removal {
  constructor(
    /** The bot that posted, where it is configured, then all others. */
    private readonly botsFor: (id: string) => readonly Bot[],
    private readonly log: Logger,
  ) {}

  async run(places: readonly MessagePlace[], signal: AbortSignal): Promise<RemovalResult[]> {
    const results = new Map<MessagePlace, RemovalResult>();
    for (const lane of byLane(places)) await this.removeLane(lane, results, signal);
    return places.map((place) => results.get(place) ?? { removed: false, reason: "Not tried." });
  }

  /** What one bot may not do in a chat another one may. What is left is reported as the first one was told. */
  private async removeLane(
    lane: readonly MessagePlace[],
    results: Map<MessagePlace, RemovalResult>,
    signal: AbortSignal,
  ): Promise<void> {
    let why: Told | undefined;
    let isShut = false;
    for (const bot of this.botsFor(lane[0]?.bot ?? "")) {
      const found = new Map<MessagePlace, RemovalResult>();
      const left = lane.filter((place) => !results.has(place));
      const failure = await this.removeAs(bot, left, found, signal);
      for (const [place, result] of found)
        if (why === undefined || result.removed) results.set(place, result);
      why ??= failure && toldOf(failure);
      isShut = failure !== undefined || ![...found.values()].some(({ removed }) => removed);
      if (failure?.isBots !== true) break;
    }
    if (why === undefined) return;
    const refused = { ...notRemoved(why), ...(isShut && { isLanes: true as const }) };
    for (const place of lane) if (!results.has(place)) results.set(place, refused);
  }

  /** @returns why it makes no sense for this bot to go on in this chat, if so */
  private async removeAs(
    bot: Bot,
    places: readonly MessagePlace[],
    results: Map<MessagePlace, RemovalResult>,
    signal: AbortSignal,
  ): Promise<Refusal | undefined> {
    for (const batch of batchesOf(places)) {
      const failure = await this.removeBatch(bot, batch, results, signal);
      // What stopped one batch would stop the next.
      if (failure !== undefined) return failure;
    }
    return undefined;
  }

  private async removeBatch(
    bot: Bot,
    batch: readonly MessagePlace[],
    results: Map<MessagePlace, RemovalResult>,
    signal: AbortSignal,
  ): Promise<Refusal | undefined> {
    const [{ chat } = { chat: "" }] = batch;
    try {
      await bot.call(
        "deleteMessages",
        { chat_id: chat, message_ids: batch.map((place) => place.messageId) },
        signal,
      );
      for (const place of batch) results.set(place, { removed: true });
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      if (!isAboutMessages(error) && !isUnknownMethod(error)) return reasonOf(error);
    }
    for (const place of batch) {
      const failure = await this.removeOne(bot, place, results, signal);
      if (failure !== undefined) return failure;
    }
    return undefined;
  }

  private async removeOne(
    bot: Bot,
    place: MessagePlace,
    results: Map<MessagePlace, RemovalResult>,
    signal: AbortSignal,
  ): Promise<Refusal | undefined> {
    const message = { chat_id: place.chat, message_id: place.messageId };
    const media = { type: "document", media: PLACEHOLDER };
    const attempts = [
      () => bot.call("deleteMessage", message, signal),
      () => bot.call("editMessageMedia", { ...message, media: { ...media } }, signal),
    ];
    let refusal: Told = { message: "Not tried." };
    for (const attempt of attempts) {
      try {
        await attempt();
        results.set(place, { removed: true });
        return undefined;
      } catch (error) {
        signal.throwIfAborted();
        if (isGone(error)) {
          results.set(place, { removed: true });
          return undefined;
        }
        if (!isAboutMessages(error)) return reasonOf(error);
        refusal = reasonOf(error);
      }
    }
    this.log.warn(
      { chat: place.chat, messageId: place.messageId, refusal: operatorText(refusal) },
      "a message could not be removed",
    );
    results.set(place, notRemoved(refusal));
    return undefined;
  }
}

function isAboutMessages(error: unknown): boolean {
  return (
    error instanceof BotApiError && error.code === 400 && !/chat not found|rights/i.test(error.description)
  );
}

function isGone(error: unknown): boolean {
  return (
    isAboutMessages(error) &&
    /message to (delete|edit) not found|message is not modified/i.test((error as Error).message)
  );
}

function notRemoved({ message, forOperators }: Told): RemovalResult & { removed: false } {
  return { removed: false, reason: message, forOperators };
}

function reasonOf(error: unknown): Refusal {
  if (!(error instanceof BotApiError)) return { message: "Telegram cannot be reached. Try again later." };
  if (error.isBusy) return { message: `Telegram asks to wait ${error.retryAfterSeconds ?? 1} s.` };
  return { ...refusalText(error), isBots: !isUnknownMethod(error) };
}

function byLane(places: readonly MessagePlace[]): MessagePlace[][] {
  const lanes = new Map<string, MessagePlace[]>();
  for (const place of places) {
    const key = `${place.bot} ${place.chat}`;
    lanes.set(key, [...(lanes.get(key) ?? []), place]);
  }
  return [...lanes.values()];
}

function batchesOf(lane: readonly MessagePlace[]): MessagePlace[][] {
  const batches: MessagePlace[][] = [];
  for (let at = 0; at < lane.length; at += MAX_AT_ONCE) batches.push(lane.slice(at, at + MAX_AT_ONCE));
  return batches;
}
