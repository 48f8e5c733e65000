import type { Agent } from "node:http";
import { Readable } from "node:stream";
import { unavailable, unavailableUntilMended } from "../../kernel/errors.js";
import type { Logger } from "../../kernel/log.js";
import type { ByteRange } from "../../vault/blob.js";
import { ChatRefused } from "../../vault/vault.ports.js";
import type {
  ChatStore,
  LaneAddress,
  MessageLocation,
  OutgoingDocument,
  RemovalResult,
} from "../../vault/vault.ports.js";
import { Adoption, documentIn } from "./adoption.js";
import type { ChatInspector, LaneHealth } from "../../admin/operations.ports.js";
import { inspectLane } from "./chat-inspection.js";
import { keepAliveAgent, watchfulAgent } from "./agent.js";
import { Bot, PATIENCE } from "./bot.js";
import type { Patience } from "./bot.js";
import { Downloads } from "./download.js";
import { BotApiError, Redactor, advice, asSendFailure, isOfRefusedToken } from "./failures.js";
import { FileLinks } from "./file-links.js";
import { LastAnswer } from "./last-answer.js";
import { Removal } from "./removal.js";
import type { MessagePlace } from "./removal.js";

/** Telegram's own constant: a larger document can be stored but never read back from the public server. */
const MAX_DOCUMENT_BYTES = 20 << 20;
const MAX_LOCAL_DOCUMENT_BYTES = 2000 * 1024 * 1024;

const SLICE_BYTES = 256 * 1024;

export interface TelegramChatOptions {
  tokens: readonly string[];
  /** The first one is the primary chat. */
  chats: readonly string[];
  apiRoot: string;
  /** The API root is a local Bot API server, with its larger limits and its paths on this machine. */
  local: boolean;
  log: Logger;
  patience?: Partial<Patience>;
}

/** Keeps documents in Telegram chats through the Bot API. No error, log line or stack that leaves it holds a token. */
export class TelegramChat implements ChatStore, ChatInspector {
  readonly lanes: readonly LaneAddress[];
  private readonly bots: ReadonlyMap<string, Bot>;
  private readonly agents: readonly Agent[];
  private readonly links: FileLinks;
  private readonly adoption: Adoption;
  private readonly downloads: Downloads;
  private readonly removal: Removal;
  private onStray: (stray: MessagePlace) => void = () => undefined;

  constructor(private readonly options: TelegramChatOptions) {
    const { tokens, chats, apiRoot, local, log } = options;
    const patience = { ...PATIENCE, ...options.patience };
    const redactor = new Redactor(tokens);
    const shared = { apiRoot, patience, redactor };
    const callAgent = watchfulAgent(apiRoot, patience.idleMs);
    const downloadAgent = keepAliveAgent(apiRoot);
    this.agents = [callAgent, downloadAgent];
    const bots = tokens.map((token) => new Bot(token, { ...shared, agent: callAgent }));
    this.bots = new Map(bots.map((bot) => [bot.id, bot]));
    this.lanes = chats.flatMap((chat) => bots.map((bot) => ({ bot: bot.id, chat })));
    this.adoption = new Adoption(bots, (stray) => this.onStray(stray));
    this.links = new FileLinks((id) => this.bot(id));
    this.downloads = new Downloads({ ...shared, agent: downloadAgent, local });
    const ownFirst = (id: string) => bots.toSorted((a, b) => Number(b.id === id) - Number(a.id === id));
    this.removal = new Removal(ownFirst, log);
  }

  /** @param listener told of a message that nothing refers to, since it could not be deleted when it was to be */
  reportStrays(listener: (stray: MessagePlace) => Promise<void>): void {
    this.onStray = (stray) => {
      listener(stray).catch((error: unknown) => {
        this.options.log.error({ ...stray, err: error }, "a message that must go could not be listed");
      });
    };
  }

  async send(lane: LaneAddress, document: OutgoingDocument, signal: AbortSignal): Promise<MessageLocation> {
    const { name, caption, bytes } = document;
    this.refuseUnstorable(bytes.length);
    const last = new LastAnswer(signal);
    const content = slices(bytes, () => last.expect());
    const payload = {
      chat_id: lane.chat,
      caption,
      disable_content_type_detection: true,
      disable_notification: true,
      // Given the whole buffer, telegraf would copy it with every send.
      document: { source: Readable.from(content, { objectMode: false }), filename: headerSafe(name) },
    };
    const { log } = this.options;
    try {
      const message = await this.bot(lane.bot).call("sendDocument", payload, last.signal, bytes.length);
      // The size is optional in the Bot API; without it only reading back tells.
      return { bot: lane.bot, chat: lane.chat, sizeBytes: bytes.length, ...documentIn(message) };
    } catch (error) {
      if (error instanceof BotApiError) {
        const { code, description } = error;
        log.warn({ bot: lane.bot, chat: lane.chat, code, description }, "Telegram did not take a document");
      }
      throw asSendFailure(error);
    } finally {
      last.close();
    }
  }

