import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HealthMonitor } from "../../server/http/health.js";
import { unavailable } from "../../server/kernel/errors.js";
import { eventually } from "../support/eventually.js";
import { RecordingLog, startHttp } from "../support/http-harness.js";
import type { HttpHarness } from "../support/http-harness.js";

const folder = mkdtempSync(path.join(tmpdir(), "console-"));
let t: HttpHarness;
let broken: Error | undefined;

beforeAll(async () => {
  mkdirSync(path.join(folder, "assets"));
  writeFileSync(path.join(folder, "index.html"), "<!doctype html><title>console</title>");
  writeFileSync(path.join(folder, "assets", "app-abc.js"), "console.log(1)");
  t = await startHttp({
    consoleDir: folder,
    checks: [
      { name: "MongoDB", check: () => Promise.resolve() },
      { name: "Telegram", check: () => (broken ? Promise.reject(broken) : Promise.resolve()) },
    ],
  });
});
afterAll(async () => {
  await t.close();
  rmSync(folder, { recursive: true });
});

async function ready(): Promise<{
  status: number;
  body: { status: string; checks: Record<string, string> };
}> {
  const response = await fetch(`${t.url}/readyz`);
  return { status: response.status, body: (await response.json()) as never };
}

describe("readiness", () => {
  it("lists what was checked", async () => {
    expect(await ready()).toEqual({
      status: 200,
      body: { status: "ready", checks: { MongoDB: "ok", Telegram: "ok" } },
    });
    expect((await fetch(`${t.url}/livez`)).status).toBe(200);
  });

  it("names what is wrong and what to do, without what must not be seen", async () => {
    broken = unavailable("Telegram refuses the bot 123456. Check TELEGRAM_BOT_TOKEN.");
    const told = await eventually(ready, ({ status }) => status === 503, 5_000);
    broken = new Error("https://api.telegram.org/bot123456:SECRET failed");
    const masked = await eventually(
      ready,
      ({ body }) => body.checks["Telegram"]?.includes("log") === true,
      5_000,
    );
    broken = undefined;

    expect(told.body.checks["Telegram"]).toBe("Telegram refuses the bot 123456. Check TELEGRAM_BOT_TOKEN.");
    expect(told.body.checks["MongoDB"]).toBe("ok");
    expect(JSON.stringify(masked)).not.toContain("SECRET");
  });

  it("asks at most once a second, and waits two seconds at most", async () => {
    let asked = 0;
    const never = { name: "Drive", check: () => new Promise<void>(() => void (asked += 1)) };
    const monitor = new HealthMonitor([never], new RecordingLog());

    const start = performance.now();
    const [first] = await Promise.all([monitor.readiness(), monitor.readiness(), monitor.readiness()]);

    expect(asked).toBe(1);
    expect(first.checks["Drive"]).toMatch(/did not answer within 2 s/);
    expect(performance.now() - start).toBeLessThan(4_000);
  });

  it("ends when the process stops", async () => {
    const monitor = new HealthMonitor([], new RecordingLog());
    monitor.stop();

    expect(await monitor.readiness()).toMatchObject({ ready: false });
  });
});

describe("the front page", () => {
  it("is links for programs, and a page for people", async () => {
    const json = await fetch(`${t.url}/`);
    const html = await fetch(`${t.url}/`, { headers: { accept: "text/html" } });

    expect(await json.json()).toMatchObject({ name: "Telestash", links: { console: "/admin" } });
    expect(await html.text()).toContain('<a href="/admin">');
  });
});

describe("the console", () => {
  it.each(["/admin/", "/admin/files", "/admin/files/abc/show", "/admin/index.html"])(
    "answers %s with its one page, fresh, and a strict policy",
    async (address) => {
      const response = await fetch(`${t.url}${address}`);

      expect(await response.text()).toContain("<title>console</title>");
      expect(response.headers.get("cache-control")).toBe("no-cache");
      expect(response.headers.get("content-security-policy")).toContain("script-src 'self';");
    },
  );

  it("is found without the slash", async () => {
    const response = await fetch(`${t.url}/admin`, { redirect: "manual" });

    expect(response.headers.get("location")).toBe("/admin/");
  });

  it("lets what never changes be kept", async () => {
    const response = await fetch(`${t.url}/admin/assets/app-abc.js`);

    expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(response.headers.get("content-type")).toMatch(/javascript/);
  });

  it.each([
    "/admin/assets/none.js",
    "/admin/..%2f..%2fetc%2fpasswd.txt",
    "/admin/%2e%2e/%2e%2e/etc/passwd.txt",
  ])("has nothing at %s", async (address) => {
    const response = await fetch(`${t.url}${address}`);

    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(await response.text()).not.toContain("root:");
  });

  it("says when it is not built", async () => {
    const bare = await startHttp();
    try {
      const response = await fetch(`${bare.url}/admin`);

      expect(response.status).toBe(404);
      expect(await response.text()).toContain("npm run build");
    } finally {
      await bare.close();
    }
  });
});
