import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aDropper } from "../support/drops.js";
import { startServer } from "../support/start-server.js";
import type { TestServer } from "../support/start-server.js";
import { aVisitor } from "../support/visitor.js";

const NAME = 'Ünï “côdé” "quoted" 漢字.txt';
const CUT = '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nbeginning';
const FILE = new Blob(["what is in it"]);

let t: TestServer;
/** The same, with room for more files a day. */
let roomy: TestServer;
beforeAll(async () => {
  t = await startServer({
    environment: { TRUST_PROXY: "true", RATE_LIMIT_SCALE: "1", QUOTA_ANONYMOUS: "1MiB,2,500KiB,1" },
    role: "api",
  });
  roomy = await startServer({
    environment: { TRUST_PROXY: "true", RATE_LIMIT_SCALE: "1", QUOTA_ANONYMOUS: "100MiB,1000,500KiB,1" },
    role: "api",
    world: t.world,
  });
});
afterAll(async () => {
  await roomy.close();
  await t.close();
});

describe("the page for dropping a file", () => {
  it("is a form without script, told of by the front page", async () => {
    const answer = await aVisitor().get(`${t.url}/drop`, { accept: "text/html" });
    const page = await answer.text();

    expect(answer.status).toBe(200);
    expect(page).toContain('enctype="multipart/form-data"');
    expect(page).toContain("up to 500 KiB");
    expect(page).not.toContain("<script");
    expect(answer.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(await (await fetch(t.url)).json()).toMatchObject({ links: { drop: "/drop" } });
  });

  it("leads from the file to its link and its end", async () => {
    const sent = await aDropper(t.url).form({ file: FILE }, NAME);
    const to = `${t.url}${sent.headers.get("location")}`;
    const page = await aVisitor().page(to);
    const [, link = ""] = /value="([^"]+\/s\/[^"]+)"/.exec(page) ?? [];

    expect(sent.status).toBe(303);
    expect(page).toContain("Your file is here.");
    expect(page).toMatch(/It works until \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
    expect(link).toBe(to.replace("?dropped=1", ""));
    expect(await aVisitor().page(link)).not.toContain("Your file is here.");
    const content = await aVisitor().get(`${link}/content`);
    expect(await content.text()).toBe("what is in it");
    expect(content.headers.get("content-disposition")).toContain(encodeURIComponent(NAME));
  });

  it("takes several files: they become one folder, with one link", async () => {
    const dropper = aDropper(roomy.url);
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`${i}.txt`, `text ${i}`]));
    const sent = await dropper.formOf({ ...many, "0.TXT": "again" });
    const to = `${roomy.url}${sent.headers.get("location")}`;
    const page = await aVisitor().page(to);

    expect(sent.status).toBe(303);
    expect(page).toContain("Your files are here.");
    expect(page).toMatch(/<h1><bdi>Dropped \d{4}-\d\d-\d\d<\/bdi><\/h1>/);
    expect(page.match(/\/s\/[^/]+\/files\//g)).toHaveLength(31);
    for (const name of [...Object.keys(many), "0 (2).TXT"]) expect(page).toContain(`<bdi>${name}</bdi>`);
    expect(page).not.toContain("Not stored");
    const zip = await aVisitor().get(to.replace("?dropped=1", "/zip"));
    expect(Buffer.from(await zip.arrayBuffer()).includes("text 29")).toBe(true);
  });

  it("says which of several files could not be stored, to whoever sent them", async () => {
    const sent = await aDropper(roomy.url).formOf({
      "good.txt": "x",
      ["n".repeat(256)]: "y",
      "large.bin": "z".repeat(600_000),
    });
    const to = `${roomy.url}${sent.headers.get("location")}`;
    const page = await aVisitor().page(to);

    expect(page).toContain("Not stored");
    expect(page).toContain("<bdi>large.bin</bdi>");
    expect(page).toContain("This name cannot be used");
    expect(page.match(/\/s\/[^/]+\/files\//g)).toHaveLength(1);
    expect(await aVisitor().page(to.replace("?dropped=1", ""))).not.toContain("large.bin");
  });

  it("leaves a single good one a file, and refuses when none is good", async () => {
    const one = await aDropper(roomy.url).formOf({ "only.txt": "x" });
    const none = await aDropper(roomy.url).formOf({ ["n".repeat(256)]: "x", ["m".repeat(256)]: "y" });

    expect(await aVisitor().page(`${roomy.url}${one.headers.get("location")}`)).toContain(
      "Your file is here.",
    );
    expect(none.status).toBe(400);
  });

  it("is told of by the service, with what is allowed", async () => {
    const { service } = await roomy.anonymous.service();

    expect(service.anonymousUploads).toEqual({
      ...{ days: 5, fileBytes: 500 * 1024, bytesPerDay: 100 * 1024 * 1024, filesPerDay: 1000 },
    });
  });

  it.each([
    ["no file", () => aDropper(t.url).form({ other: "text" }), 400, "Choose a file first."],
    ["an empty choice", () => aDropper(t.url).form({ file: new Blob([]) }, ""), 400, "Choose a file first."],
    [
      "a hostile name",
      () => aDropper(t.url).form({ file: FILE }, "n".repeat(256)),
      400,
      "This name cannot be used",
    ],
    [
      "too large a file",
      () => aDropper(t.url).form({ file: new Blob([Buffer.alloc(600_000)]) }),
      413,
      "larger",
    ],
    ["another site's page", () => from({ "sec-fetch-site": "cross-site" }), 403, "from our own page only"],
    ["another origin's page", () => from({ origin: "https://evil.example" }), 403, "from our own page only"],
    ["a page without an origin", () => from({ origin: "null" }), 403, "from our own page only"],
  ])("says what is wrong with %s", async (_what, send, status, words) => {
    const answer = await send();

    expect(answer.status).toBe(status);
    expect(await answer.text()).toContain(words);
  });

  it("takes the form from our own page", async () => {
    expect((await from({ "sec-fetch-site": "same-origin" })).status).toBe(303);
    expect((await from({ origin: t.url })).status).toBe(303);
  });

  it.each([
    ["no form at all", { "content-type": "text/plain" }, "x"],
    ["a form without a boundary", { "content-type": "multipart/form-data" }, "x"],
    ["a form that is cut off", { "content-type": "multipart/form-data; boundary=b" }, CUT],
  ])("survives %s", async (_what, headers, body) => {
    const answer = await fetch(`${t.url}/drop`, { method: "POST", headers, body });

    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: "BAD_USER_INPUT" });
  });

  it("says when an address has dropped enough for a day", async () => {
    const dropper = aDropper(t.url);
    for (let i = 0; i < 2; i += 1) expect((await dropper.form({ file: FILE })).status).toBe(303);

    const refused = await dropper.form({ file: FILE });

    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(80_000);
    expect(await refused.text()).toContain("Sign in for more.");
  });
});

function from(headers: Record<string, string>): Promise<Response> {
  return aDropper(t.url).form({ file: FILE }, "a.txt", headers);
}

describe("where uploads without an account are not allowed", () => {
  it("each way in says so, and the page is not there", async () => {
    const shut = await startServer({ environment: { ANONYMOUS_UPLOADS: "false" }, role: "api" });
    try {
      const dropper = aDropper(shut.url);
      const put = await dropper.put("a", "x");

      expect(put.status).toBe(401);
      expect(await put.json()).toMatchObject({
        ...{
          code: "UNAUTHENTICATED",
          detail: expect.stringContaining("without an account are not allowed") as string,
        },
      });
      await expect(dropper.dropFile("a", Buffer.from("x"))).rejects.toMatchObject({
        code: "UNAUTHENTICATED",
      });
      expect((await dropper.form({ file: FILE })).status).toBe(404);
      expect((await shut.anonymous.service()).service.anonymousUploads).toBeNull();
      expect((await fetch(`${shut.url}/drop`)).status).toBe(404);
      expect(await (await fetch(shut.url)).json()).not.toHaveProperty("links.drop");
    } finally {
      await shut.close();
    }
  });
});
