import { ConfigError } from "../server/config.js";
import { readEnvironment } from "../server/config/environment.js";
import { DataDirInUse, lockDataDir } from "./data-dir-lock.js";
import { Instance } from "./instance.js";
import { removeReadyFile, writeReadyFile } from "./ready-file.js";
import type { Ready } from "./ready-file.js";
import { planStart } from "./services.js";

/** `npm start`: everything in the foreground until it is told to stop or a part of it dies. */
async function main(): Promise<void> {
  const environment = readEnvironment({ envFile: true });
  const readyFile = environment["READY_FILE"] ?? "";
  if (readyFile !== "") removeReadyFile(readyFile);
  const stopAsked = untilStopAsked();

  const plan = planStart(environment);
  const unlock = lockDataDir(plan.dataDir);
  const instance = new Instance();
  try {
    const started = instance.start({ plan, environment, say });
    const ready = await Promise.race([started, stopAsked]);
    if (ready !== undefined) {
      if (readyFile !== "") writeReadyFile(readyFile, ready);
      welcome(ready, plan.dataDir);
      await Promise.race([instance.death, stopAsked]);
    }
    say("Stopping…");
  } finally {
    const killed = await instance.stop();
    if (readyFile !== "") removeReadyFile(readyFile);
    unlock();
    for (const name of killed) complain(`The ${name} did not stop in time and was killed.`);
    if (killed.length > 0) process.exitCode = 1;
  }
}

/** Resolves on Ctrl-C, SIGTERM, or when the terminal closes. Being asked twice changes nothing. */
function untilStopAsked(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => resolve(undefined));
  });
}

function welcome(ready: Ready, dataDir: string): void {
  const { admin } = ready;
  const lines = [
    "",
    "Telestash is ready.",
    `  Console   ${ready.console}`,
    `  GraphQL   ${ready.graphql}`,
    ...(ready.mail === null ? [] : [`  Mail      ${ready.mail}   (mails of this sandbox)`]),
    ...(admin === null ? [] : [`  Sign in   ${admin.email}   password ${admin.password}`]),
    `  Data      ${dataDir}`,
    "Ctrl-C stops it.",
    "",
  ];
  for (const line of lines) say(line);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function complain(line: string): void {
  process.stderr.write(`${line}\n`);
}

try {
  await main();
  process.exit();
} catch (error) {
  const known = error instanceof ConfigError || error instanceof DataDirInUse;
  complain(known || !(error instanceof Error) ? String(error).replace(/^\w*Error: /, "") : error.message);
  process.exit(1);
}
