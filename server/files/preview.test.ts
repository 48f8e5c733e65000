import { describe, expect, it } from "vitest";
import { inlineTypeOf, previewKindOf } from "./preview.js";
import { decodeText } from "./text-decoding.js";

describe("what a file can be looked at as", () => {
  it.each([
    ["a.png", "image/png", "IMAGE"],
    ["a", "image/avif", "IMAGE"],
    ["a.heic", "image/heic", "UNSUPPORTED"],
    ["a.tiff", "image/tiff", "UNSUPPORTED"],
    ["a.svg", "image/svg+xml", "CODE"],
    ["a.html", "text/html", "CODE"],
    ["a.xml", "application/xml", "CODE"],
    ["a.xhtml", "application/xhtml+xml", "CODE"],
    ["a.mp4", "video/mp4; codecs=avc1", "VIDEO"],
    ["a.ts", "video/mp2t", "CODE"],
    ["stream", "video/mp2t", "VIDEO"],
    ["utf16.txt", "audio/mpeg", "TEXT"],
    ["song.mp3", "audio/mpeg", "AUDIO"],
    ["a.flac", "audio/x-flac", "AUDIO"],
    ["a.pdf", "application/pdf", "PDF"],
    ["a.txt", "text/plain", "TEXT"],
    ["README.md", "text/plain", "MARKDOWN"],
    ["notes", "text/markdown", "MARKDOWN"],
    ["main.rs", "application/octet-stream", "CODE"],
    ["Makefile", "application/octet-stream", "CODE"],
    [".gitignore", "application/octet-stream", "CODE"],
    ["server.log", "application/octet-stream", "TEXT"],
    ["a.json", "application/json", "CODE"],
    ["a.bin", "application/octet-stream", "UNSUPPORTED"],
    ["a.txt", "application/zip", "UNSUPPORTED"],
    ["", "", "UNSUPPORTED"],
  ])("%s of type %s is %s", (name, mimeType, kind) => {
    expect(previewKindOf({ name, mimeType })).toBe(kind);
  });

  it.each([
    "text/html",
    "image/svg+xml",
    "application/xhtml+xml",
    "text/xml",
    "application/xml",
    "text/css",
    "image/heic",
  ])("is never shown as it is when it is %s", (type) => {
    expect(inlineTypeOf(type)).toBeUndefined();
  });
});

describe("a text", () => {
  const long = "Größe, naïve façade, señor. ".repeat(20);

  it.each([
    ["utf-8", Buffer.from("Grüße, 日本語, 👍"), "Grüße, 日本語, 👍"],
    ["utf-8", Buffer.from("\ufeffwith a mark"), "with a mark"],
    ["utf-8", Buffer.from("日本語").subarray(0, 8), "日本"],
    ["utf-16le", Buffer.from("\ufeffwide", "utf16le"), "wide"],
    ["utf-16be", Buffer.from("\ufeffwide", "utf16le").swap16(), "wide"],
    ["windows-1252", Buffer.from(long, "latin1"), long],
    [
      "shift_jis",
      Buffer.from("93fa967b8cea82c58f9182a982ea82bd95b68e9a97f182c582b781428d4182cd97592e", "hex"),
      undefined,
    ],
    ["utf-8", Buffer.alloc(0), ""],
  ])("in %s is read", (charset, bytes, text) => {
    const found = decodeText(bytes);

    expect(found?.charset).toBe(charset);
    if (text !== undefined) expect(found?.text).toBe(text);
  });

  it("is nothing that has zero bytes", () => {
    expect(decodeText(Buffer.from("PK\u0003\u0004\0\0"))).toBeUndefined();
  });
});
