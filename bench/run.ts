import { writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { givenOptions } from "../scripts/given-options.js";
import { download } from "./download.js";
import { tableOf } from "./figures.js";
import type { Figure } from "./figures.js";
import { fairness } from "./fairness.js";
import { graphql } from "./graphql.js";
import { lists } from "./lists.js";
import { memory } from "./memory.js";
import { readers } from "./readers.js";
import { schedule } from "./schedule.js";
import { transfer } from "./transfer.js";
import { upload } from "./upload.js";

/** Each starts what it measures, and its limits, and stops it all again. */
const BENCHES: Readonly<Record<string, () => Promise<Figure[]>>> = {
  upload,
  transfer,
  schedule,
  fairness,
  download,
  memory,
  readers,
  graphql,
  "api-lists": lists,
};

const { values, positionals } = givenOptions(
  { allowPositionals: true, options: { json: { type: "string" } } },
  "npm run bench -- [NAME ...] [--json PATH]",
);
const names = positionals.length === 0 ? Object.keys(BENCHES) : positionals;
const unknown = names.find((name) => !Object.hasOwn(BENCHES, name));
if (unknown !== undefined) {
  console.error(`Unknown benchmark "${unknown}". Known: ${Object.keys(BENCHES).join(", ")}.`);
  process.exit(2);
}
// Leaving is enough: every child ends with us.
process.once("SIGINT", () => process.exit(130)).once("SIGTERM", () => process.exit(143));

const figures: Figure[] = [];
let failed = false;
console.log(
  `Node ${process.version}, ${availableParallelism()} cores. Trust ratios, and those of a quiet machine.\n`,
);
for (const name of names) {
  process.stderr.write(`${name} (load ${loadavg()[0]?.toFixed(1) ?? "unknown"}): `);
  try {
    const found = (await BENCHES[name]?.()) ?? [];
    figures.push(...found);
    console.log(`${tableOf(found)}\n`);
  } catch (error) {
    failed = true;
    console.error(`\nThe benchmark ${name} could not run:`, error);
  }
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, undefined, 2)}\n`);
// A missed target is a finding, shown as such; only a benchmark that could not run is a failure.
process.exit(failed ? 1 : 0);
