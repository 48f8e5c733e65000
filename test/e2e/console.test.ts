import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeInBrowser, openBrowser } from "../support/browser.js";
import { expectAccessible } from "../support/console.js";
import { startServer } from "../support/start-server.js";

const LEGAL = { TERMS_URL: "https://stash.example/terms", PRIVACY_URL: "https://stash.example/privacy" };

describeInBrowser("the console", { timeout: 120_000 }, () => {
  let server: Awaited<ReturnType<typeof startServer>>;
  let browser: Browser;

  beforeAll(async () => {
    server = await startServer({ environment: LEGAL });
    browser = await openBrowser();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  it("takes a file from the browser to Telegram and back, live", async () => {
    const { page, complaints, sockets, close } = await openConsole();
    const bytes = randomBytes(24 * 1024 * 1024);
    await signIn(page);

    await page.getByRole("menuitem", { name: "Files" }).click();
    await page.getByRole("heading", { name: "Files", level: 1 }).waitFor();
    await upload(page, "résumé 2026.bin", bytes);
    const uploads = page.getByRole("region", { name: "Transfers", exact: true });
    await uploads.getByRole("progressbar", { name: "Upload of résumé 2026.bin" }).waitFor();
    await uploads.getByText(/24\.0 MiB stored in \d+ parts/).waitFor({ timeout: 120_000 });
    await uploads.getByRole("button", { name: "Close transfers" }).click();

    await page.getByRole("menuitem", { name: "Transfers" }).click();
    await page.getByRole("row", { name: /résumé 2026\.bin.*Done/ }).waitFor();
    await page.getByRole("menuitem", { name: "Files" }).click();
    await page.getByRole("row", { name: /résumé 2026\.bin.*Stored/ }).waitFor();
    await page.getByRole("link", { name: "résumé 2026.bin" }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download", exact: true }).click(),
    ]);

    expect(sha256(await readFile(await download.path()))).toBe(sha256(bytes));
    expect(download.suggestedFilename()).toBe("résumé 2026.bin");
    expect(await page.getByText(sha256(bytes)).count()).toBe(1);
    expect(sockets()).toBe(1);

    await page.getByRole("button", { name: "Profile" }).click();
    await page.getByRole("menuitem", { name: "Logout" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    let navigations = 0;
    page.on("framenavigated", () => (navigations += 1));
    await page.goto(`${server.url}/admin/files`);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();

    // The page, and the way to the sign-in page: signing out once more at each rendering would be thousands.
    expect(navigations).toBeLessThan(6);
    expect(complaints).toEqual([]);
    await close();
  });

  it("pauses, resumes and cancels a transfer", async () => {
    const { page, complaints, close } = await openConsole();
    server.world.telegram.fault({ match: { op: "sendDocument" }, kind: "latency", ms: 4_000 });
    await signIn(page);
    await upload(page, "long.bin", randomBytes(12 * 1024 * 1024));
    const uploads = page.getByRole("region", { name: "Transfers", exact: true });
    await uploads.getByRole("button", { name: "Pause long.bin" }).click();
    await uploads.getByText(/^Paused · \d+ % · part \d+ of 12$/).waitFor();

    await page.reload();
    await uploads.getByText(/^Paused · \d+ % · part \d+ of 12$/).waitFor();
    await page.getByRole("menuitem", { name: "Transfers" }).click();
    const row = page.getByRole("row", { name: /long\.bin/ });
    await row.getByRole("button", { name: "Resume long.bin" }).click();
    await row.getByText(/^Running$/).waitFor();
    await row.getByRole("button", { name: "Cancel long.bin" }).click();
    const question = page.getByRole("dialog", { name: "Cancel the transfer of long.bin?" });
    await question.getByRole("button", { name: "Keep it" }).click();
    await row.getByRole("button", { name: "Cancel long.bin" }).click();
    await question.getByRole("button", { name: "Cancel the transfer" }).click();
    await row.getByText("Cancelled, and its bytes removed").waitFor();

    expect(await row.getByRole("button").count()).toBe(0);
    expect(complaints).toEqual([]);
    server.world.telegram.reset();
    await close();
  });

  it("says what is wrong with a sign-in, and opens the page a reset mail links to", async () => {
    const { page, close } = await openConsole();

    await page.getByLabel("E-mail or user name").fill(server.admin.email);
    await page.getByLabel(/^Password/).fill("not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").waitFor();

    for (const link of ["/admin/reset-password/abc", "/admin/#/reset-password/abc"]) {
      await page.goto("about:blank");
      await page.goto(server.url + link);
      await page.getByRole("heading", { name: "Choose a new password" }).waitFor();
    }
    await close();
  });

  it("makes an account, once the password is fit and the terms are accepted, and is in it at once", async () => {
    const { page, complaints, close } = await openConsole();
    await page.getByRole("link", { name: "Create an account" }).click();
    for (const [name, url] of [
      ["terms of use", LEGAL.TERMS_URL],
      ["how my data is used", LEGAL.PRIVACY_URL],
    ] as const) {
      const link = page.getByRole("link", { name });
      expect(await link.getAttribute("href")).toBe(url);
      expect(await link.getAttribute("target")).toBe("_blank");
      expect(await link.getAttribute("rel")).toContain("noopener");
    }
    await page.getByLabel("User name").fill("newcomer");
    await page.getByLabel("E-mail").fill("newcomer@example.org");
    await page.getByLabel(/^Password/).fill("a long enough password");
    await page.getByRole("checkbox", { name: "I accept the terms of use" }).check();
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByText("Needed to create an account").waitFor();

    await page.getByRole("checkbox", { name: "I have read how my data is used" }).check();
    await page.getByLabel(/^Password/).fill("password1");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByText("one of the most common ones").waitFor();
    await expectAccessible(page, "register");
    await page.getByLabel(/^Password/).fill("a long enough password");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByRole("heading", { name: "Dashboard" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Dashboard" }).waitFor();

    expect(complaints).toEqual([]);
    await close();
  });

  it.each([
    ["light", 1280],
    ["light", 375],
    ["dark", 1280],
    ["dark", 375],
  ] as const)("is accessible and does not scroll sideways: %s, %i px", async (colorScheme, width) => {
    const { page, complaints, close } = await openConsole({ colorScheme, viewport: { width, height: 800 } });
    const file = `sample-${colorScheme}-${width}.bin`;

    await expectAccessible(page, "login");
    await signIn(page);
    await upload(page, file, randomBytes(10_000));
    const uploads = page.getByRole("region", { name: "Transfers", exact: true });
    // Where there is little room it shows one line, and the rest when asked.
    if (width < 600) await uploads.getByRole("button", { name: "Expand transfers" }).click();
    await uploads.getByText("stored in 1 part").waitFor();
    await expectAccessible(page, "dashboard");
    await page.goto(`${server.url}/admin/files`);
    await page.getByRole("link", { name: file }).waitFor();
    await expectAccessible(page, "files");
    await page.getByRole("link", { name: file }).click();
    await page.getByRole("heading", { name: file }).waitFor();
    await expectAccessible(page, "file");
    await page.goto(`${server.url}/admin/transfers`);
    await page.getByRole("link", { name: file }).waitFor();
    await expectAccessible(page, "transfers");

    expect(complaints).toEqual([]);
    await close();
  });

  it("counts on the dashboard while one looks, and leads to what it counts", async () => {
    const { page, complaints, close } = await openConsole();
    await signIn(page);
    const files = page
      .getByRole("list", { name: "Totals" })
      .getByRole("listitem")
      .filter({ hasText: /^Files/ });
    await files.getByText(/^\d+$/).waitFor();
    const before = Number(await files.getByText(/^\d+$/).textContent());

    const administrator = await server.administrator();
    await administrator.upload(randomBytes(10), { name: "counted.bin" });
    await files.getByText(String(before + 1), { exact: true }).waitFor();
    await files.getByRole("link", { name: "Files" }).click();
    await page.getByRole("link", { name: "counted.bin" }).waitFor();

    expect(complaints).toEqual([]);
    await close();
  });

  /** A fresh browser profile on the sign-in page; `complaints` collects console errors and requests that leave. */
  async function openConsole(options: BrowserContextOptions = {}) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const complaints: string[] = [];
    let opened = 0;
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("pageerror", ({ message }) => complaints.push(message));
    page.on("websocket", () => (opened += 1));
    context.on("request", (request) => {
      if (!isLocal(request.url())) complaints.push(`request to ${request.url()}`);
    });
    await page.goto(`${server.url}/admin`);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    return { page, complaints, sockets: () => opened, close: () => context.close() };
  }

  async function signIn(page: Page) {
    await page.getByLabel("E-mail or user name").fill(server.admin.email);
    await page.getByLabel(/^Password/).fill(server.admin.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Dashboard" }).waitFor();
  }
});

async function upload(page: Page, fileName: string, buffer: Buffer) {
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.getByRole("button", { name: "Upload files" }).first().click(),
  ]);
  await chooser.setFiles({ name: fileName, mimeType: "application/octet-stream", buffer });
}

function isLocal(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return ["data:", "blob:"].includes(protocol) || ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
