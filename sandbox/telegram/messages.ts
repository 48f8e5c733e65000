import { badRequest } from "./api-error.js";
import type { Upload } from "./body.js";
import type { Chats } from "./chats.js";
import { fileIdFor, fileOf } from "./file-ids.js";
import { cleanFileName, typeOf } from "./file-names.js";
import type { FloodLimits } from "./flood.js";
import type { Parameters } from "./parameters.js";
import type { Store, StoredFile, StoredMessage } from "./store.js";

const MAX_CAPTION_LENGTH = 1024;
const DELETE_WITHIN_MS = 2 * 86_400_000;
const MAX_DELETED_AT_ONCE = 100;

/** The methods that make, change and delete messages. */
export class Messages {
  constructor(
    private readonly store: Store,
    private readonly chats: Chats,
    private readonly flood: FloodLimits,
  ) {}

  async sendDocument(parameters: Parameters): Promise<object> {
    const { bot } = parameters;
    const chat = this.chats.enter(bot, parameters.text("chat_id"));
    this.chats.mustPost(bot, chat);
    const caption = captionOf(parameters.text("caption"));
    const upload = parameters.upload("document");
    const reference = parameters.text("document");
    if (upload === undefined && reference === undefined)
      throw badRequest("there is no document in the request");
    await this.flood.spaceEqualSizes(bot, parameters.totalFileBytes);
    this.flood.count(bot, chat);
    const file = upload
      ? this.keep(upload, parameters.isTrue("disable_content_type_detection"))
      : this.known(reference ?? "", bot);
    return this.describe(this.store.post({ chat, bot, file: file.number, ...caption }), bot);
  }

  forwardMessage(parameters: Parameters): object {
    return this.describe(this.repeat(parameters, "forward"), parameters.bot);
  }

  copyMessage(parameters: Parameters): object {
    return { message_id: this.repeat(parameters, "copy").id };
  }

  async editMessageMedia(parameters: Parameters): Promise<object> {
    const { bot } = parameters;
    const message = this.editable(parameters);
    const media = parameters.json("media") as { media?: unknown; caption?: unknown } | undefined;
    if (typeof media !== "object" || typeof media.media !== "string")
      throw badRequest("can't parse InputMedia");
    const upload = parameters.attached(media.media);
    const caption = captionOf(typeof media.caption === "string" ? media.caption : undefined);
    await this.flood.spaceEqualSizes(bot, parameters.totalFileBytes);
    this.flood.count(bot, message.chat);
    const file = upload ? this.keep(upload, true) : this.known(media.media, bot);
    if (file.number === message.file && caption.caption === message.caption) throw notModified();
    const edits = { file: file.number, editDate: this.store.now() };
    const changed = this.store.change(message, { caption: undefined, ...caption, ...edits });
    return this.describe(changed, bot);
  }

  editMessageCaption(parameters: Parameters): object {
    const message = this.editable(parameters);
    const { caption } = captionOf(parameters.text("caption"));
    if (caption === message.caption) throw notModified();
    this.flood.count(parameters.bot, message.chat);
    const changed = this.store.change(message, { caption, editDate: this.store.now() });
    return this.describe(changed, parameters.bot);
  }

  deleteMessage(parameters: Parameters): true {
    const { bot } = parameters;
    const chat = this.chats.enter(bot, parameters.text("chat_id"));
    const message = this.store.message(chat, parameters.messageId());
    if (message === undefined) throw badRequest("message to delete not found");
    if (!this.canDelete(message, bot)) throw badRequest("message can't be deleted");
    this.store.change(message, { state: "deleted" });
    return true;
  }

  deleteMessages(parameters: Parameters): true {
    const { bot } = parameters;
    const chat = this.chats.enter(bot, parameters.text("chat_id"));
    const ids = parameters.json("message_ids");
    if (!Array.isArray(ids)) throw badRequest("can't parse message identifiers");
    if (ids.length === 0) throw badRequest("Message identifiers are not specified");
    if (ids.length > MAX_DELETED_AT_ONCE) throw badRequest("Too many message identifiers specified");
    const found = ids
      .map((id) => this.store.message(chat, Number(id)))
      .filter((message) => message !== undefined);
    if (!found.every((message) => this.canDelete(message, bot))) throw badRequest("message can't be deleted");
    for (const message of new Set(found)) this.store.change(message, { state: "deleted" });
    return true;
  }

  pinChatMessage(parameters: Parameters): true {
    const chat = this.chats.enter(parameters.bot, parameters.text("chat_id"));
    const id = parameters.messageId();
    if (this.store.message(chat, id) === undefined) throw badRequest("message to pin not found");
    this.store.pin(chat, [...this.store.pinned(chat).filter((pinned) => pinned !== id), id]);
    return true;
  }

