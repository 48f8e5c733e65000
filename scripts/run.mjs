/*
 * What every npm script runs: makes the folder ready (packages, generated types, build), then becomes the command.
 * Plain JavaScript without dependencies, because it runs before anything is installed.
 */
import { existsSync } from "node:fs";
import path from "node:path";
import { clearInterval, setInterval } from "node:timers";
import { pathToFileURL } from "node:url";
import { check } from "./ready/check.mjs";
import { generate } from "./ready/generate.mjs";
import { makeReady } from "./ready/ready.mjs";
import { inPackage, LEASH, ROOT, ToolError } from "./ready/tool.mjs";

const COMMANDS = {
  start: { run: (args) => become("dist/scripts/start.js", args), exitWhenStopped: 0 },
  demo: { run: (args) => become("dist/scripts/demo.js", args) },
  test: { run: (args) => test(args) },
  "test:deep": { run: (args) => test(args, { SEEDS: process.env.SEEDS ?? "300", LARGE: "1" }) },
  check: { run: () => check(say) },
  bench: { run: (args) => become("dist/bench/run.js", args) },
  build: { run: () => say("Ready: everything is built.") },
  generate: { run: () => generate(say), makesItselfReady: true },
};

const [name, ...args] = process.argv.slice(2);
const command = COMMANDS[name];
if (command === undefined) {
  console.error(`Unknown command "${name ?? ""}". Known: ${Object.keys(COMMANDS).join(", ")}.`);
  process.exit(2);
}
process.chdir(ROOT);
stopWithNpm();

const stopMakingReady = (signal) =>
  process.exit(command.exitWhenStopped ?? (signal === "SIGINT" ? 130 : 143));
process.on("SIGINT", stopMakingReady).on("SIGTERM", stopMakingReady);
try {
  if (command.makesItselfReady !== true) await makeReady(say);
  process.off("SIGINT", stopMakingReady).off("SIGTERM", stopMakingReady);
  await command.run(args);
} catch (error) {
  console.error(error instanceof ToolError ? `${error.output.trimEnd()}\n${error.message}` : error);
  process.exit(1);
}

/** Runs a program in this very process, so that its signals, exit code and pid are those npm knows. */
async function become(file, programArgs) {
  const program = path.resolve(ROOT, file);
  if (!existsSync(program)) throw new ToolError(`npm run ${name}`, `${file} does not exist.`);
  process.argv = [process.argv[0], program, ...programArgs];
  process.setSourceMapsEnabled(true);
  await import(pathToFileURL(program).href);
}

/**
 * Tests see nothing of the settings that somebody uses the product with. With REAL_SERVICES=1 they do, and the
 * contract suites run against the real services whose credentials they find, too.
 */
async function test(testArgs, settings = {}) {
  const { isProductVariable } = await import(pathToFileURL(path.join(ROOT, "dist/scripts/settings.js")).href);
  const unwanted =
    process.env.REAL_SERVICES === "1" ? [] : Object.keys(process.env).filter(isProductVariable);
  for (const variable of unwanted) delete process.env[variable];
  Object.assign(process.env, settings);
  // Without it a test file in the middle of its work would outlive a runner that is stopped.
  const leash = `--execArgv=--import=${pathToFileURL(LEASH).href}`;
  await become(inPackage("vitest/vitest.mjs"), ["run", leash, ...testArgs]);
}

/** npm started us and is gone without a word (kill -9): nobody is left to stop us, so we stop. */
function stopWithNpm() {
  const npm = process.ppid;
  if (process.env.npm_lifecycle_event === undefined) return;
  const watch = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(watch);
    process.kill(process.pid, "SIGTERM");
  }, 500);
  watch.unref();
}

/** Progress goes to stderr: stdout belongs to the command. */
function say(line) {
  process.stderr.write(`${line}\n`);
}
