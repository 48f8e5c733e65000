import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { emptyFolder, runScript } from "./command.js";

describe("npm run demo", { timeout: 120_000 }, () => {
  let folder: string;
  let remove: () => Promise<void>;
  beforeEach(async () => ({ folder, remove } = await emptyFolder()));
  afterEach(() => remove());

  /** Whatever the demo leaves behind would be in the folder's `tmp`. */
  function demo(args: string[]) {
    mkdirSync(path.join(folder, "tmp"));
    const somebodysSettings = { MONGODB_URI: "nonsense", PORT: "many", NODE_ENV: "production" };
    return runScript("demo", args, folder, { TMPDIR: path.join(folder, "tmp"), ...somebodysSettings });
  }
  const lastLine = (stdout: string): unknown => JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");

  it.each([
    ['résumé "1" 日本語 ✓.pdf', "%PDF-1.4"],
    ["one byte", "x"],
    ["empty", ""],
  ])("carries the file %j there and back, whatever the environment says", async (name, content) => {
    writeFileSync(path.join(folder, name), content);

    const script = demo(["--json", name]);

    expect(await script.ended, script.output.stderr).toBe(0);
    const number = expect.any(Number) as number;
    expect(lastLine(script.output.stdout)).toEqual({
      ok: true,
      bytes: Buffer.byteLength(content),
      sha256: createHash("sha256").update(content).digest("hex"),
      parts: content === "" ? 0 : 1,
      replicas: content === "" ? 0 : 2,
      resent: 0,
      uploadMs: number,
      transferMs: number,
      downloadMs: number,
      peakRssBytes: number,
    });
    expect(readdirSync(path.join(folder, "tmp"))).toEqual([]);
  });

  it("says what went wrong, as JSON too, and leaves nothing behind", async () => {
    const script = demo(["--json", "--file", "missing.bin"]);

    expect(await script.ended).toBe(1);
    expect(lastLine(script.output.stdout)).toEqual({
      ok: false,
      error: expect.stringContaining("missing.bin does not exist") as string,
    });
    expect(readdirSync(path.join(folder, "tmp"))).toEqual([]);
  });

  it("says what it takes when it is given something else", async () => {
    const script = demo(["--jsn"]);

    expect(await script.ended).toBe(2);
    expect(script.output.stderr).toMatch(/Unknown option '--jsn'.*\nUsage: npm run demo/s);
  });

  it("leaves nothing behind when it is interrupted", async () => {
    const script = demo([]);
    await expect.poll(() => script.output.stdout, { timeout: 120_000 }).toContain("upload");

    script.kill("SIGINT");

    expect(await script.ended).toBe(130);
    expect(readdirSync(path.join(folder, "tmp"))).toEqual([]);
  });
});
