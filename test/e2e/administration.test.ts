import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { newId } from "../../server/kernel/ids.js";
import { openDatabase } from "../support/audit.js";
import { describeInBrowser, openBrowser } from "../support/browser.js";
import { expectAccessible, openAsAdministrator } from "../support/console.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";

describeInBrowser("the administration console", { timeout: 120_000 }, () => {
  let t: TestServer;
  let browser: Browser;
  let page: Page;
  let person: Person;

  beforeAll(async () => {
    t = await startServer();
    browser = await openBrowser();
    person = await t.user();
    await person.upload(Buffer.from("to be looked after"), { name: "looked-after.txt" });
    ({ page } = await openAsAdministrator(browser, t));
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await t?.close();
  });

  const open = (path: string) => page.goto(`${t.url}/admin/${path}`);

  it("signs in to the page that was asked for, and for this tab only where that is wanted", async () => {
    const context = await browser.newContext();
    const [tab, other] = [await context.newPage(), await context.newPage()];
    await tab.goto(`${t.url}/admin/users`);
    await tab.getByLabel("E-mail or user name").fill("admin");
    await tab.getByLabel(/^Password/).fill(t.admin.password);
    await tab.getByLabel("Stay signed in on this device").uncheck();
    await tab.getByRole("button", { name: "Sign in" }).click();
    await tab.getByRole("button", { name: "New user" }).waitFor();
    await tab.reload();
    await tab.getByRole("button", { name: "New user" }).waitFor();

    await other.goto(`${t.url}/admin/users`);

    await other.getByRole("button", { name: "Sign in" }).waitFor();
    await context.close();
  });

  it("makes an account, finds it, changes it, and shows that in the audit log", async () => {
    await page.getByRole("menuitem", { name: "Users" }).click();
    await page.getByRole("button", { name: "New user" }).click();
    await page.getByLabel(/^User name/).fill("grete");
    await page.getByLabel(/^E-mail/).fill("grete@example.com");
    await page.getByRole("button", { name: "Create user" }).click();
    await page.getByText("The link is on its way to grete@example.com").waitFor();
    await page.getByRole("button", { name: "Close" }).click();

    await page.getByPlaceholder("Name or e-mail").fill("gre");
    await page.getByText("1-1 of 1").waitFor();
    await page.getByRole("link", { name: "grete" }).click();
    await page.getByText("None: an operator made this account").waitFor();
    await page.getByRole("link", { name: "Edit" }).click();
    await page.getByLabel(/^Role/).click();
    await page.getByRole("option", { name: "Premium" }).click();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("region", { name: "What was done to this account" }).waitFor();
    await page.getByText("role: Free → Premium").waitFor();

    await page.getByRole("button", { name: "Send reset link" }).click();
    await page.getByText("The link is on its way to grete@example.com").waitFor();
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByRole("menuitem", { name: "Users" }).click();

    // The filter was kept over all of that.
    await page.getByText("1-1 of 1").waitFor();
  });

  it("says what somebody else changed meanwhile, and offers that for editing", async () => {
    const { username } = (await person.me()).me;
    await open(`users/${person.id}`);
    await page.getByLabel(/^User name/).fill("typed-by-me");
    await (await t.administrator()).updateUser({ id: person.id, input: { role: "PREMIUM" } });
    await page.getByRole("button", { name: "Save", exact: true }).click();

    const notice = page.getByRole("alert").filter({ hasText: "the role is PREMIUM now" });
    await notice.getByRole("button", { name: "Load again" }).click();
    await notice.waitFor({ state: "detached" });

    await expect.poll(() => page.getByLabel(/^User name/).inputValue()).toBe(username);
    await page.getByText("Premium").waitFor();
    await page.getByLabel(/^User name/).fill("typed-again");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("typed-again").first().waitFor();
  });

  it("says at the field what the server refuses, and sets a quota", async () => {
    await open(`users/${person.id}`);
    await page.getByLabel(/^User name/).fill("admin");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.locator("[aria-invalid=true]").waitFor();

    await page.getByLabel("All files together (GiB)").fill("1.5");
    await page.getByRole("button", { name: "Save quota" }).click();
    await page.getByText("The quota is changed").waitFor();
    await page.getByText(/In force now: 1\.5 GiB in all/).waitFor();

    await page.getByLabel("Number of files").fill("7");
    await (await t.administrator()).setUserQuota({ id: person.id, input: { bytes: 2 ** 30 } });
    await page.getByRole("button", { name: "Save quota" }).click();
    const notice = page.getByRole("alert").filter({ hasText: "all files together is 1 GiB now" });
    await notice.getByRole("button", { name: "Load again" }).click();
    await page.getByText(/In force now: 1\.0 GiB in all/).waitFor();
    await expect.poll(() => page.getByLabel("Number of files").inputValue()).toBe("");
  });

  it("filters the audit log, says in words what is not there, and saves it", async () => {
    await open(`audit?filter=${encodeURIComponent(JSON.stringify({ action: "user.created" }))}`);
    await page.getByText("1-1 of 1").waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "CSV" }).click(),
    ]);

    const lines = (await readFile(await download.path(), "utf8")).trim().split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain("user.created");

    await open(`users?filter=${encodeURIComponent(JSON.stringify({ role: "ADMIN", archived: "true" }))}`);
    await page.getByText("There are no archived administrators.").waitFor();
    await page.getByRole("button", { name: "Clear filters" }).click();
    await page.getByRole("link", { name: "grete" }).waitFor();
  });

  it("finds somebody's file, and shows where its bytes lie", async () => {
    await open(`users/${person.id}/show`);
    await page.getByRole("link", { name: "1 stored" }).click();
    await page.getByRole("link", { name: "looked-after.txt" }).click();
    const parts = page.getByRole("region", { name: /^Parts and copies \(1\)/ });

    await parts
      .getByText(/^message \d+ in chat -\d+, by bot \d+/)
      .first()
      .waitFor();
    expect(await parts.getByText("Verified").count()).toBe(2);
  });

  it("archives, restores and purges accounts from their list, and says what cannot be done", async () => {
    const leaver = await t.user();
    const { username } = (await leaver.me()).me;
    const select = (who: string) =>
      page
        .getByRole("row", { name: new RegExp(who) })
        .getByRole("checkbox")
        .check();
    await open(`users?filter=${encodeURIComponent(JSON.stringify({ search: username }))}`);
    await select(username);
    await page.getByRole("button", { name: "Archive", exact: true }).click();
    await page.getByText("1 user archived.").waitFor();
    await expect(leaver.me()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });

    await open(`users?filter=${encodeURIComponent(JSON.stringify({ archived: "true" }))}`);
    await select(username);
    await page.getByRole("button", { name: `Purge “${username}”` }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill(username);
    await dialog.getByRole("button", { name: "Purge" }).click();
    await page.getByText("There are no archived users.").waitFor();

    await open("users?filter={}");
    await select("admin@");
    await page.getByRole("button", { name: "Archive", exact: true }).click();
    await page.getByText(/^This is the last administrator/).waitFor();
    await page.getByRole("row", { name: /admin@/ }).waitFor();
  });

  it("hands the files of a purged account over to somebody who is found by the address", async () => {
    const [leaver, heir] = [await t.user(), await t.user()];
    await leaver.upload(Buffer.from("an inheritance"), { name: "inherited.txt" });
    const [{ username }, { email, username: heirName }] = [(await leaver.me()).me, (await heir.me()).me];
    await (await t.administrator()).archiveUsers({ ids: [leaver.id] });
    await open(`users/${leaver.id}/show`);
    await page.getByRole("button", { name: `Purge “${username}”` }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill(username);
    await dialog.getByLabel("Hand them over to somebody").check();
    expect(await dialog.getByRole("button", { name: "Purge" }).isDisabled()).toBe(true);
    await dialog.getByLabel("Who gets them").fill(email);
    await page.getByRole("option", { name: heirName }).click();
    await expectAccessible(page, "purge of a user");
    await dialog.getByText(`belong to ${heirName} from then on`).waitFor();
    await dialog.getByRole("button", { name: "Purge" }).click();

    await dialog.waitFor({ state: "detached" });
    await expect
      .poll(async () => (await heir.files({})).files.nodes.map(({ name }) => name), { timeout: 15_000 })
      .toEqual(["inherited.txt"]);
  });

  it("archives all files that match a filter, and lists what was done to each", async () => {
    for (const n of [1, 2, 3]) await person.upload(Buffer.from(`sweep ${n}`), { name: `sweep-${n}.txt` });
    await open(
      `files?filter=${encodeURIComponent(JSON.stringify({ search: "sweep-", ownerId: person.id }))}`,
    );
    await page.getByRole("button", { name: "Archive all 3 files" }).click();
    await page.getByLabel("Reason, shown to the owners").fill("out of date");
    await page.getByRole("dialog").getByRole("button", { name: "Archive" }).click();

    const run = page.getByRole("listitem", { name: "Archive 3 files" });
    await run.getByText("3 archived").waitFor();
    await run.getByRole("button", { name: /^Results/ }).click();
    await run.getByText("sweep-2.txt: archived").waitFor();
    await expectAccessible(page, "bulk runs");
    await run.getByRole("link", { name: "sweep-2.txt" }).click();
    await page.getByText(/out of date/).waitFor();
  });

  it("restores and purges all that match, once the number was typed", async () => {
    const swept = { search: "sweep-", ownerId: person.id, archived: "true" };
    const list = `files?filter=${encodeURIComponent(JSON.stringify(swept))}`;
    await open(list);
    await page.getByRole("button", { name: "Restore all 3 files" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Restore" }).click();
    const restored = page.getByRole("listitem", { name: "Restore 3 files" });
    await restored.getByText("3 restored").waitFor();
    expect((await person.files({ where: { search: "sweep" } })).files.totalCount).toBe(3);

    await (await t.administrator()).archiveMatching({ where: { search: "sweep-" } });
    await expect
      .poll(async () => (await person.files({ where: { search: "sweep" } })).files.totalCount)
      .toBe(0);
    await open(list);
    await page.getByRole("button", { name: "Purge all 3 files" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Number").fill("2");
    expect(await dialog.getByRole("button", { name: "Purge" }).isDisabled()).toBe(true);
    await dialog.getByLabel("Number").fill("3");
    await dialog.getByRole("button", { name: "Purge" }).click();

    const purged = page.getByRole("listitem", { name: "Purge 3 files" });
    await purged.getByText("3 being purged").waitFor();
    await open("archive");
    for (const n of [1, 2, 3]) {
      const purge = page.getByRole("listitem", { name: `Purge of sweep-${n}.txt` });
      await purge.getByText("2 of 2 copies removed").waitFor();
    }
  });

  it("cancels a run that is under way", async () => {
    const { db, close } = await openDatabase(t.world);
    const soon = new Date(Date.now() + 3_600_000);
    // As a worker has it that takes its time.
    await db.collection<{ _id: string }>("bulkRuns").insertOne({
      ...{ _id: newId(), deed: "ARCHIVE", filter: {}, startedById: person.id, state: "RUNNING" },
      ...{
        startedAt: new Date(),
        total: 1_000,
        done: 400,
        failed: 0,
        cursor: "",
        dueAt: soon,
        lease: "slow",
      },
    });
    await open("runs");

    const going = page.getByRole("listitem", { name: "Archiving 1,000 files" });
    await going.getByRole("progressbar").waitFor();
    await going.getByRole("button", { name: "Cancel: Archiving 1,000 files" }).click();
    await page.getByText("The run is cancelled. What was done stays done.").waitFor();

    const ended = page.getByRole("listitem", { name: "Archive 1,000 files" });
    await ended.getByText("Cancelled").waitFor();
    await ended.getByText("400 archived").waitFor();
    await close();
  });
});
