import { readFileSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";

/** The variable that tells the stand-ins for MongoDB of one run of the tests where to report what they are used for. */
export const CENSUS = "MONGO_CENSUS";

/** What the stand-ins for MongoDB know and nobody sent them, with the file whose table has it. */
export function unusedWords(reports: string): { word: string; file: string }[] {
  const known = new Map<string, string>();
  const used = new Set<string>();
  for (const name of readdirSync(reports)) {
    for (const line of readFileSync(path.join(reports, name), "utf8").split("\n")) {
      const [kind, word = "", file = ""] = line.split("\t");
      if (kind === "known") known.set(word, file);
      else if (kind === "used") used.add(word);
    }
  }
  return [...known].filter(([word]) => !used.has(word)).map(([word, file]) => ({ word, file }));
}

/** Did all tests of all files run, and none fail? Only then is what nobody sent not needed. */
async function isWholeAndGreen(project: TestProject): Promise<boolean> {
  const { state, config } = project.vitest;
  const { testFiles } = await project.globTestFiles();
  const states = new Map(state.getTestModules().map((module) => [module.moduleId, module.state()]));
  const ran = (file: string): boolean => ["passed", "skipped"].includes(states.get(file) ?? "");
  return (
    config.testNamePattern === undefined && testFiles.every(ran) && state.getUnhandledErrors().length === 0
  );
}

/** What is wrong with what the stand-ins reported in a whole, green run; undefined when nothing is. */
function complaintAbout(reports: string): string | undefined {
  if (readdirSync(reports).length === 0) return "No stand-in for MongoDB has reported what it was used for.";
  const unused = unusedWords(reports).map(
    ({ word, file }) => `  ${word}: delete it from its table in ${file}`,
  );
  if (unused.length === 0) return undefined;
  return ["The stand-in for MongoDB knows what no test of the product sends:", ...unused].join("\n");
}

/**
 * Gives this run of the tests a folder in which the stand-ins report.
 * @returns fails a whole, green run when a stand-in knows what nothing sent
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), "telestash-census-"));
  process.env[CENSUS] = folder;
  return async () => {
    const complaint = (await isWholeAndGreen(project)) ? complaintAbout(folder) : undefined;
    await rm(folder, { recursive: true, force: true });
    if (complaint === undefined) return;
    project.vitest.logger.error(`\n${complaint}\n`);
    process.exitCode = 1;
  };
}
