import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockDataDir } from "./data-dir-lock.js";

describe("the lock of a data folder", () => {
  let dataDir: string;
  beforeEach(() => void (dataDir = mkdtempSync(path.join(tmpdir(), "telestash-test-"))));
  afterEach(() => rmSync(dataDir, { recursive: true }));

  const leaveLock = (text: string): void => writeFileSync(path.join(dataDir, "lock"), text);
  const holder = (): unknown => JSON.parse(readFileSync(path.join(dataDir, "lock"), "utf8"));

  it("is there while it is held and gone when it is given back, with nothing left", () => {
    const unlock = lockDataDir(dataDir);

    expect(holder()).toMatchObject({ pid: process.pid });

    unlock();
    unlock();
    expect(readdirSync(dataDir)).toEqual([]);
  });

  it("of a living process is refused, by name and pid", () => {
    const started = readFileSync(`/proc/${process.ppid}/stat`, "utf8").split(") ")[1]?.split(" ")[19];
    leaveLock(JSON.stringify({ pid: process.ppid, started }));

    expect(() => lockDataDir(dataDir)).toThrow(
      new RegExp(`${dataDir} is in use .* process ${process.ppid}\\.`),
    );
    expect(holder()).toMatchObject({ pid: process.ppid });
  });

  it("of a process that is gone is taken over", () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    leaveLock(JSON.stringify({ pid, started: "1" }));

    lockDataDir(dataDir);

    expect(holder()).toMatchObject({ pid: process.pid });
  });

  it("of an earlier process whose pid another one has now is taken over", () => {
    leaveLock(JSON.stringify({ pid: process.ppid, started: "1" }));

    lockDataDir(dataDir);

    expect(holder()).toMatchObject({ pid: process.pid });
  });

  it.each(["", "{", "null", '{"pid":"x"}'])("that reads %j is taken over", (text) => {
    leaveLock(text);

    lockDataDir(dataDir);

    expect(holder()).toMatchObject({ pid: process.pid });
    expect(readdirSync(dataDir)).toEqual(["lock"]);
  });
});
