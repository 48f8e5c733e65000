import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";
import { describe } from "vitest";

const CHROMIUM = "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const hasBrowser = existsSync(CHROMIUM);

/** Tests that need Chromium: without it they are skipped, and their name says what is missing. */
export function describeInBrowser(subject: string, options: { timeout: number }, tests: () => void): void {
  const name = hasBrowser ? subject : `${subject} (Chromium is missing: apt-get install -y chromium)`;
  describe.skipIf(!hasBrowser)(name, options, tests);
}

export function openBrowser(...moreFlags: readonly string[]): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, ...moreFlags] });
}
