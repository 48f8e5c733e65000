import "reflect-metadata";
import { fileURLToPath } from "node:url";
import { compose } from "./compose.js";
import type { App, ProcessRole } from "./compose.js";
import { configurationOf } from "./compose/configuration.js";
import { ConfigError } from "./config.js";
import { readEnvironment } from "./config/environment.js";

const ROLES: readonly string[] = ["api", "worker", "all"] satisfies ProcessRole[];
const STOP_MS = 9_500;
/** Nobody is left to wait for us. */
const ORPHANED_STOP_MS = 800;
const CONSOLE_DIR = fileURLToPath(new URL("../admin", import.meta.url));

const args = process.argv.slice(2);
const role = args.find((argument) => !argument.startsWith("--")) ?? "all";
if (!ROLES.includes(role)) fail(`Unknown role "${role}". Use one of: ${ROLES.join(", ")}.`);

const starting = start();
process.once("SIGTERM", () => void stop(STOP_MS));
process.once("SIGINT", () => void stop(STOP_MS));
if (args.includes("--exit-with-parent")) {
  const orphaned = (): void => void stop(ORPHANED_STOP_MS);
  process.stdin.on("end", orphaned).on("error", orphaned).resume();
}
const app = await starting;
process.stdout.write(`${JSON.stringify({ ready: true, pid: process.pid, role, url: app.url ?? null })}\n`);

async function start(): Promise<App> {
  try {
    const config = configurationOf(readEnvironment({ envFile: !args.includes("--no-env-file") }));
    return await compose(config, role as ProcessRole, CONSOLE_DIR);
  } catch (error) {
    return fail(error instanceof ConfigError ? error.message : `Telestash cannot start: ${String(error)}`);
  }
}

/** Ends the process, within `withinMs` also when something hangs: what is under way is taken up by the next start. */
async function stop(withinMs: number): Promise<void> {
  setTimeout(() => process.exit(withinMs === STOP_MS ? 1 : 0), withinMs).unref();
  await (await starting).stop();
  process.exit(0);
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
