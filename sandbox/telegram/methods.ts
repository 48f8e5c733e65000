import { setTimeout as delay } from "node:timers/promises";
import { ApiError, badRequest } from "./api-error.js";
import type { Chats } from "./chats.js";
import { fileOf } from "./file-ids.js";
import type { Links } from "./links.js";
import type { Messages } from "./messages.js";
import type { Parameters } from "./parameters.js";
import type { Settings } from "./settings.js";
import type { Store } from "./store.js";

export type Method = (parameters: Parameters) => unknown;

/** Telegram's own constant: a larger document can be stored but never fetched back from the public server. */
export const MAX_DOWNLOAD_BYTES = 20 << 20;

interface Parts {
  store: Store;
  chats: Chats;
  messages: Messages;
  links: Links;
  settings: () => Settings;
}

/** Method name in lower case -> what it does. Everything else is "method not found". */
export function methodTable({ store, chats, messages, links, settings }: Parts): Map<string, Method> {
  const fetched = new Set<number>();

  const getMe: Method = ({ bot }) => ({
    ...describeBot(bot),
    can_join_groups: true,
    can_read_all_group_messages: false,
  });

  const getChat: Method = (parameters) => {
    const chat = chats.enter(parameters.bot, parameters.text("chat_id"));
    const pinned = messages.pinned(chat, parameters.bot);
    const pinnedMessage = pinned === undefined ? {} : { pinned_message: pinned };
    return { ...chats.describe(chat), accent_color_id: 0, max_reaction_count: 11, ...pinnedMessage };
  };

  const getChatMember: Method = (parameters) => {
    const chat = chats.enter(parameters.bot, parameters.text("chat_id"));
    const user = parameters.text("user_id") ?? "";
    if (user !== parameters.bot) throw badRequest("member not found");
    const { status, ...rights } = chats.rights(user, chat);
    return { user: describeBot(user), status, can_be_edited: false, is_anonymous: false, ...rights };
  };

  const getFile: Method = async (parameters) => {
    const fileId = parameters.text("file_id");
    if (fileId === undefined || fileId === "") throw badRequest("file_id not specified");
    const gone = "wrong file_id or the file is temporarily unavailable";
    const number = fileOf(fileId, parameters.bot, gone);
    const file = store.file(number);
    if (file === undefined || !store.isShown(number)) throw badRequest(gone);
    const { local, getFileBps } = settings();
    if (!local && file.size > MAX_DOWNLOAD_BYTES) throw badRequest("file is too big");
    if (getFileBps !== undefined && !fetched.has(number)) await delay((file.size / getFileBps) * 1000);
    fetched.add(number);
    return {
      file_id: fileId,
      file_unique_id: file.uniqueId,
      file_size: file.size,
      file_path: local ? store.pathOf(number) : links.make(parameters.bot, file),
    };
  };

  const methods: Record<string, Method> = {
    getMe,
    getChat,
    getChatMember,
    getFile,
    sendDocument: (parameters) => messages.sendDocument(parameters),
    forwardMessage: (parameters) => messages.forwardMessage(parameters),
    copyMessage: (parameters) => messages.copyMessage(parameters),
    editMessageMedia: (parameters) => messages.editMessageMedia(parameters),
    editMessageCaption: (parameters) => messages.editMessageCaption(parameters),
    deleteMessage: (parameters) => messages.deleteMessage(parameters),
    deleteMessages: (parameters) => messages.deleteMessages(parameters),
    pinChatMessage: (parameters) => messages.pinChatMessage(parameters),
    unpinChatMessage: (parameters) => messages.unpinChatMessage(parameters),
  };
  return new Map(Object.entries(methods).map(([name, method]) => [name.toLowerCase(), method]));
}

export function methodNotFound(): ApiError {
  return new ApiError(404, "Not Found: method not found");
}

function describeBot(bot: string): object {
  return { id: Number(bot), is_bot: true, first_name: "Stash", username: `stash${bot}_bot` };
}
