import { randomBytes } from "node:crypto";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bearer } from "../support/accounts.js";
import { eventually } from "../support/eventually.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";

let t: TestServer;
let owner: Person;

beforeAll(async () => {
  t = await startServer();
  owner = await t.user();
});
afterAll(() => t.close());

/** A picture of 320 by 160 pixels, in every colour. */
async function picture(format: "png" | "jpeg" | "webp" | "gif" | "avif" | "tiff"): Promise<Buffer> {
  const raw = { raw: { width: 80, height: 40, channels: 3 as const } };
  return sharp(randomBytes(80 * 40 * 3), raw)
    .resize(320, 160, { kernel: "nearest" })
    .toFormat(format, format === "avif" ? { effort: 0 } : {})
    .toBuffer();
}

async function previewOf(id: string) {
  return (await owner.preview({ id })).file.preview;
}

async function kept(bytes: Buffer, name: string): Promise<{ id: string; url: string; thumbnailUrl: string }> {
  const { id } = await owner.upload(bytes, { name });
  const { url, thumbnailUrl } = await previewOf(id);
  return { id, url: url ?? "", thumbnailUrl: thumbnailUrl ?? "" };
}

async function bodyOf(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer());
}

function calls(method: string): number {
  return t.world.telegram.stats().calls[method] ?? 0;
}

describe("a thumbnail", () => {
  it.each(["png", "jpeg", "webp", "gif", "avif"] as const)(
    "is made of a %s, never larger than it is",
    async (format) => {
      const { thumbnailUrl } = await kept(await picture(format), `a.${format}`);

      const small = await fetch(thumbnailUrl);
      const large = await fetch(`${thumbnailUrl}&size=512`);

      expect(small.headers.get("content-type")).toBe("image/webp");
      expect(await sharp(await bodyOf(small)).metadata()).toMatchObject({
        format: "webp",
        width: 128,
        height: 64,
      });
      expect(await sharp(await bodyOf(large)).metadata()).toMatchObject({
        format: "webp",
        width: 320,
        height: 160,
      });
    },
  );

  it("is made once, of staged bytes as of stored ones, and read no bytes for afterwards", async () => {
    const { id, thumbnailUrl } = await kept(await picture("png"), "once.png");
    const first = await fetch(thumbnailUrl);
    await eventually(
      async () => (await owner.file({ id })).file,
      ({ state }) => state === "STORED",
    );
    await eventually(() => t.world.drive.files().length === 0);
    const before = calls("getFile");

    const again = await Promise.all(Array.from({ length: 5 }, () => fetch(thumbnailUrl)));

    const bytes = await bodyOf(first);
    for (const answer of again) expect((await bodyOf(answer)).equals(bytes)).toBe(true);
    expect(calls("getFile")).toBe(before);
  });

  it("is not sent again to who has it, and HEAD tells its size", async () => {
    const { thumbnailUrl } = await kept(await picture("jpeg"), "held.jpg");
    const first = await fetch(thumbnailUrl);
    const etag = first.headers.get("etag") ?? "";

    const again = await fetch(thumbnailUrl, { headers: { "if-none-match": etag } });
    const head = await fetch(thumbnailUrl, { method: "HEAD" });

    expect(again.status).toBe(304);
    expect(head.headers.get("content-length")).toBe(String((await bodyOf(first)).length));
  });

  it.each([
    ["a bomb", "bomb.png", bomb()],
    ["damaged", "damaged.png", Buffer.concat([bomb().subarray(0, 33), randomBytes(500)])],
    ["another format than it says", "tiff.png", Buffer.from("II*\0\b\0\0\0\0\0\0\0")],
    ["SVG", "a.svg", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
  ])("is not there for an image that is %s", async (_what, name, bytes) => {
    const { id } = await owner.upload(bytes, { name });
    const url = `${t.url}/files/${id}/thumbnail`;

    const answers = [await fetch(url, asOwner()), await fetch(url, asOwner())];

    for (const answer of answers) {
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ code: "NOT_FOUND" });
    }
  });

  it("has no other size than those on offer", async () => {
    const { thumbnailUrl } = await kept(await picture("png"), "sizes.png");

    const answer = await fetch(`${thumbnailUrl}&size=4096`);

    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      code: "BAD_USER_INPUT",
      detail: expect.stringMatching(/128, 512/) as string,
    });
  });
});

