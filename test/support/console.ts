import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { expect } from "vitest";
import type { Person, TestServer } from "./start-server.js";

/** Of everybody that `t.user()` makes. */
const PASSWORD = "a long enough password";
const WCAG_22_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const RUNNING_ANIMATIONS =
  "document.getAnimations().filter((a) => Number.isFinite(a.effect.getComputedTiming().endTime) && a.playState === 'running').length";
const HORIZONTAL_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth";

/** The console in a fresh profile, with the administrator signed in. */
export function openAsAdministrator(browser: Browser, { url, admin }: TestServer) {
  return openConsole(browser, url, { login: admin.email, password: admin.password });
}

/** The console in a fresh profile, with somebody signed in whom `t.user()` made. */
export async function openAs(
  browser: Browser,
  { url }: TestServer,
  person: Person,
  options?: BrowserContextOptions,
) {
  return openConsole(browser, url, { login: (await person.me()).me.email, password: PASSWORD }, options);
}

async function openConsole(
  browser: Browser,
  url: string,
  { login, password }: { login: string; password: string },
  options: BrowserContextOptions = { viewport: { width: 1280, height: 900 } },
) {
  const page = await (await browser.newContext(options)).newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", ({ message }) => complaints.push(message));
  await page.goto(`${url}/admin`);
  await page.getByLabel("E-mail or user name").fill(login);
  await page.getByLabel(/^Password/).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Dashboard" }).waitFor();
  return { page, complaints };
}

/** WCAG 2.2 A and AA, and no scrolling sideways. */
export async function expectAccessible(page: Page, where: string): Promise<void> {
  // Away from whatever shows a tooltip under it.
  await page.mouse.move(0, 0);
  // Texts that fade in would be measured half transparent.
  await expect.poll(() => page.evaluate<number>(RUNNING_ANIMATIONS), { timeout: 10_000 }).toBe(0);
  const { violations } = await new AxeBuilder({ page }).withTags(WCAG_22_AA).analyze();

  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ failureSummary, html }) => `${where}: ${id}: ${html} ${failureSummary}`),
  );
  expect(found).toEqual([]);
  expect(await page.evaluate<number>(HORIZONTAL_OVERFLOW), `${where} scrolls sideways`).toBe(0);
}
