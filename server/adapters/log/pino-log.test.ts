import { describe, expect, it } from "vitest";
import type { Logger } from "../../kernel/log.js";
import { createLog } from "./pino-log.js";

const TOKEN = "123456:AAcanary-token_value";
const AWKWARD = 'pa"ss\\wörd&(x';

function logged(write: (log: Logger) => void): string {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  write(
    createLog({
      level: "debug",
      production: true,
      secrets: [TOKEN, AWKWARD, undefined, ""],
      destination,
    }),
  );
  return lines.join("");
}

describe("the log", () => {
  it("writes one JSON line for each event", () => {
    const text = logged((log) => log.info({ fileId: "a\nb" }, "stored\r\nfake line"));

    expect(text.split("\n")).toHaveLength(2);
    expect(JSON.parse(text)).toMatchObject({ level: "info", fileId: "a\nb", msg: "stored\r\nfake line" });
  });

  it.each([
    ["a URL in an error", { err: new Error(`GET https://api/bot${TOKEN}/getFile failed`) }, ""],
    ["a percent-encoded one", { url: `https://api/?p=${encodeURIComponent(AWKWARD)}` }, ""],
    ["a cause", { err: new Error("outer", { cause: new Error(TOKEN) }) }, ""],
    ["a message", {}, `the token is ${TOKEN}`],
    ["a value that JSON escapes", { text: AWKWARD }, ""],
  ])("cuts a secret out of %s", (_where, fields, message) => {
    const text = logged((log) => log.error(fields, message));

    expect(text).toContain("[redacted]");
    for (const secret of [
      TOKEN,
      AWKWARD,
      JSON.stringify(AWKWARD).slice(1, -1),
      encodeURIComponent(AWKWARD),
    ]) {
      expect(text).not.toContain(secret);
    }
  });

  it("hides fields that hold secrets by their name", () => {
    const text = logged((log) => {
      log.warn(
        { authorization: "Bearer abc", headers: { cookie: "sid=abc", authorization: "Bearer abc" } },
        "",
      );
      log.warn({ input: { nested: { password: "abc" } }, refreshToken: "abc" }, "");
    });

    expect(text).not.toContain("abc");
  });
});
