import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeInBrowser, openBrowser } from "../support/browser.js";
import { startServer } from "../support/start-server.js";
import type { TestServer } from "../support/start-server.js";

const MOST_STOPS = 60;

/** In the page: what has the focus, and whether one sees that. Fields show it by their frame. */
const FOCUSED = `(() => {
  const element = document.activeElement;
  const { outlineStyle } = getComputedStyle(element);
  const name = element.getAttribute("aria-label") ?? element.textContent;
  return { name, isSeen: outlineStyle !== "none" || element.matches("input, [role=combobox]") };
})()`;

describeInBrowser("the console without a mouse", { timeout: 120_000 }, () => {
  let t: TestServer;
  let browser: Browser;
  let page: Page;
  let unseen: string[];

  beforeAll(async () => {
    t = await startServer();
    browser = await openBrowser();
    page = await (await browser.newContext({ reducedMotion: "reduce" })).newPage();
    page.setDefaultTimeout(15_000);
    unseen = [];
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await t?.close();
  });

  it("takes a file in, looks at it, renames, shares, archives, brings back and purges it", async () => {
    const dialog = page.getByRole("dialog");
    await page.goto(`${t.url}/admin/files`);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await type(t.admin.email, "Tab", t.admin.password, "Enter");

    // Begun early: the browser is told of it behind the test's back.
    const chooser = page.waitForEvent("filechooser");
    await tabTo("Upload files");
    await type("Enter");
    await (
      await chooser
    ).setFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("by keyboard") });
    await page.getByRole("row", { name: /notes\.txt.*Stored/ }).waitFor({ timeout: 60_000 });

    await tabTo("Preview notes.txt");
    await type("Enter");
    await dialog.getByText("by keyboard").waitFor();
    await type("Escape");
    await dialog.waitFor({ state: "hidden" });
    await expectFocus("Preview notes.txt");

    await chooseFromMenu("notes.txt", "Rename");
    await dialog.waitFor();
    await type("renamed", "Enter");
    await page.getByRole("link", { name: "renamed.txt" }).waitFor();
    await expectFocus("More for renamed.txt");

    await chooseFromMenu("renamed.txt", "Share…");
    await dialog.waitFor();
    await tabTo("Make link");
    await type("Enter");
    await dialog.getByRole("region", { name: "Links" }).waitFor();
    await type("Escape");
    await dialog.waitFor({ state: "hidden" });
    await expectFocus("More for renamed.txt");

    await chooseFromMenu("renamed.txt", "Archive");
    await expectFocus("Undo");
    await type("Enter");
    await page.getByRole("link", { name: "renamed.txt" }).waitFor();
    await expectFocus("Files here");

    await chooseFromMenu("renamed.txt", "Archive");
    await expectFocus("Undo");
    await tabTo("Archive", "Shift+Tab");
    await type("Enter");
    await page.getByRole("heading", { name: "Archived files" }).waitFor();
    await tabTo("Purge “renamed.txt”");
    await type("Enter");
    await dialog.waitFor();
    await type("renamed.txt", "Enter");
    await dialog.waitFor({ state: "hidden" });
    await expectFocus("Archived files");

    expect(unseen).toEqual([]);
  });

  /** Keys by their names, everything else as text. */
  async function type(...what: string[]): Promise<void> {
    for (const one of what) {
      if (["Tab", "Enter", "Escape", "ArrowDown"].includes(one)) await page.keyboard.press(one);
      else await page.keyboard.type(one);
    }
  }

  /** Goes from stop to stop, and takes down where one does not see where one is. */
  async function tabTo(name: string, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
    await page.getByRole("main").getByText(name).or(page.getByLabel(name)).first().waitFor();
    const passed: string[] = [];
    let { name: at } = await focusedNow();
    while (at !== name && passed.length < MOST_STOPS) {
      passed.push(at);
      await page.keyboard.press(key);
      const next = await focusedNow();
      if (!next.isSeen) unseen.push(next.name);
      at = next.name;
    }
    if (at === name) return;
    throw new Error(`There is no way by ${key} to ${name}, only to ${passed.join(", ")}`);
  }

  async function chooseFromMenu(thing: string, entry: string): Promise<void> {
    await tabTo(`More for ${thing}`);
    await type("Enter");
    await page.getByRole("menuitem", { name: entry }).waitFor();
    for (let i = 0; i < MOST_STOPS && (await focusedNow()).name !== entry; i += 1) await type("ArrowDown");
    await type("Enter");
  }

  async function expectFocus(name: string): Promise<void> {
    await expect.poll(async () => (await focusedNow()).name, { timeout: 10_000 }).toBe(name);
  }

  function focusedNow(): Promise<{ name: string; isSeen: boolean }> {
    return page.evaluate<{ name: string; isSeen: boolean }>(FOCUSED);
  }
});
