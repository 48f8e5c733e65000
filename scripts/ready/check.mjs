import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { printSchema } from "./generate.mjs";
import { inPackage, ROOT, runTool, ToolError } from "./tool.mjs";

const TSC = inPackage("typescript/bin/tsc");

/** Two lines of work side by side: the linter takes about as long as all the rest. */
const CHECKS = [
  [["lint", () => runTool("eslint", inPackage("eslint/bin/eslint.js"), ["--max-warnings", "0", "."])]],
  [
    ["format", () => runTool("prettier", inPackage("prettier/bin/prettier.cjs"), ["--check", "."])],
    ["types", () => runTool("tsc", TSC, ["-p", "tsconfig.json"])],
    ["types of the console", () => runTool("tsc", TSC, ["-p", "admin/tsconfig.json"]), "admin/tsconfig.json"],
    ["schema.graphql", schemaIsPrinted],
  ],
];

/** Runs every check, shows what each failed one printed, and fails if any did. */
export async function check(say) {
  const failed = await Promise.all(CHECKS.map((checks) => oneAfterAnother(checks, say)));
  const names = failed.flat();
  if (names.length > 0) throw new ToolError(`Check of ${names.join(", ")}`, "");
}

async function oneAfterAnother(checks, say) {
  const failed = [];
  for (const [name, run, needs] of checks) {
    if (needs !== undefined && !existsSync(path.join(ROOT, needs))) continue;
    const begun = Date.now();
    try {
      await run();
      say(`ok      ${name} (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      say(`${error.output.trimEnd()}\nFAILED  ${name}`);
      failed.push(name);
    }
  }
  return failed;
}

async function schemaIsPrinted() {
  if ((await printSchema()) === readFileSync(path.join(ROOT, "schema.graphql"), "utf8")) return;
  throw new ToolError("schema.graphql", "schema.graphql is not what the code prints. Run: npm run generate");
}
