import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeInBrowser, openBrowser } from "../support/browser.js";
import { expectAccessible, openAsAdministrator } from "../support/console.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 375, height: 800 };
/** The narrow dark one breaks first; all four with `SEEDS=300`. */
const USUAL = [{ viewport: PHONE, colorScheme: "dark" }] as const;
const OTHER = [
  { viewport: PHONE, colorScheme: "light" },
  { viewport: DESKTOP, colorScheme: "light" },
  { viewport: DESKTOP, colorScheme: "dark" },
] as const;
const LOOKS = process.env.SEEDS === undefined ? USUAL : [...USUAL, ...OTHER];
const archivedOnes = `?filter=${encodeURIComponent(JSON.stringify({ archived: "true" }))}`;

/** Every page that only administrators have, with what says that it has loaded. */
const PAGES: readonly [name: string, path: (ids: { user: string; file: string }) => string, text: RegExp][] =
  [
    ["dashboard", () => "", /Files by kind/],
    ["users", () => "users", /looked-at@/],
    ["archived users", () => `users${archivedOnes}`, /leaver@/],
    ["a user", ({ user }) => `users/${user}/show`, /What this account did/],
    ["a user to edit", ({ user }) => `users/${user}`, /Quota of this account/],
    ["all files", () => `files?filter=${encodeURIComponent(JSON.stringify({ scope: "all" }))}`, /look\.txt/],
    ["a file", ({ file }) => `files/${file}/show`, /message \d+ in chat/],
    ["archive", () => "archive", /gone\.txt/],
    ["transfers", () => "transfers", /look\.txt/],
    ["bulk runs", () => "runs", /Archive 1 file/],
    ["audit log", () => "audit", /File archived/],
    ["jobs", () => "jobs", /Waiting and running jobs/],
    ["lanes", () => "lanes", /between two documents/],
    ["checks", () => "checks", /It accepts our credentials/],
  ];

describeInBrowser("the pages of administrators", { timeout: 240_000 }, () => {
  let t: TestServer;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  let ids: { user: string; file: string };

  beforeAll(async () => {
    t = await startServer();
    browser = await openBrowser();
    const admin = await t.administrator();
    const [user, leaver] = [await t.user(), await t.user()];
    await admin.updateUser({ id: user.id, input: { email: "looked-at@example.com" } });
    await admin.updateUser({ id: leaver.id, input: { email: "leaver@example.com" } });
    await leaveTraces(admin, user, leaver);
    const file = await user.upload(Buffer.from("to be looked at"), { name: "look.txt" });
    ids = { user: user.id, file: file.id };
    ({ page, complaints } = await openAsAdministrator(browser, t));
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await t?.close();
  });

  it.each(PAGES)("%s: readable, operable and no wider than the screen", async (name, path, text) => {
    await page.goto(`${t.url}/admin/${path(ids)}`);
    for (const { viewport, colorScheme } of LOOKS) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.getByText(text).first().waitFor();
      await expectAccessible(page, `${name}, ${viewport.width} px, ${colorScheme}`);
    }
    expect(complaints).toEqual([]);
  });
});

/** An archived account, something in the archive, and a bulk run. */
async function leaveTraces(admin: Person, user: Person, leaver: Person): Promise<void> {
  await user.upload(Buffer.from("gone"), { name: "gone.txt" });
  await admin.archiveMatching({ where: { search: "gone", ownerId: user.id }, reason: "looked at" });
  await admin.archiveUsers({ ids: [leaver.id], reason: "left" });
}
