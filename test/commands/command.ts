import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Ready } from "../../scripts/ready-file.js";
import { withoutProductVariables } from "../../scripts/settings.js";
import { eventually } from "../support/eventually.js";

const DIST = path.resolve(import.meta.dirname, "../../dist/scripts");

/** A folder of its own, where no `.env` is found, gone after the test. */
export async function emptyFolder(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), "telestash-test-"));
  return { folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Runs a built script as npm would, with these settings and none of ours. */
export function runScript(name: string, args: string[], folder: string, settings: Record<string, string>) {
  const file = path.join(DIST, `${name}.js`);
  if (!existsSync(file))
    throw new Error(`${file} is missing. Run the tests by npm test, which builds first.`);
  const child = spawn(process.execPath, [file, ...args], {
    cwd: folder,
    env: { ...withoutProductVariables(process.env), INIT_CWD: folder, ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.on("close", (code, signal) => resolve(code ?? signal ?? 0));
  });
  return { pid: child.pid ?? 0, kill: (signal: NodeJS.Signals) => child.kill(signal), output, ended };
}

export type Script = ReturnType<typeof runScript>;

/** `npm start` on free ports, with its data in the folder. */
export function runStart(folder: string, settings: Record<string, string> = {}) {
  const readyFile = path.join(folder, "ready.json");
  const defaults = {
    DATA_DIR: path.join(folder, "data"),
    READY_FILE: readyFile,
    PORT: "0",
    LOG_LEVEL: "warn",
  };
  const script = runScript("start", [], folder, { ...defaults, ...settings });
  let over = false;
  void script.ended.then(() => (over = true));
  return {
    ...script,
    readyFile,
    /** What the ready file says, once it is this start's. */
    async ready(): Promise<Ready> {
      const ready = await eventually(
        () => readyFileOf(readyFile),
        (found) => found?.pid === script.pid || over,
        60_000,
      );
      if (ready?.pid !== script.pid) throw new Error(`It ended instead:\n${script.output.stderr}`);
      return ready;
    },
  };
}

function readyFileOf(file: string): Ready | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Ready) : undefined;
}

export function processesOf({ pid, processes }: Ready): number[] {
  return [pid, ...Object.values(processes).filter((child): child is number => child !== null)];
}

/** A dead process that nobody has collected yet does not count. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
