import "reflect-metadata";
import { compose } from "./compose.js";
import type { App, ProcessRole } from "./compose.js";
import { ConfigError, loadConfig, readEnvironment } from "./config.js";

const ROLES: readonly string[] = ["api", "worker", "all"] satisfies ProcessRole[];
const STOP_MS = 9_500;

const args = process.argv.slice(2);
const role = args.find((argument) => !argument.startsWith("--")) ?? "all";
if (!ROLES.includes(role)) fail(`Unknown role "${role}". Use one of: ${ROLES.join(", ")}.`);

const app = await start();

process.once("SIGTERM", () => void stop(app));
process.once("SIGINT", () => void stop(app));
if (args.includes("--exit-with-parent")) {
  process.stdin
    .on("end", () => void stop(app))
    .on("error", () => void stop(app))
    .resume();
}
process.stdout.write(`${JSON.stringify({ ready: true, pid: process.pid, role, url: app.url ?? null })}\n`);

async function start(): Promise<App> {
  try {
    const config = loadConfig(readEnvironment({ envFile: !args.includes("--no-env-file") }));
    return await compose(config, role as ProcessRole);
  } catch (error) {
    return fail(error instanceof ConfigError ? error.message : `Telestash cannot start: ${String(error)}`);
  }
}

async function stop(running: App): Promise<void> {
  setTimeout(() => process.exit(1), STOP_MS).unref();
  await running.stop();
  process.exit(0);
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
