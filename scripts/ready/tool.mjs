import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import path from "node:path";

export const ROOT = path.resolve(import.meta.dirname, "../..");
export const LEASH = path.join(import.meta.dirname, "leash.mjs");

// Tools see a pipe; what they print is shown on our stderr.
const COLOURS = process.stderr.isTTY ? { FORCE_COLOR: "1" } : { FORCE_COLOR: undefined, NO_COLOR: "1" };

/** A tool that ended badly, with everything it printed. */
export class ToolError extends Error {
  constructor(what, output) {
    super(`${what} failed.`);
    this.output = output;
  }
}

/** Where a package keeps a file, for example its command line program. */
export function inPackage(...file) {
  return path.join(ROOT, "node_modules", ...file);
}

/**
 * Runs a Node program to its end and gives back what it wrote to stdout. The program dies with this process.
 * @param what how a failure calls it
 * @param program path of the JavaScript file
 */
export function runTool(what, program, args, { env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--import", LEASH, program, ...args], {
      cwd: ROOT,
      env: { ...env, ...COLOURS },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const everything = [];
    const stdout = [];
    child.stdout.on("data", (chunk) => everything.push(chunk) && stdout.push(chunk));
    child.stderr.on("data", (chunk) => everything.push(chunk));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve(Buffer.concat(stdout).toString());
      else
        reject(new ToolError(`${what} (${signal ?? `exit ${code}`})`, Buffer.concat(everything).toString()));
    });
  });
}

/** npm's own program file: known when npm started us, otherwise what `npm` on the PATH points to. */
export function npmProgram() {
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  const candidates = [process.env.npm_execpath, ...folders.map((folder) => path.join(folder, "npm"))];
  const found = candidates
    .filter((file) => file !== undefined && existsSync(file))
    .map((file) => realpathSync(file))
    .find((file) => path.basename(file) === "npm-cli.js");
  if (found === undefined)
    throw new ToolError("Finding npm", "npm is not on the PATH. It comes with Node.js.");
  return found;
}
