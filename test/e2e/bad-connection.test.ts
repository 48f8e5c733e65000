import { randomBytes } from "node:crypto";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeInBrowser, openBrowser } from "../support/browser.js";
import { openAs } from "../support/console.js";
import { startServer } from "../support/start-server.js";

/** The first upload arrives, and the answer to it never does. */
const LOSE_FIRST_ANSWER = `
  const send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function (body) {
    XMLHttpRequest.prototype.send = send;
    this.onload = this.onerror;
    return send.call(this, body);
  };
`;

describeInBrowser("the console on a bad connection", { timeout: 120_000 }, () => {
  let server: Awaited<ReturnType<typeof startServer>>;
  let browser: Browser;

  beforeAll(async () => {
    server = await startServer();
    browser = await openBrowser();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  it("goes on with uploads by itself, and stores each of them once", async () => {
    const person = await server.user();
    const { page } = await openAs(browser, server, person);
    const uploads = page.getByRole("region", { name: "Transfers", exact: true });
    const rows = uploads.getByRole("listitem");
    await page.getByRole("menuitem", { name: "Files" }).click();

    await page.evaluate(LOSE_FIRST_ANSWER);
    await choose(page, "unanswered.bin");
    await rows.getByText("The connection was lost").waitFor();
    await rows.filter({ hasText: "unanswered.bin" }).getByText("stored in 1 part").waitFor();

    await page.context().setOffline(true);
    await page.getByText("You are offline").waitFor();
    await choose(page, "one.bin", "two.bin", "three.bin");
    await uploads.getByText("Waiting for the connection, 3 to go").waitFor();
    await page.context().setOffline(false);
    for (const name of ["one.bin", "two.bin", "three.bin"])
      await rows.filter({ hasText: name }).getByText("stored in 1 part").waitFor();
    await page.getByText("You are offline").waitFor({ state: "detached" });

    const { nodes } = (await person.files({})).files;
    expect(nodes.map(({ name }) => name).sort()).toEqual([
      "one.bin",
      "three.bin",
      "two.bin",
      "unanswered.bin",
    ]);
    await page.context().close();
  });

  it("shows what a file came to, though the answer from before that arrives last", async () => {
    const person = await server.user();
    const { page } = await openAs(browser, server, person);
    await page.getByRole("menuitem", { name: "Files" }).click();
    await page.getByLabel("Files to upload").first().waitFor({ state: "attached" });
    const end = page.getByText("stored in 1 part").waitFor();
    server.world.telegram.fault({ match: { op: "sendDocument" }, kind: "latency", ms: 5_000 });
    let held = 0;
    await page.route("**/graphql", async (route, request) => {
      if (request.headers()["content-type"] !== "application/json") return route.continue();
      const response = await route.fetch();
      if ((await response.text()).includes('"state":"TRANSFERRING"')) {
        held += 1;
        await end;
      }
      return route.fulfill({ response });
    });

    await choose(page, "late.bin");

    await page.getByRole("row", { name: /late\.bin.*Stored/ }).waitFor();
    expect(held).toBeGreaterThan(0);
    server.world.telegram.reset();
    await page.unrouteAll({ behavior: "wait" });
    await page.context().close();
  });

  it("says in every tab that one signed out, and leads back to where one was", async () => {
    const person = await server.user();
    const { email } = (await person.me()).me;
    const { page } = await openAs(browser, server, person);
    const other = await page.context().newPage();
    const where = `${server.url}/admin/files?${new URLSearchParams({ filter: '{"search":"report"}' }).toString()}`;
    await other.goto(where);
    await other.getByText("There are no files found by “report”.").waitFor();

    await page.getByRole("button", { name: "Profile" }).click();
    await page.getByRole("menuitem", { name: "Logout" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await other.getByText("You were signed out").waitFor();
    await other.getByLabel("E-mail or user name").fill(email);
    await other.getByLabel(/^Password/).fill("a long enough password");
    await other.getByRole("button", { name: "Sign in" }).click();
    await other.getByText("There are no files found by “report”.").waitFor();

    expect(other.url()).toBe(where);
    await page.context().close();
  });

  it("leaves a dialog open whose row goes to the next page meanwhile", async () => {
    const person = await server.user();
    await person.upload(randomBytes(10), { name: "older.bin" });
    const { page } = await openAs(browser, server, person);
    await page.goto(`${server.url}/admin/files?perPage=1&page=1&sort=createdAt&order=DESC`);
    await page.getByRole("button", { name: "More for older.bin" }).click();
    await page.getByRole("menuitem", { name: "Rename" }).click();
    const dialog = page.getByRole("dialog", { name: "Rename file" });
    await dialog.getByLabel("Name").fill("renamed.bin");

    await person.upload(randomBytes(10), { name: "newer.bin" });
    await page.locator("a", { hasText: "newer.bin" }).first().waitFor();
    await page.locator("a", { hasText: "older.bin" }).waitFor({ state: "detached" });
    await dialog.getByRole("button", { name: "Rename" }).click();
    await page.getByText("“older.bin” renamed.").waitFor();

    await dialog.waitFor({ state: "detached" });
    const { nodes } = (await person.files({})).files;
    expect(nodes.map(({ name }) => name)).toEqual(["newer.bin", "renamed.bin"]);
    await page.context().close();
  });
});

async function choose(page: Page, ...names: string[]) {
  const files = names.map((name) => ({
    name,
    mimeType: "application/octet-stream",
    buffer: randomBytes(1_000),
  }));
  await page.getByLabel("Files to upload").first().setInputFiles(files);
}
