import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { inPackage, npmProgram, ROOT, runTool } from "./tool.mjs";

const LOCK_FILE = "package-lock.json";
const GENERATED = ["test/support/generated"];
const SOURCES = ["server", "sandbox", "scripts", "cli", "bench", "test/support"];

/**
 * What must have been done before a command runs, in order; steps of one group run at the same time.
 * A step is due when the fingerprint of its inputs is not the one noted after it last succeeded.
 */
export const GROUPS = [
  [
    {
      doing: "Installing packages…",
      stamp: "node_modules/.telestash-lock",
      outputs: ["node_modules"],
      inputs: () => [LOCK_FILE],
      alreadyDone: installedByHand,
      run: () => runTool("npm ci", npmProgram(), ["ci", "--include=dev", "--no-audit", "--no-fund"]),
    },
  ],
  [
    {
      doing: "Generating types from schema.graphql…",
      stamp: "dist/.stamps/generated",
      outputs: GENERATED,
      inputs: () => [
        LOCK_FILE,
        "codegen.yml",
        "schema.graphql",
        ...filesUnder("test/support/operations", /\.graphql$/),
        ...filesUnder("admin/src", /\.tsx?$/).filter(holdsOperations),
      ],
      run: () =>
        runTool("Generating types", inPackage("@graphql-codegen/cli/cjs/bin.js"), [
          "--config",
          "codegen.yml",
        ]),
    },
  ],
  [
    {
      doing: "Building the server…",
      stamp: "dist/.stamps/server",
      outputs: ["dist/server", "dist/scripts"],
      inputs: () => [
        LOCK_FILE,
        "tsconfig.json",
        "tsconfig.build.json",
        "schema.graphql",
        ...SOURCES.flatMap((folder) => filesUnder(folder, /(?<!\.test)\.ts$|\.graphql$/)),
      ],
      run: () =>
        runTool("Building the server", inPackage("typescript/bin/tsc"), ["-p", "tsconfig.build.json"]),
    },
    {
      doing: "Building the console…",
      stamp: "dist/.stamps/admin",
      wanted: () => existsSync(path.join(ROOT, "admin/vite.config.ts")),
      outputs: ["dist/admin/index.html"],
      inputs: () => [LOCK_FILE, "schema.graphql", ...filesUnder("admin", /./)],
      run: () =>
        runTool("Building the console", inPackage("vite/bin/vite.js"), [
          "build",
          "--config",
          "admin/vite.config.ts",
          "--logLevel",
          "warn",
        ]),
    },
  ],
];

/** The fingerprint that a due step will leave behind; undefined when nothing is to be done. */
export function dueFingerprint(step) {
  if (step.wanted?.() === false) return undefined;
  const now = fingerprint(step.inputs());
  const there = step.outputs.every((output) => existsSync(path.join(ROOT, output)));
  return there && noted(step) === now ? undefined : now;
}

/** Notes that a step's outputs were made from these inputs. */
export function note(step, fingerprintNow) {
  const stamp = path.join(ROOT, step.stamp);
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, fingerprintNow);
}

function noted(step) {
  try {
    return readFileSync(path.join(ROOT, step.stamp), "utf8");
  } catch {
    return undefined;
  }
}

/** By content, so that a checkout that only touches files builds nothing. */
function fingerprint(files) {
  const hash = createHash("sha1").update(process.version);
  for (const file of files.filter((name) => existsSync(path.join(ROOT, name)))) {
    hash.update(`\0${file}\0`).update(readFileSync(path.join(ROOT, file)));
  }
  return hash.digest("hex");
}

function filesUnder(folder, pattern) {
  const absolute = path.join(ROOT, folder);
  if (!existsSync(absolute)) return [];
  return readdirSync(absolute, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)))
    .filter((file) => !file.includes(`generated${path.sep}`) && !file.includes("node_modules"))
    .sort();
}

function holdsOperations(file) {
  return /graphql\(|gql`/.test(readFileSync(path.join(ROOT, file), "utf8"));
}

/** An install that somebody made with npm counts when npm's own note in node_modules has all that the lock file asks for. */
function installedByHand() {
  try {
    const wanted = JSON.parse(readFileSync(path.join(ROOT, LOCK_FILE), "utf8")).packages;
    const present = JSON.parse(
      readFileSync(path.join(ROOT, "node_modules/.package-lock.json"), "utf8"),
    ).packages;
    return Object.entries(wanted).every(
      ([name, { version, optional }]) =>
        name === "" || optional === true || present[name]?.version === version,
    );
  } catch {
    return false;
  }
}
