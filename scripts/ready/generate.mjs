import { writeFileSync } from "node:fs";
import path from "node:path";
import { makeReady } from "./ready.mjs";
import { GROUPS } from "./steps.mjs";
import { ROOT, runTool } from "./tool.mjs";

const [packages, types, builds] = GROUPS;

/**
 * Prints schema.graphql from the code, then makes what is generated from it. The server is built first, from
 * the code alone: an operation that needs the new schema must not stand in the way of printing it.
 */
export async function generate(say) {
  await makeReady(say, [packages, [builds[0]]]);
  writeFileSync(path.join(ROOT, "schema.graphql"), await printSchema());
  say("Printed schema.graphql.");
  await makeReady(say, [types]);
}

/** schema.graphql as the built server would print it now. */
export function printSchema() {
  return runTool("Printing the schema", path.join(ROOT, "dist/scripts/print-schema.js"), []);
}
