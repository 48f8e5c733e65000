import { ApiError, badRequest } from "./api-error.js";
import type { RightsRule, Settings } from "./settings.js";

export interface Rights {
  status: "administrator" | "left" | "kicked";
  can_post_messages: boolean;
  can_edit_messages: boolean;
  can_delete_messages: boolean;
}

/** The channels there are, and what each bot may do in them. */
export class Chats {
  constructor(
    readonly ids: readonly string[],
    private readonly settings: () => Settings,
  ) {}

  /** The id of a chat that exists and in which the bot is. @throws ApiError 400 or 403 otherwise */
  enter(bot: string, given: string | undefined): string {
    if (given === undefined || given === "") throw badRequest("chat_id is empty");
    if (!this.ids.includes(given)) throw badRequest("chat not found");
    const { status } = this.rights(bot, given);
    if (status === "kicked") throw new ApiError(403, "Forbidden: bot was kicked from the channel chat");
    if (status === "left") throw new ApiError(403, "Forbidden: bot is not a member of the channel chat");
    return given;
  }

  rights(bot: string, chat: string): Rights {
    const rules = this.settings().rights.filter(
      (rule) => (rule.bot ?? bot) === bot && (rule.chat ?? chat) === chat,
    );
    const latest = <K extends keyof RightsRule>(name: K): RightsRule[K] | undefined =>
      rules.map((rule) => rule[name]).findLast((value) => value !== undefined);
    return {
      status: latest("status") ?? "administrator",
      can_post_messages: latest("can_post_messages") ?? true,
      can_edit_messages: latest("can_edit_messages") ?? true,
      can_delete_messages: latest("can_delete_messages") ?? true,
    };
  }

  mustPost(bot: string, chat: string): void {
    if (!this.rights(bot, chat).can_post_messages) {
      throw badRequest("need administrator rights in the channel chat");
    }
  }

  describe(chat: string): { id: number; title: string; type: string } {
    return { id: Number(chat), title: `Channel ${this.ids.indexOf(chat) + 1}`, type: "channel" };
  }
}
