import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ApiError, ControlError } from "./api-error.js";
import { callMethod } from "./api.js";
import { Line } from "./bandwidth.js";
import { Chats } from "./chats.js";
import { Control, Counters } from "./control.js";
import type { LedgerEntry, Stats } from "./control.js";
import { download } from "./download.js";
import { Exchange } from "./exchange.js";
import { Faults } from "./faults.js";
import { FloodLimits } from "./flood.js";
import { botOf, identityIn, isTokenLike } from "./identity.js";
import { Links } from "./links.js";
import { Messages } from "./messages.js";
import { methodTable } from "./methods.js";
import type { RightsRule, SettingChanges, Settings } from "./settings.js";
import { Store } from "./store.js";

export interface TelegramOptions {
  /** Absent or 0: any free port. */
  port?: number;
  /** Absent: a temporary folder, removed on close. */
  dataDir?: string;
  /** Flood limits. Size limits always hold. */
  limits?: boolean;
  tokens?: readonly string[];
  chats?: readonly string[];
  /** How many times faster than real the windows of the flood limits pass. */
  timeScale?: number;
  /** What bots may do where; everything when absent. */
  adminRights?: RightsRule[];
}

/** A running stand-in, with its controls in process: the same verbs as under `/__sandbox/`. */
export interface TelegramStandIn {
  readonly url: string;
  readonly tokens: readonly string[];
  readonly chats: readonly string[];
  fault(body: object): void;
  lose(body: { chat_id: string | number; message_id: number }): void;
  advance(ms: number): void;
  config(changes: SettingChanges): void;
  reset(): void;
  stats(): Stats;
  ledger(): LedgerEntry[];
  close(): Promise<void>;
}

/** Starts a stand-in for api.telegram.org on this machine: the methods that storing documents needs, with limits and faults. */
export async function startTelegram(options: TelegramOptions = {}): Promise<TelegramStandIn> {
  const dataDir = resolve(options.dataDir ?? mkdtempSync(join(tmpdir(), "telegram-")));
  mkdirSync(dataDir, { recursive: true });
  const identity = identityIn(dataDir, options);
  const standIn = new StandIn(dataDir, identity, {
    limits: options.limits ?? false,
    ...(options.timeScale === undefined ? {} : { timeScale: options.timeScale }),
    ...(options.adminRights === undefined ? {} : { rights: options.adminRights }),
  });
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000 }, (request, response) => {
    void standIn.serve(request, response);
  });
  await listen(server, options.port ?? 0);
  const { control } = standIn;
  return {
    ...identity,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fault: (body) => control.fault(body),
    lose: (body) => control.lose(body),
    advance: (ms) => control.advance({ ms }),
    config: (changes) => control.config(changes),
    reset: () => control.reset(),
    stats: () => control.stats(),
    ledger: () => control.ledger(),
    async close() {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
      standIn.store.close();
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((done, failed) => {
    server.once("error", failed).listen(port, "127.0.0.1", () => done());
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ApiError(404, "Not Found");
  }
}

class StandIn {
  readonly store: Store;
  readonly control: Control;
  private readonly tokens: ReadonlySet<string>;
  private readonly faults = new Faults();
  private readonly counters = new Counters();
  private readonly links: Links;
  private readonly methods: ReturnType<typeof methodTable>;
  private upLine = new Line(undefined);
  private downLine = new Line(undefined);

  constructor(
    dataDir: string,
    identity: { tokens: readonly string[]; chats: readonly string[] },
    initial: SettingChanges,
  ) {
    const settings = (): Settings => this.control.settings;
    this.tokens = new Set(identity.tokens);
    this.store = new Store(dataDir);
    this.links = new Links(this.store, settings);
    const { store, faults, links, counters } = this;
    const flood = new FloodLimits(settings);
    const chats = new Chats(identity.chats, settings);
    const messages = new Messages(store, chats, flood);
    this.methods = methodTable({ store, chats, messages, links, settings });
    this.control = new Control({ store, faults, flood, links, counters }, initial, ({ bandwidth }) => {
      this.upLine = new Line(bandwidth.up?.global);
      this.downLine = new Line(bandwidth.down?.global);
    });
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://telegram");
    const [, verb] = /^\/__sandbox\/(\w+)$/.exec(url.pathname) ?? [];
    const [, file, token = "", rest = ""] =
      /^(\/file)?\/bot([^/]+)(?:\/test)?\/(.+)$/.exec(url.pathname) ?? [];
    const bot = isTokenLike(token) ? botOf(token) : undefined;
    const op = file === undefined ? rest : "download";
    const exchange = new Exchange(request, response, this.faults, { op, bot });
    try {
      if (verb !== undefined) {
        exchange.answer(200, (await this.control.handle(verb, request)) as object);
        return;
      }
      if (rest === "") throw new ApiError(404, "Not Found");
      this.counters.called(op);
      const known = this.authorize(decoded(token));
      if (file === undefined) await this.call(exchange, known, url.searchParams);
      else await this.download(exchange, known, decoded(rest));
    } catch (error) {
      this.refuse(exchange, error);
    }
  }

  private authorize(token: string): string {
    if (!isTokenLike(token)) throw new ApiError(401, "Unauthorized: invalid token specified");
    if (!this.tokens.has(token)) throw new ApiError(401, "Unauthorized");
    return botOf(token);
  }

  private call(exchange: Exchange, bot: string, query: URLSearchParams): Promise<void> {
    return callMethod(exchange, bot, query, {
      methods: this.methods,
      settings: () => this.control.settings,
      counters: this.counters,
      incomingDir: this.store.incomingDir,
      upLine: () => this.upLine,
    });
  }

  private download(exchange: Exchange, bot: string, path: string): Promise<void> {
    const { store, links } = this;
    const own = new Line(this.control.settings.bandwidth.down?.perConnection);
    return download(exchange, bot, path, {
      store,
      links,
      settings: () => this.control.settings,
      lines: () => [own, this.downLine],
      onBytes: (count) => (this.counters.bytesOut += count),
    });
  }

  private refuse(exchange: Exchange, error: unknown): void {
    // Cut by a fault or gone by itself: nobody listens any more.
    if (exchange.response.destroyed || exchange.request.socket.destroyed) return;
    if (error instanceof ControlError) {
      exchange.answer(400, { ok: false, error_code: 400, description: error.message });
    } else if (error instanceof ApiError) {
      const { status, description, parameters } = error;
      if (status === 429) this.counters.tooManyRequests += 1;
      const wait = parameters?.retry_after;
      const headers =
        typeof wait === "number" || typeof wait === "string" ? { "Retry-After": String(wait) } : {};
      const more = parameters === undefined ? {} : { parameters };
      exchange.answer(status, { ok: false, error_code: status, description, ...more }, headers);
    } else if (!(error instanceof Error && error.name === "Cut")) {
      process.stderr.write(
        `telegram: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      );
      if (exchange.response.headersSent) exchange.cut();
      exchange.answer(500, { ok: false, error_code: 500, description: "Internal Server Error" });
    }
  }
}
