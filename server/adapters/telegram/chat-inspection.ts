import type { LaneHealth } from "../../admin/operations.ports.js";
import type { LaneAddress } from "../../vault/vault.ports.js";
import { AppError, operatorText } from "../../kernel/errors.js";
import type { Bot } from "./bot.js";
import { advice, BotApiError } from "./failures.js";

/** Asks Telegram what a bot is called, whether the chat knows it, and what it may do there. */
export async function inspectLane(bot: Bot, chat: string, signal: AbortSignal): Promise<LaneHealth> {
  const lane: LaneAddress = { bot: bot.id, chat };
  try {
    const me = factsOf(await bot.call("getMe", {}, signal));
    const room = factsOf(await bot.call("getChat", { chat_id: chat }, signal));
    const member = factsOf(
      await bot
        .call("getChatMember", { chat_id: chat, user_id: Number(bot.id) }, signal)
        .catch(() => undefined),
    );
    const isAway = member["status"] === "left" || member["status"] === "kicked";
    const mayPost = isAway ? false : rightOf(member, "can_post_messages");
    return {
      ...lane,
      botName: textOf(me, "username"),
      chatTitle: textOf(room, "title"),
      mayPost,
      mayDelete: rightOf(member, "can_delete_messages"),
      mayPin: rightOf(member, "can_pin_messages") ?? rightOf(member, "can_edit_messages"),
      problem: mayPost === false ? "It may not post. Make it an administrator who may post." : undefined,
    };
  } catch (error) {
    return { ...lane, ...UNKNOWN, problem: problemOf(error) };
  }
}

const UNKNOWN = {
  botName: undefined,
  chatTitle: undefined,
  mayPost: undefined,
  mayDelete: undefined,
  mayPin: undefined,
};

function problemOf(error: unknown): string {
  if (error instanceof BotApiError) return advice(error);
  return error instanceof AppError ? operatorText(error) : "Telegram did not answer in time.";
}

function factsOf(answer: unknown): Record<string, unknown> {
  return typeof answer === "object" && answer !== null ? (answer as Record<string, unknown>) : {};
}

function textOf(facts: Record<string, unknown>, name: string): string | undefined {
  const value = facts[name];
  return typeof value === "string" ? value : undefined;
}

/** Only an administrator's rights are told; a creator has all of them. */
function rightOf(member: Record<string, unknown>, name: string): boolean | undefined {
  if (member["status"] === "creator") return true;
  const value = member[name];
  return typeof value === "boolean" ? value : undefined;
}
