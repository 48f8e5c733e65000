import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BadControl, Faults } from "./faults.js";
import type { FaultInput } from "./faults.js";
import { Outbox } from "./outbox.js";
import type { Message } from "./outbox.js";
import { PAGE_HEADERS, renderPage } from "./page.js";
import { startSmtp } from "./smtp.js";

export interface MailOptions {
  /** Of the outbox over HTTP. */
  port?: number;
  smtpPort?: number;
  /** Absent: a temporary folder, removed on close. */
  dataDir?: string;
}

/** A running stand-in for a mail server: everything sent through it lands in its outbox. */
export interface MailSandbox {
  readonly url: string;
  readonly smtp: { host: string; port: number; username: string; password: string };
  fault(input: FaultInput): void;
  /** Ends all faults; with `messages`, empties the outbox too. */
  reset(input?: { messages?: boolean }): void;
  /** Newest first. */
  messages(): readonly Message[];
  close(): Promise<void>;
}

const MAX_CONTROL_BYTES = 64 * 1024;

/** Starts an SMTP server and its outbox over HTTP on the loopback interface. */
export async function startMail({ port = 0, smtpPort = 0, dataDir }: MailOptions = {}): Promise<MailSandbox> {
  const directory = dataDir ?? (await mkdtemp(join(tmpdir(), "sandbox-mail-")));
  mkdirSync(directory, { recursive: true });
  const outbox = await Outbox.open(directory);
  const faults = new Faults();
  const credentials = keepCredentials(directory);
  const smtp = await startSmtp({ port: smtpPort, credentials, outbox, faults });
  const reset = (input: { messages?: boolean } = {}): void => {
    faults.clear();
    if (input.messages === true) outbox.clear();
  };
  const server = createServer((req, res) => {
    answer({ outbox, faults, reset }, req, res).catch((error: unknown) => {
      const isRefusal = error instanceof BadControl || error instanceof SyntaxError;
      reply(res, isRefusal ? 400 : 500, { error: isRefusal ? error.message : "failed" });
    });
  });
  await listen(server, port);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    smtp: { host: "127.0.0.1", port: smtp.port, ...credentials },
    fault: (input) => faults.add(input),
    reset,
    messages: () => outbox.messages,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await Promise.all([closed, smtp.close()]);
      if (dataDir === undefined) await rm(directory, { recursive: true, force: true });
    },
  };
}

interface Parts {
  outbox: Outbox;
  faults: Faults;
  reset: (input?: { messages?: boolean }) => void;
}

async function answer(
  { outbox, faults, reset }: Parts,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const path = new URL(req.url ?? "/", "http://sandbox").pathname;
  switch (`${req.method ?? ""} ${path}`) {
    case "GET /":
      return void res.writeHead(200, PAGE_HEADERS).end(renderPage(outbox.messages));
    case "GET /messages.json":
      return reply(res, 200, outbox.messages);
    case "POST /__sandbox/fault":
      faults.add(await readJson(req));
      return reply(res, 200, { ok: true });
    case "POST /__sandbox/reset":
      reset(checkReset(await readJson(req)));
      return reply(res, 200, { ok: true });
    case "GET /__sandbox/stats":
      return reply(res, 200, { messages: outbox.messages.length, rss: process.memoryUsage.rss() });
  }
  const id = /^\/messages\/([\w-]+)\.eml$/.exec(path)?.[1];
  const raw = id === undefined || req.method !== "GET" ? undefined : outbox.raw(id);
  if (raw === undefined) return reply(res, 404, { error: "not found" });
  // As text, so that a browser shows the source and runs nothing.
  res
    .writeHead(200, { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" })
    .end(raw);
}

function reply(res: ServerResponse, status: number, body: unknown): void {
  if (!res.headersSent) res.writeHead(status, { "content-type": "application/json" });
  res.end(JSON.stringify(body));
}

async function readJson(req: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_CONTROL_BYTES) throw new BadControl("the body is too large");
    chunks.push(chunk);
  }
  return size === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString("utf8")) as unknown);
}

function checkReset(input: unknown): { messages?: boolean } {
  const fields = Object.entries(input ?? {});
  for (const [name, value] of fields) {
    if (name !== "messages" || typeof value !== "boolean")
      throw new BadControl("reset takes messages: true or false");
  }
  return Object.fromEntries(fields);
}

function keepCredentials(directory: string): { username: string; password: string } {
  const path = join(directory, "credentials.json");
  if (existsSync(path))
    return JSON.parse(readFileSync(path, "utf8")) as { username: string; password: string };
  const credentials = { username: "sandbox", password: randomBytes(18).toString("base64url") };
  writeFileSync(path, JSON.stringify(credentials), { mode: 0o600 });
  return credentials;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });
}