  unpinChatMessage(parameters: Parameters): true {
    const chat = this.chats.enter(parameters.bot, parameters.text("chat_id"));
    const pinned = this.pinnedAlive(chat);
    const id = parameters.messageId() || pinned.at(-1);
    if (id === undefined || !pinned.includes(id)) throw badRequest("message to unpin not found");
    this.store.pin(
      chat,
      pinned.filter((one) => one !== id),
    );
    return true;
  }

  /** The newest pinned message that still exists, as getChat shows it. */
  pinned(chat: string, bot: string): object | undefined {
    const id = this.pinnedAlive(chat).at(-1);
    const message = id === undefined ? undefined : this.store.message(chat, id);
    return message && this.describe(message, bot);
  }

  private pinnedAlive(chat: string): number[] {
    return this.store.pinned(chat).filter((id) => this.store.message(chat, id) !== undefined);
  }

  private repeat(parameters: Parameters, how: "forward" | "copy"): StoredMessage {
    const { bot } = parameters;
    const chat = this.chats.enter(bot, parameters.text("chat_id"));
    this.chats.mustPost(bot, chat);
    const from = this.chats.enter(bot, parameters.text("from_chat_id"));
    const original = this.store.message(from, parameters.messageId());
    if (original === undefined) throw badRequest(`message to ${how} not found`);
    this.flood.count(bot, chat);
    const { caption } =
      how === "copy" && parameters.text("caption") !== undefined
        ? captionOf(parameters.text("caption"))
        : original;
    return this.store.post({
      chat,
      bot,
      file: original.file,
      ...(caption === undefined ? {} : { caption }),
      ...(how === "forward" ? { forwarded: true } : {}),
    });
  }

  private editable(parameters: Parameters): StoredMessage {
    const { bot } = parameters;
    const chat = this.chats.enter(bot, parameters.text("chat_id"));
    const message = this.store.message(chat, parameters.messageId());
    if (message === undefined) throw badRequest("message to edit not found");
    const rights = this.chats.rights(bot, chat);
    const mayEdit = rights.can_edit_messages || (message.bot === bot && rights.can_post_messages);
    if (!mayEdit || message.forwarded === true) throw badRequest("message can't be edited");
    return message;
  }

  private canDelete(message: StoredMessage, bot: string): boolean {
    const rights = this.chats.rights(bot, message.chat);
    const mayDelete = rights.can_delete_messages || (message.bot === bot && rights.can_post_messages);
    return mayDelete && this.store.now() - message.date <= DELETE_WITHIN_MS;
  }

  private keep(upload: Upload, plain: boolean): StoredFile {
    if (upload.size === 0) throw badRequest("file must be non-empty");
    const name = cleanFileName(upload.fileName);
    const type = typeOf(name);
    return this.store.keep(upload, { name, mime: type.mime, kind: plain ? "document" : type.kind });
  }

  private known(reference: string, bot: string): StoredFile {
    const wrong = "wrong file identifier/HTTP URL specified";
    const number = fileOf(reference, bot, wrong);
    const file = this.store.file(number);
    if (file === undefined || !this.store.isShown(number)) throw badRequest(wrong);
    return file;
  }

  private describe(message: StoredMessage, bot: string): object {
    const chat = this.chats.describe(message.chat);
    const file = this.store.file(message.file);
    const origin = { type: "channel", chat, message_id: message.id, date: Math.floor(message.date / 1000) };
    return {
      message_id: message.id,
      sender_chat: chat,
      chat,
      date: Math.floor(message.date / 1000),
      ...(message.editDate === undefined ? {} : { edit_date: Math.floor(message.editDate / 1000) }),
      ...(message.forwarded === true ? { forward_origin: origin } : {}),
      ...(file === undefined ? {} : media(file, bot)),
      ...(message.caption === undefined ? {} : { caption: message.caption }),
    };
  }
}

function media(file: StoredFile, bot: string): object {
  const document = {
    file_name: file.name,
    mime_type: file.mime,
    file_id: fileIdFor(bot, file.number),
    file_unique_id: file.uniqueId,
    file_size: file.size,
  };
  // An animation carries a document too, for clients that do not know animations.
  return file.kind === "animation" ? { animation: document, document } : { [file.kind]: document };
}

function captionOf(text: string | undefined): { caption?: string } {
  if (text === undefined || text === "") return {};
  if ([...text].length > MAX_CAPTION_LENGTH) throw badRequest("message caption is too long");
  return { caption: text };
}

function notModified(): Error {
  return badRequest(
    "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
  );
}