describe("a text", () => {
  it.each([
    ["TEXT", "notes.txt", Buffer.from("Grüße, 日本語"), "Grüße, 日本語"],
    ["CODE", "page.html", Buffer.from("<script>alert(1)</script>"), "<script>alert(1)</script>"],
    ["CODE", "a.svg", Buffer.from("<svg onload='alert(1)'/>"), "<svg onload='alert(1)'/>"],
    ["MARKDOWN", "README.md", Buffer.from("# Title"), "# Title"],
    ["TEXT", "wide.txt", Buffer.from("\ufeffwide", "utf16le"), "wide"],
    ["TEXT", "empty.txt", Buffer.alloc(0), ""],
  ])("is shown as UTF-8, inert: %s %s", async (kind, name, bytes, text) => {
    const { id, mimeType } = await owner.upload(bytes, { name });
    const preview = await previewOf(id);

    const answer = await fetch(preview.url ?? "");
    expect(mimeType).not.toMatch(/^(audio|video)/);

    expect(preview.kind).toBe(kind);
    expect(await answer.text()).toBe(text);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "text/plain; charset=utf-8",
      "content-security-policy": "sandbox; default-src 'none'",
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
      "x-preview-cut": "false",
    });
  });

  it("that is long is cut, and only its beginning is fetched", async () => {
    const bytes = Buffer.alloc(5 * 1024 * 1024, "0123456789abcde\n");
    const { url } = await kept(bytes, "long.log");

    const answer = await fetch(url);

    expect(answer.headers.get("x-preview-cut")).toBe("true");
    expect((await bodyOf(answer)).equals(bytes.subarray(0, 256 * 1024))).toBe(true);
  });

  it("is nothing that is binary, whatever it is called", async () => {
    const { id } = await owner.upload(Buffer.from("text, and then \0\u0001\u0002"), { name: "liar.txt" });

    const answer = await fetch(`${t.url}/files/${id}/preview`, asOwner());

    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("a link", () => {
  it("opens one use of one file, and nothing else", async () => {
    const [one, other] = [
      await kept(await picture("png"), "one.png"),
      await kept(await picture("png"), "two.png"),
    ];
    const text = await kept(Buffer.from("text"), "a.txt");
    const { downloadUrl } = (await owner.file({ id: one.id })).file;
    const tokenOf = (url: string) => new URL(url).searchParams.get("token") ?? "";
    const routes = ["content", "thumbnail", "preview"];
    const opened = new Map<string, string[]>();

    for (const [what, url] of Object.entries({
      save: downloadUrl,
      show: one.url,
      small: one.thumbnailUrl,
      text: text.url,
    })) {
      const found: string[] = [];
      for (const [name, { id }] of Object.entries({ one, other, text })) {
        for (const route of routes) {
          const answer = await fetch(`${t.url}/files/${id}/${route}?token=${tokenOf(url)}`);
          if (answer.status !== 401)
            found.push(`${name} ${route} ${answer.headers.get("content-disposition")?.split(";")[0]}`);
          await answer.arrayBuffer();
        }
      }
      opened.set(what, found);
    }

    expect(Object.fromEntries(opened)).toEqual({
      save: ["one content attachment"],
      show: ["one content inline"],
      small: ["one thumbnail inline"],
      text: ["text preview inline"],
    });
  });

  it("for saving shows nothing that could run, however it is asked", async () => {
    const { id } = await owner.upload(Buffer.from("<!doctype html><script>1</script>"), { name: "a.html" });
    const { downloadUrl } = (await owner.file({ id })).file;

    const answer = await fetch(`${downloadUrl}&inline=1`);

    expect(answer.headers.get("content-disposition")).toMatch(/^attachment/);
    expect(answer.headers.get("content-type")).toBe("application/octet-stream");
  });

  it("is nobody else's way in", async () => {
    const { id } = await kept(await picture("png"), "mine.png");
    const stranger = await t.user();

    for (const route of ["content", "thumbnail", "preview"]) {
      const url = `${t.url}/files/${id}/${route}`;
      const answers = [await fetch(url), await fetch(url, { headers: bearer(stranger.accessToken) })];
      expect([route, ...answers.map(({ status }) => status)]).toEqual([route, 404, 404]);
    }
  });
});

function asOwner(): RequestInit {
  return { headers: bearer(owner.accessToken) };
}

/** A PNG whose header promises 65,535 by 65,535 pixels. */
function bomb(): Buffer {
  const header = Buffer.from("0000000d49484452000000000000000008020000000", "hex");
  const ihdr = Buffer.alloc(25);
  header.copy(ihdr);
  ihdr.writeUInt32BE(65_535, 8);
  ihdr.writeUInt32BE(65_535, 12);
  ihdr.set([8, 2, 0, 0, 0], 16);
  ihdr.writeUInt32BE(crc32(ihdr.subarray(4, 21)), 21);
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    ihdr,
    Buffer.from("0000000049454e44ae426082", "hex"),
  ]);
}

function crc32(bytes: Buffer): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
