import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Children } from "../scripts/children.js";
import { GraphqlClient } from "../scripts/graphql-client.js";
import { withoutProductVariables } from "../scripts/settings.js";
import { serverProgram } from "../scripts/server-program.js";
import { standInProgram, standInsOf } from "../scripts/stand-ins.js";
import type { StandIns } from "../scripts/stand-ins.js";
import type { Service } from "../scripts/services.js";
import { SERVICES_VARIABLE } from "./peers/peer.js";
import type { Services } from "./peers/services.js";
import { Server } from "./server.js";

const ADMIN = { ADMIN_EMAIL: "bench@telestash.local", ADMIN_PASSWORD: "correct horse battery staple" };
/** So many that the lanes never make a send wait. */
const NO_PACE = "1000000";
const LOGIN = `mutation ($input: LoginInput!) { login(input: $input) { accessToken } }`;

const REGISTER = `mutation ($input: RegisterInput!) { register(input: $input) { accessToken } }`;

export interface Peer {
  readonly pid: number;
  readonly url: string;
}

/** The stand-ins with their limits off, and the processes that are held against each other, all children of this one. */
export class World {
  private readonly children = new Children();
  private servers = 0;
  private members = 0;

  private constructor(
    private readonly dataDir: string,
    private standIns: StandIns | undefined,
    readonly services: Services,
  ) {}

  static async start(): Promise<World> {
    const dataDir = mkdtempSync(path.join(tmpdir(), "telestash-bench-"));
    process.once("exit", () => rmSync(dataDir, { recursive: true, force: true }));
    const empty = { url: "", tokens: [], chats: [] };
    const none = { ...empty, tokenUrl: "", clientId: "", clientSecret: "", refreshToken: "" };
    const world = new World(dataDir, undefined, { drive: none, telegram: empty });
    await world.startStandIns();
    return world;
  }

  /** A server of its own process on an empty database, with an administrator signed in. */
  async server(role: "api" | "all", settings: Record<string, string> = {}): Promise<Server> {
    this.servers += 1;
    const environment = {
      ...withoutProductVariables(process.env),
      ...this.standIns?.environment,
      ...ADMIN,
      DATA_DIR: path.join(this.dataDir, `server-${this.servers}`),
      MONGODB_DATABASE: `bench-${this.servers}`,
      TELEGRAM_LANE_PER_MINUTE: NO_PACE,
      PORT: "0",
      LOG_LEVEL: "error",
      ...settings,
    };
    const child = await this.children.start(serverProgram(role, environment));
    const url = String(child.announcement["url"]);
    return new Server(child.pid, url, await this.signIn(url));
  }

  /** A new session of a server's administrator. @returns the access token */
  async signIn(url: string): Promise<string> {
    const { ADMIN_EMAIL: login, ADMIN_PASSWORD: password } = ADMIN;
    const client = new GraphqlClient(`${url}/graphql`);
    const session = await client.run<{ login: { accessToken: string } }>(LOGIN, {
      input: { login, password },
    });
    return session.login.accessToken;
  }

  /** The same server as a new user sees it. */
  async member(server: Server): Promise<Server> {
    const client = new GraphqlClient(`${server.url}/graphql`);
    this.members += 1;
    const username = `member-${this.members}`;
    const input = {
      ...{ username, email: `${username}@telestash.local`, password: ADMIN.ADMIN_PASSWORD },
      ...{ acceptTerms: true, acceptPrivacy: true },
    };
    const session = await client.run<{ register: { accessToken: string } }>(REGISTER, { input });
    return new Server(server.pid, server.url, session.register.accessToken);
  }

  /** @param file name of a program in bench/peers */
  async peer(file: "receive" | "copy" | "serve" | "apollo-express"): Promise<Peer> {
    const child = await this.children.start({
      name: `peer ${file}`,
      file: path.resolve(import.meta.dirname, `peers/${file}.js`),
      args: [],
      env: { ...process.env, [SERVICES_VARIABLE]: JSON.stringify(this.services) },
    });
    return { pid: child.pid, url: String(child.announcement["url"]) };
  }

  /** Where the database is. */
  get mongodb(): string {
    return this.standIns?.mongodb ?? "";
  }

  /** Turns a knob of the Telegram stand-in. */
  async telegram(verb: "config" | "fault" | "reset", body: object = {}): Promise<void> {
    await control(this.services.telegram.url, verb, body);
  }

  async telegramStats(): Promise<{ tooManyRequests: number }> {
    const response = await fetch(`${this.services.telegram.url}/__sandbox/stats`);
    return (await response.json()) as { tooManyRequests: number };
  }

  /** How many downloads of parts were begun. */
  async telegramDownloads(): Promise<number> {
    const response = await fetch(`${this.services.telegram.url}/__sandbox/stats`);
    const { calls } = (await response.json()) as { calls: Record<string, number> };
    return calls["download"] ?? 0;
  }

  /** Removes every staged file, so that the disk does not fill while rounds go on. */
  async emptyDrive(): Promise<void> {
    await control(this.services.drive.url, "reset", { files: true });
  }

  /** Deletes every message for the same reason. */
  async emptyTelegram(): Promise<void> {
    const { url, tokens } = this.services.telegram;
    const answer = await fetch(`${url}/__sandbox/ledger`);
    const messages = (await answer.json()) as { chat: string; message_id: number; deleted: boolean }[];
    for (const { chat, message_id, deleted } of messages) {
      if (deleted) continue;
      const query = `chat_id=${encodeURIComponent(chat)}&message_id=${message_id}`;
      await (await fetch(`${url}/bot${tokens[0]}/deleteMessage?${query}`)).arrayBuffer();
    }
  }

  async close(): Promise<void> {
    await this.children.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  private async startStandIns(): Promise<void> {
    const names: readonly Service[] = ["mongodb", "telegram", "drive"];
    const plan = { standIns: names, dataDir: this.dataDir, sandboxLimits: false, readyFile: undefined };
    const started = await Promise.all(
      names.map(async (name) => {
        return [name, await this.children.start(standInProgram(name, plan, process.env))] as const;
      }),
    );
    this.standIns = standInsOf(new Map(started));
    const { drive, telegram } = this.standIns;
    if (drive === null || telegram === null) throw new Error("A stand-in did not say where it is.");
    Object.assign(this.services, { drive, telegram });
  }
}

async function control(url: string, verb: string, body: object): Promise<void> {
  const response = await fetch(`${url}/__sandbox/${verb}`, { method: "POST", body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${verb} answered ${response.status}: ${await response.text()}`);
}
