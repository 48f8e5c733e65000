import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeInBrowser, openBrowser } from "../support/browser.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";

const PASSWORD = "open sesame";
const FOLDERS = 3;
const PHONE = { width: 375, height: 700 };
const HOSTILE = [
  "<img src=x onerror=alert(1)>.txt",
  "<script>alert(1)<&script>",
  '"><svg onload=alert(1)>',
  "'-alert(1)-'",
  "&lt;script&gt;alert(1)&lt;&sol;script&gt;",
  "javascript:alert(1)",
  "${alert(1)} {{alert(1)}} <%= alert(1) %>",
  "\u202egnp.exe",
  "</title><script>alert(1)",
  "a".repeat(200),
].map((text) => text.replaceAll("/", "∕"));

describeInBrowser("a share page", { timeout: 120_000 }, () => {
  let t: TestServer;
  let owner: Person;
  let browser: Browser;

  beforeAll(async () => {
    t = await startServer();
    owner = await t.user();
    browser = await openBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await t?.close();
  });

  async function shared(names: readonly string[], limits: { password?: string } = {}): Promise<string> {
    const { createFolder } = await owner.createFolder({ input: { name: names[0] ?? "" } });
    for (const one of names) {
      await owner.upload(Buffer.from(`${one} <script>alert(1)</script>`), {
        name: one,
        folderId: createFolder.id,
      });
    }
    for (const one of names.slice(0, FOLDERS)) {
      await owner.createFolder({ input: { name: one, parentId: createFolder.id } });
    }
    const input = { folderId: createFolder.id, ...limits };
    return (await owner.createShareLink({ input })).createShareLink.url;
  }

  async function overflow(page: Page): Promise<number> {
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth");
  }

  it("runs nothing, whatever files and folders are called and contain, and breaks none of its own rules", async () => {
    const page = await browser.newPage({ viewport: PHONE });
    const alarms: string[] = [];
    page.on("dialog", (dialog) => {
      alarms.push(dialog.message());
      void dialog.dismiss();
    });
    page.on("console", (message) => alarms.push(message.text()));

    await page.goto(await shared(HOSTILE));
    const shown = await page.locator("li .name").allInnerTexts();
    const links = await page.locator("li a").all();
    const members = await Promise.all(links.map((link) => link.getAttribute("href")));
    const widths = [await overflow(page)];
    for (const href of members) {
      await page.goto(`${t.url}${href ?? ""}`);
      expect(HOSTILE).toContain(await page.locator("h1").innerText());
      widths.push(await overflow(page));
    }

    expect(shown.toSorted()).toEqual([...HOSTILE, ...HOSTILE.slice(0, FOLDERS)].toSorted());
    expect(alarms).toEqual([]);
    expect(Math.max(...widths)).toBeLessThanOrEqual(0);
    await page.close();
  });

  it("takes the password, goes into folders and downloads without a script", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: PHONE });
    const page = await context.newPage();

    await page.goto(await shared(["plan.txt"], { password: PASSWORD }));
    await page.getByLabel("Password").fill("not this one");
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByRole("link", { name: "plan.txt" }).last().click();
    await page.getByText("plan.txt <script>alert(1)</script>").waitFor();
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download" }).click();

    expect((await download).suggestedFilename()).toBe("plan.txt");
    await context.close();
  });
});
