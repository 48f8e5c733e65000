import type { IncomingMessage } from "node:http";
import { ControlError } from "./api-error.js";
import type { Faults } from "./faults.js";
import type { FloodLimits } from "./flood.js";
import type { Links } from "./links.js";
import { DEFAULT_SETTINGS, checkFields, checkSettings } from "./settings.js";
import type { SettingChanges, Settings } from "./settings.js";
import type { Store } from "./store.js";

/** One message as the stand-in really has it: what tests compare with what the product believes. */
export interface LedgerEntry {
  chat: string;
  message_id: number;
  bot: string;
  date: number;
  size: number;
  sha256: string;
  file_name: string;
  file_unique_id: string;
  caption: string | undefined;
  deleted: boolean;
  edited: boolean;
  lost: boolean;
}

export interface Stats {
  calls: Record<string, number>;
  bytesIn: number;
  bytesOut: number;
  tooManyRequests: number;
  faults: Record<string, number>;
  messages: number;
  now: number;
  rss: number;
}

/** What happened since the start or the last reset. */
export class Counters {
  calls: Record<string, number> = {};
  bytesIn = 0;
  bytesOut = 0;
  tooManyRequests = 0;

  called(op: string): void {
    this.calls[op] = (this.calls[op] ?? 0) + 1;
  }

  clear(): void {
    Object.assign(this, new Counters());
  }
}

const anId = (value: unknown): boolean => typeof value === "string" || Number.isSafeInteger(value);
const someMs = (value: unknown): boolean => typeof value === "number" && Number.isFinite(value) && value >= 0;

/** Turns the knobs: the same verbs in process and under `/__sandbox/`. */
export class Control {
  private current: Settings;

  constructor(
    private readonly parts: {
      store: Store;
      faults: Faults;
      flood: FloodLimits;
      links: Links;
      counters: Counters;
    },
    private readonly initial: SettingChanges,
    private readonly onSettings: (settings: Settings) => void,
  ) {
    this.current = { ...DEFAULT_SETTINGS, ...checkSettings({ ...initial }) };
  }

  get settings(): Settings {
    return this.current;
  }

  /** Adds a fault: `{match: {service, op, bot, chat}, kind, every | prob | times | after, ...}`. */
  fault(body: object): void {
    this.parts.faults.add({ ...body }, this.current.seed);
  }

  /** Makes a message and its file vanish, as if somebody had removed them in Telegram. */
  lose(body: object): void {
    const { store } = this.parts;
    const { chat_id, message_id } = body as Record<string, unknown>;
    checkFields({ ...body }, { chat_id: anId, message_id: anId }, "lose");
    const message = store.message(String(chat_id), Number(message_id));
    if (message === undefined) throw new ControlError("lose: there is no such message");
    store.change(message, { state: "lost" });
  }

  /** Moves the clock forward: links expire, messages grow older than 48 h, flood windows pass. */
  advance(body: object): void {
    const { ms } = body as { ms?: unknown };
    checkFields({ ...body }, { ms: someMs }, "advance");
    if (ms === undefined) throw new ControlError("advance: ms is needed");
    this.parts.store.advance(Number(ms));
    this.parts.flood.advance(Number(ms));
  }

  config(body: object): void {
    this.current = { ...this.current, ...checkSettings({ ...body }) };
    this.parts.flood.clear();
    this.onSettings(this.current);
  }

  /** Faults, knobs, flood windows and counters as at the start. Messages and the clock stay: time never runs back. */
  reset(body: object = {}): void {
    checkFields({ ...body }, {}, "reset");
    this.current = { ...DEFAULT_SETTINGS, ...this.initial };
    this.parts.faults.clear();
    this.parts.flood.clear();
    this.parts.counters.clear();
    this.onSettings(this.current);
  }

  stats(): Stats {
    const { counters, faults, store } = this.parts;
    const { calls, bytesIn, bytesOut, tooManyRequests } = counters;
    const messages = this.ledger().filter((message) => !message.deleted && !message.lost).length;
    const rss = process.memoryUsage.rss();
    return {
      calls,
      bytesIn,
      bytesOut,
      tooManyRequests,
      faults: faults.fired,
      messages,
      now: store.now(),
      rss,
    };
  }

  ledger(): LedgerEntry[] {
    return [...this.parts.store.everyMessage()].map(({ shown, ...message }) => ({
      chat: message.chat,
      message_id: message.id,
      bot: message.bot,
      date: message.date,
      size: shown?.size ?? 0,
      sha256: shown?.sha256 ?? "",
      file_name: shown?.name ?? "",
      file_unique_id: shown?.uniqueId ?? "",
      caption: message.caption,
      deleted: message.state === "deleted",
      edited: message.editDate !== undefined,
      lost: message.state === "lost",
    }));
  }

  /** Answers `/__sandbox/<verb>`. @throws ControlError for a verb or body it does not know */
  async handle(verb: string, request: IncomingMessage): Promise<unknown> {
    if (request.method === "GET") {
      if (verb === "stats") return this.stats();
      if (verb === "ledger") return this.ledger();
      throw new ControlError(`GET ${verb}: no such control`);
    }
    const verbs: Record<string, (body: object) => void> = {
      fault: (body) => this.fault(body),
      lose: (body) => this.lose(body),
      advance: (body) => this.advance(body),
      config: (body) => this.config(body),
      reset: (body) => this.reset(body),
    };
    const act = request.method === "POST" && Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
    if (act === undefined) throw new ControlError(`${String(request.method)} ${verb}: no such control`);
    act(await readObject(request));
    return { ok: true };
  }
}

async function readObject(request: IncomingMessage): Promise<object> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  try {
    const body: unknown = text === "" ? {} : JSON.parse(text);
    if (typeof body === "object" && body !== null && !Array.isArray(body)) return body;
  } catch {
    // answered below
  }
  throw new ControlError("the body must be a JSON object");
}
