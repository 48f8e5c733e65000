import { randomBytes } from "node:crypto";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeInBrowser, openBrowser } from "../support/browser.js";
import { openAs } from "../support/console.js";
import { startServer } from "../support/start-server.js";
import type { TestServer } from "../support/start-server.js";

/** Of everybody that `t.user()` makes. */
const PASSWORD = "a long enough password";

describeInBrowser("the archive", { timeout: 120_000 }, () => {
  let t: TestServer;
  let browser: Browser;

  beforeAll(async () => {
    t = await startServer();
    browser = await openBrowser();
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await t?.close();
  });

  it("hides a file, brings it back, and removes it for good once its name is typed", async () => {
    const owner = await t.user();
    const { id } = await owner.upload(randomBytes(100_000), { name: "old report.bin" });
    const { page } = await openAs(browser, t, owner);
    const complaints: string[] = [];
    page.on("pageerror", ({ message }) => complaints.push(message));

    await page.goto(`${t.url}/admin/files`);
    await page.getByRole("button", { name: "Archive old report.bin" }).click();
    await page.getByText("“old report.bin” archived.").waitFor();
    await page.getByRole("link", { name: "old report.bin" }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("link", { name: "old report.bin" }).waitFor();

    await page.getByRole("link", { name: "old report.bin" }).click();
    await page.getByRole("button", { name: "Archive old report.bin" }).click();
    await page
      .getByRole("alert")
      .getByText(/^Archived/)
      .waitFor();
    await page.getByRole("menuitem", { name: "Archive" }).click();
    const files = page.getByRole("region", { name: "Archived files" });
    await files.getByRole("row", { name: /old report\.bin/ }).waitFor();
    await files.getByRole("button", { name: "Purge “old report.bin”" }).click();
    const dialog = page.getByRole("dialog", { name: "Purge “old report.bin”?" });
    const purge = dialog.getByRole("button", { name: "Purge" });
    await dialog.getByLabel("Name").fill("old report");
    expect(await purge.isDisabled()).toBe(true);
    await dialog.getByLabel("Name").fill("old report.bin");
    await purge.click();

    const purges = page.getByRole("region", { name: "Purges" });
    await purges.getByText("2 of 2 copies removed").waitFor();
    await files.getByText("Nothing is archived").waitFor();
    await purges.getByRole("button", { name: "Results of old report.bin" }).click();
    await purges
      .getByText(/^Message \d+ in chat \S+: removed/)
      .first()
      .waitFor();
    await expect(owner.file({ id })).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("deletes the viewer's own account once the password is given", async () => {
    const owner = await t.user();
    const { page } = await openAs(browser, t, owner);

    await page.goto(`${t.url}/admin/account`);
    await page.getByRole("button", { name: "Delete account" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete this account?" });
    await dialog.getByLabel(/^Password/).fill("not the password");
    await dialog.getByRole("button", { name: "Delete for good" }).click();
    await dialog.getByText("This is not your present password.").waitFor();
    await dialog.getByLabel(/^Password/).fill(PASSWORD);
    await dialog.getByRole("button", { name: "Delete for good" }).click();

    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await expect(owner.me()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    await page.context().close();
  });
});
