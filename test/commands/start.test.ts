import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.js";
import { sdkFor } from "../support/graphql.js";
import { emptyFolder, isRunning, processesOf, runStart } from "./command.js";

describe("npm start", { timeout: 120_000 }, () => {
  let folder: string;
  let cleanUp: (() => unknown)[];
  beforeEach(async () => {
    const made = await emptyFolder();
    folder = made.folder;
    cleanUp = [made.remove];
  });
  afterEach(async () => {
    for (const step of cleanUp.reverse()) await step();
  });

  function start(settings: Record<string, string> = {}) {
    const script = runStart(folder, settings);
    cleanUp.push(async () => {
      script.kill("SIGKILL");
      await script.ended;
    });
    return script;
  }

  it("starts a stand-in for every service and says in the ready file where everything is", async () => {
    const script = start();

    const ready = await script.ready();

    const number = expect.any(Number) as number;
    const text = expect.any(String) as string;
    const texts = expect.any(Array) as string[];
    const httpUrl = expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string;
    expect(ready).toEqual({
      pid: script.pid,
      processes: { server: number, mongodb: number, telegram: number, drive: number, mail: number },
      url: httpUrl,
      graphql: `${ready.url}/graphql`,
      ws: `${ready.url.replace("http", "ws")}/graphql`,
      console: `${ready.url}/admin`,
      admin: { email: expect.stringContaining("@") as string, password: text },
      mail: httpUrl,
      sandbox: {
        mongodb: expect.stringMatching(/^mongodb:\/\//) as string,
        telegram: { url: httpUrl, tokens: texts, chats: texts },
        drive: {
          url: httpUrl,
          tokenUrl: expect.stringMatching(/^http:/) as string,
          clientId: text,
          clientSecret: text,
          refreshToken: text,
        },
      },
    });
    expect(statSync(script.readyFile).mode & 0o777).toBe(0o600);
    for (const service of ["database", "Telegram", "Google Drive", "mail outbox"]) {
      expect(script.output.stdout).toContain(`Sandbox ${service}`);
    }
  });

  it("stops on SIGTERM with exit code 0, and leaves no process and no ready file", async () => {
    const script = start();
    const ready = await script.ready();

    script.kill("SIGTERM");

    expect(await script.ended).toBe(0);
    expect(processesOf(ready).filter(isRunning)).toEqual([]);
    expect(existsSync(script.readyFile)).toBe(false);
    expect(existsSync(path.join(folder, "data/lock"))).toBe(false);
  });

  it("takes everything along when it is killed, and its lock is taken over", async () => {
    const first = start();
    const ready = await first.ready();

    first.kill("SIGKILL");

    await eventually(
      () => processesOf(ready).filter(isRunning),
      (running) => running.length === 0,
    );
    expect((await start().ready()).pid).not.toBe(ready.pid);
  });

  it("stops and names the part when one dies", async () => {
    const script = start();
    const ready = await script.ready();

    process.kill(ready.processes.telegram ?? 0, "SIGKILL");

    expect(await script.ended).toBe(1);
    expect(script.output.stderr).toContain("The sandbox Telegram ended (SIGKILL).");
    expect(processesOf(ready).filter(isRunning)).toEqual([]);
    expect(existsSync(script.readyFile)).toBe(false);
  });

  it("refuses requests while its database stands still, and goes on when that does", async () => {
    const ready = await start().ready();
    const sdk = sdkFor(ready.url, await tokenOf(ready));
    const database = ready.processes.mongodb ?? 0;

    process.kill(database, "SIGSTOP");
    const refused = await sdk.me().catch((error: unknown) => error);
    process.kill(database, "SIGCONT");

    expect(refused).toMatchObject({ code: "UNAVAILABLE", status: 503 });
    await eventually(async () => (await sdk.me().catch(() => undefined))?.me.role === "ADMIN");
  });

  it("refuses a data folder that is in use, naming the process that uses it", async () => {
    const first = start();
    await first.ready();

    const second = start({ READY_FILE: path.join(folder, "second.json") });

    expect(await second.ended).toBe(1);
    expect(second.output.stderr).toContain(`process ${first.pid}`);
    expect(second.output.stderr).toContain(path.join(folder, "data"));
  });

  it("keeps data and the administrator from one start to the next", async () => {
    const first = start();
    const before = await first.ready();
    const sdk = sdkFor(before.url, await tokenOf(before));
    const { createFolder } = await sdk.createFolder({ input: { name: "kept" } });
    first.kill("SIGTERM");
    await first.ended;

    const after = await start().ready();

    expect(after.admin).toEqual(before.admin);
    expect(after.sandbox.telegram?.chats).toEqual(before.sandbox.telegram?.chats);
    const again = sdkFor(after.url, await tokenOf(after));
    expect((await again.folder({ id: createFolder.id })).folder.name).toBe("kept");
    expect(statSync(path.join(folder, "data/admin.json")).mode & 0o777).toBe(0o600);
  });

  it("uses the administrator that is configured", async () => {
    const admin = { email: "boss@example.com", password: "correct horse" };

    const ready = await start({ ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password }).ready();

    expect(ready.admin).toEqual(admin);
    expect(existsSync(path.join(folder, "data/admin.json"))).toBe(false);
  });

  it("names every wrong setting at once and starts nothing", async () => {
    const wrong = { PORT: "many", LOG_LEVEL: "loud", SANDBOX_LIMITS: "maybe", MONGODB_URI: "http://x" };

    const script = start(wrong);

    expect(await script.ended).toBe(1);
    for (const name of Object.keys(wrong)) expect(script.output.stderr).toContain(name);
    expect(script.output.stdout).toBe("");
    expect(existsSync(path.join(folder, "data/sandbox"))).toBe(false);
  });

  it("wants every service configured in production", async () => {
    const script = start({ NODE_ENV: "production" });

    expect(await script.ended).toBe(1);
    for (const name of ["MONGODB_URI", "TELEGRAM_BOT_TOKEN", "GDRIVE_CLIENT_ID", "JWT_SECRET_KEY"]) {
      expect(script.output.stderr).toContain(name);
    }
  });
});

async function tokenOf({ url, admin }: { url: string; admin: { email: string; password: string } | null }) {
  const input = { login: admin?.email ?? "", password: admin?.password ?? "" };
  return (await sdkFor(url).login({ input })).login.accessToken;
}
