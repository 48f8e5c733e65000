import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { eventually } from "./eventually.js";
import { sdkFor } from "./graphql.js";
import { administratorOf, personFor } from "./start-server.js";
import type { Person, World } from "./start-server.js";

const MAIN = path.resolve(import.meta.dirname, "../../dist/server/main.js");

/** Below those that systems hand out by themselves: nobody gets one of them while its server is down. */
const PORTS = { from: 10_000, to: 16_000 };

/** A port that is free, and stays so for a server that is started again where it was. */
export async function freePort(): Promise<number> {
  const port = randomInt(PORTS.from, PORTS.to);
  const server = createServer();
  const isFree = await new Promise<boolean>((done) => {
    server.once("error", () => done(false)).listen(port, "127.0.0.1", () => done(true));
  });
  if (!isFree) return freePort();
  await new Promise((done) => server.close(done));
  return port;
}

export type ChildServer = Awaited<ReturnType<typeof childServer>>;

/** The built server as a process of its own, to be killed and started again over the same world. */
export async function childServer(world: World, settings: Record<string, string> = {}) {
  if (!existsSync(MAIN))
    throw new Error(`${MAIN} is missing. Run the tests by npm test, which builds first.`);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const environment = { ...world.environment, PORT: String(port), ...settings };
  let running: ReturnType<typeof start> | undefined;

  function start() {
    const child = spawn(process.execPath, [MAIN, "all", "--no-env-file", "--exit-with-parent"], {
      env: { PATH: process.env["PATH"], ...environment },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const output = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
    let code: number | string | undefined;
    child.on("close", (status, signal) => (code = status ?? signal ?? 0));
    return { child, output, code: () => code };
  }

  return {
    url,
    /** Starts it, and waits until it answers. */
    async start(): Promise<void> {
      const fresh = start();
      running = fresh;
      await eventually(
        () => ({ ready: fresh.output.stdout.includes('"ready":true'), code: fresh.code(), ...fresh.output }),
        ({ ready, code }) => ready || code !== undefined,
      );
      if (fresh.code() !== undefined) throw new Error(`It ended instead:\n${fresh.output.stderr}`);
    },
    /** Ends it. @returns its exit code or signal, and how long that took */
    async end(
      signal: NodeJS.Signals,
    ): Promise<{ code: number | string | undefined; ms: number; stderr: string }> {
      const ending = running;
      const began = performance.now();
      if (ending === undefined) return { code: undefined, ms: 0, stderr: "" };
      ending.child.kill(signal);
      await eventually(ending.code, (code) => code !== undefined, 15_000);
      running = undefined;
      return { code: ending.code(), ms: performance.now() - began, stderr: ending.output.stderr };
    },
    administrator: () => administratorOf(url, world),
    /** A new user, whose tokens outlive the process. */
    async user(): Promise<Person> {
      const username = `user-${port}-${Date.now()}`;
      const email = `${username}@example.com`;
      const password = "a long enough password";
      const input = { username, email, password, acceptTerms: true, acceptPrivacy: true };
      return personFor(url, (await sdkFor(url).register({ input })).register.accessToken);
    },
  };
}

/** A door before the Telegram stand-in that can keep answers back: the chat has the document, nobody is told. */
export async function holdingDoor(target: string) {
  let method: string | undefined;
  let kept: (() => void)[] = [];
  const server = createServer((request, response) => {
    const options = { method: request.method, headers: request.headers };
    const onward = httpRequest(new URL(request.url ?? "/", target), options, (answer) => {
      const give = (): void => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      };
      if (method !== undefined && request.url?.endsWith(`/${method}`) === true) kept.push(give);
      else give();
    });
    onward.on("error", () => response.destroy());
    request.on("error", () => onward.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** From now on keeps the answers of a Bot API method; undefined lets all pass. */
    hold(what: string | undefined): void {
      method = what;
      if (what !== undefined) kept = [];
    },
    held: () => kept.length,
    /** Gives the answers that were kept back, to whoever still waits for them. */
    release(): void {
      for (const give of kept.splice(0)) give();
    },
    async close(): Promise<void> {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}
