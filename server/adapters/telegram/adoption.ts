import { notFound, unavailable } from "../../kernel/errors.js";
import type { MessageLocation } from "../../vault/vault.ports.js";
import type { Bot } from "./bot.js";
import { BotApiError, asUnavailable } from "./failures.js";
import type { MessagePlace } from "./removal.js";
import { untilAborted } from "./until-aborted.js";

const MAX_KEPT = 10_000;

/** The part of a message that says where its document lies, whatever Telegram took the document for. */
export function documentIn(message: unknown): DocumentPlace {
  const { message_id: messageId, document, animation, video, audio } = fieldsOf(message);
  const media = fieldsOf(document ?? animation ?? video ?? audio);
  const { file_id: fileId, file_unique_id: fileUniqueId, file_size: size } = media;
  if (typeof messageId !== "number" || typeof fileId !== "string" || typeof fileUniqueId !== "string") {
    throw unavailable("Telegram's answer about a document cannot be understood.");
  }
  return { messageId, fileId, fileUniqueId, ...(typeof size === "number" ? { sizeBytes: size } : {}) };
}

interface DocumentPlace {
  messageId: number;
  fileId: string;
  fileUniqueId: string;
  sizeBytes?: number;
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/**
 * Documents of bots that are not configured any more, or whose tokens are not accepted. File ids belong to one bot, chat and message survive it: another
 * bot of the chat forwards the message within the chat, which gives it a file id of its own, and deletes the forward.
 */
export class Adoption {
  private readonly adopted = new Map<string, Promise<MessageLocation>>();

  private readonly stop = new AbortController();

  /** @param onStray told of a forward that could not be deleted again: it holds somebody's bytes */
  constructor(
    private readonly bots: readonly Bot[],
    private readonly onStray: (stray: MessagePlace) => void,
  ) {}

  /** @throws AppError NOT_FOUND when the message is gone, UNAVAILABLE when no bot can reach it now */
  find(location: MessageLocation, signal: AbortSignal): Promise<MessageLocation> {
    const key = `${location.chat}:${location.messageId}`;
    return untilAborted(this.adopted.get(key) ?? this.start(key, location), signal);
  }

  close(): void {
    this.stop.abort();
  }

  private start(key: string, location: MessageLocation): Promise<MessageLocation> {
    const adopting = this.adopt(location, this.stop.signal);
    adopting.catch(() => this.adopted.delete(key));
    this.adopted.set(key, adopting);
    const [oldest] = this.adopted.keys();
    if (this.adopted.size > MAX_KEPT && oldest !== undefined) this.adopted.delete(oldest);
    return adopting;
  }

  private async adopt(location: MessageLocation, signal: AbortSignal): Promise<MessageLocation> {
    const { chat, messageId } = location;
    const within = { chat_id: chat, from_chat_id: chat, message_id: messageId, disable_notification: true };
    let failure: unknown = unavailable("No bot is configured.");
    for (const bot of this.bots.filter(({ id }) => id !== location.bot)) {
      try {
        const forward = documentIn(await bot.call("forwardMessage", within, signal, location.sizeBytes));
        const place = { bot: bot.id, chat, messageId: forward.messageId };
        await bot
          .call("deleteMessage", { chat_id: chat, message_id: forward.messageId }, signal)
          .catch(() => this.onStray(place));
        return { ...location, bot: bot.id, fileId: forward.fileId };
      } catch (error) {
        signal.throwIfAborted();
        failure = isGone(error) ? notFound("Document") : asUnavailable(error);
        if (isGone(error)) break;
      }
    }
    throw failure;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof BotApiError && /message to forward not found/i.test(error.description);
}