  async open(stored: MessageLocation, range: ByteRange, signal: AbortSignal): Promise<Readable> {
    const adopted = (): Promise<MessageLocation> => this.adoption.find(stored, signal);
    if (!this.isHeard(stored.bot)) return this.openAt(await adopted(), range, signal);
    try {
      return await this.openAt(stored, range, signal);
    } catch (error) {
      if (!isOfRefusedToken(error) || this.bots.size === 1) throw error;
      return this.openAt(await adopted(), range, signal);
    }
  }

  /** Whether it makes sense to ask a bot for its documents, rather than another one. */
  private isHeard(bot: string): boolean {
    return this.bots.has(bot) && (this.bots.size === 1 || !this.links.isRefused(bot));
  }

  private async openAt(location: MessageLocation, range: ByteRange, signal: AbortSignal): Promise<Readable> {
    const { token } = this.bot(location.bot);
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const path = await this.links.path(location, signal);
      const stream = await this.downloads.open({ token, path, sizeBytes: location.sizeBytes }, range, signal);
      if (stream !== undefined) return stream;
      this.links.forget(location);
    }
    throw unavailable("Telegram gives no working link for a document now.");
  }

  prefetch(location: MessageLocation): void {
    if (this.isHeard(location.bot)) this.links.prefetch(location);
  }

  remove(locations: readonly MessagePlace[], signal: AbortSignal): Promise<RemovalResult[]> {
    return this.removal.run(locations, signal);
  }

  async check(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.bots.values()].map((bot) => this.checkBot(bot, signal)));
  }

  inspect(signal: AbortSignal): Promise<LaneHealth[]> {
    const { chats } = this.options;
    const asked = chats.flatMap((chat) =>
      [...this.bots.values()].map((bot) => inspectLane(bot, chat, signal)),
    );
    return Promise.all(asked);
  }

  /** Ends what is going on in the background and lets go of idle connections. */
  close(): void {
    this.links.close();
    this.adoption.close();
    for (const agent of this.agents) agent.destroy();
  }

  private async checkBot(bot: Bot, signal: AbortSignal): Promise<void> {
    await explained(`Bot ${bot.id}`, bot.call("getMe", {}, signal));
    for (const chat of this.options.chats) {
      const who = `Bot ${bot.id} in chat ${chat}`;
      await explained(who, bot.call("getChat", { chat_id: chat }, signal));
      // Where nobody tells what the bot may do, the first document will.
      const member = await bot
        .call("getChatMember", { chat_id: chat, user_id: Number(bot.id) }, signal)
        .catch(() => undefined);
      if (member !== undefined && !mayPost(member))
        throw unavailableUntilMended(`${who} may not post.`, "Make it an administrator who may post.");
    }
  }

  private bot(id: string): Bot {
    const bot = this.bots.get(id);
    if (bot === undefined)
      throw unavailableUntilMended(
        "A bot that keeps parts of this is not configured.",
        `Add the token of bot ${id} to TELEGRAM_BOT_TOKEN.`,
      );
    return bot;
  }

  private refuseUnstorable(bytes: number): void {
    const most = this.options.local ? MAX_LOCAL_DOCUMENT_BYTES : MAX_DOCUMENT_BYTES;
    if (bytes === 0) throw new ChatRefused("Telegram does not keep empty documents.");
    if (bytes > most) {
      throw new ChatRefused(
        `A document of ${bytes} bytes could not be read back: at most ${most} are allowed.`,
      );
    }
  }
}

function mayPost(member: unknown): boolean {
  const { status, can_post_messages: canPost } = (member ?? {}) as Record<string, unknown>;
  return status !== "left" && status !== "kicked" && canPost !== false;
}

async function explained(who: string, call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof BotApiError)
      throw unavailableUntilMended(`${who} is refused.`, advice(error), error);
    throw error;
  }
}

/** telegraf puts the name into a header as it is, so quotes and line breaks would break the request. */
function headerSafe(name: string): string {
  return name.replace(/[^\w.-]/g, "_");
}

function* slices(bytes: Buffer, onEnd: () => void): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) yield bytes.subarray(at, at + SLICE_BYTES);
  onEnd();
}
