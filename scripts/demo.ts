import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { rate, size, table } from "./demo/display.js";
import { makeJourney } from "./demo/journey.js";
import type { Journey } from "./demo/journey.js";
import { sourceAt } from "./demo/source.js";
import { givenOptions } from "./given-options.js";
import { Instance } from "./instance.js";
import { planStart } from "./services.js";
import { withoutProductVariables } from "./settings.js";

const INTERRUPTED: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** `npm run demo`: a file's whole journey on a private instance that nothing remains of. */
async function demo(options: { file: string | undefined; json: boolean }): Promise<number> {
  const dataDir = mkdtempSync(path.join(tmpdir(), "telestash-demo-"));
  let log = "";
  const instance = new Instance((text) => (log = (log + text).slice(-20_000)));
  try {
    const interrupted = untilInterrupted();
    const journey = run(instance, dataDir, options.file);
    const result = await Promise.race([journey, interrupted, instance.death]);
    if (typeof result === "number") return result;
    console.log(`\n${report(result)}`);
    if (options.json) console.log(JSON.stringify(result));
    return 0;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (log !== "") console.error(`\nWhat the parts logged:\n${log.trimEnd()}`);
    console.error(`\nThe demo failed: ${message}`);
    if (options.json) console.log(JSON.stringify({ ok: false, error: message }));
    return 1;
  } finally {
    await instance.stop();
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function run(instance: Instance, dataDir: string, file: string | undefined): Promise<Journey> {
  // npm runs us in the project's folder; a path is meant from where npm was called.
  const source = sourceAt(path.resolve(process.env["INIT_CWD"] ?? ".", file ?? process.execPath));
  console.log(
    `A private Telestash, on stand-ins for all services, carries ${source.path} (${size(source.size)}).`,
  );
  const environment = {
    ...withoutProductVariables(process.env),
    DATA_DIR: dataDir,
    PORT: "0",
    LOG_LEVEL: "warn",
  };
  const ready = await instance.start({ plan: planStart(environment), environment, say: () => {} });
  return makeJourney(ready, source);
}

function report(journey: Journey): string {
  const { bytes, parts, replicas } = journey;
  const row = (what: string, ms: number, note: string): string[] => {
    return [what, `${(ms / 1000).toFixed(2)} s`, rate(bytes, ms), note];
  };
  const rows = [
    ["", "time", "rate", ""],
    row("upload", journey.uploadMs, "received, hashed and staged"),
    row(
      "transfer",
      journey.transferMs,
      `${count(parts, "part", "parts")} × ${count(replicas, "copy", "copies")}, read back, ${journey.resent} resent`,
    ),
    row("download", journey.downloadMs, "every block verified"),
  ];
  return [
    table(rows),
    "",
    `${size(bytes)} in, the same ${size(bytes)} out: sha256 ${journey.sha256}`,
    `The server held ${size(journey.peakRssBytes)} of memory at most.`,
  ].join("\n");
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

function untilInterrupted(): Promise<number> {
  return new Promise((resolve) => {
    for (const [signal, exitCode] of Object.entries(INTERRUPTED)) process.on(signal, () => resolve(exitCode));
  });
}

const { values, positionals } = givenOptions(
  { options: { file: { type: "string" }, json: { type: "boolean" } }, allowPositionals: true },
  "npm run demo -- [--json] [--file] [PATH]",
);
process.exit(await demo({ file: values.file ?? positionals[0], json: values.json === true }));
