import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "..");
const FEATURES = ["auth", "vault", "files", "transfers", "archives", "admin"];
const IMPORT =
  /^(?:import|export)\s(?:[\w*{][^;"'()=]*\sfrom\s)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm;

interface Import {
  from: string;
  to: string;
  line: string;
}

/** Where a file lives: its top folder, and inside server/ its layer. */
function room(file: string): string {
  const [top = "", second = "", third] = file.split("/");
  if (top !== "server") return top;
  return third === undefined ? second.replace(/\.ts$/, "") : second;
}

/** Whether an adapter may know a feature's file: what the feature needs, and what it is, not what it does. */
function isPortOrEntity(file: string): boolean {
  return !/\.(service|resolver|type|input|job)\.ts$/.test(file);
}

function mayImport({ from, to }: Import): boolean {
  const [here, there] = [room(from), room(to)];
  if (here === there) return true;
  if (["scripts", "bench", "test"].includes(here)) return true;
  if (["admin", "cli", "sandbox", "kernel", "config"].includes(here) && !from.startsWith("server/admin"))
    return false;
  if (here === "compose") return to.startsWith("server/");
  if (here === "main") return ["compose", "config"].includes(there);
  if (here === "http") return there === "kernel" || FEATURES.includes(there);
  if (here === "adapters") return there === "kernel" || (FEATURES.includes(there) && isPortOrEntity(to));
  return there === "kernel" || (FEATURES.includes(there) && FEATURES.indexOf(there) < FEATURES.indexOf(here));
}

function sources(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$|(^|\/)generated\//.test(file))
    .map((file) => path.posix.join(folder, file));
}

function importsOf(from: string): { own: Import[]; packages: string[] } {
  const text = readFileSync(path.join(ROOT, from), "utf8");
  const own: Import[] = [];
  const packages: string[] = [];
  for (const match of text.matchAll(IMPORT)) {
    const target = match[1] ?? match[2] ?? "";
    if (!target.startsWith(".")) packages.push(target);
    else if (!target.includes("generated/")) {
      const to = path.posix.join(path.posix.dirname(from), target.replace(/\.jsx?$/, ".ts"));
      own.push({ from, to, line: match[0].trim() });
    }
  }
  return { own, packages };
}

const FOLDERS = ["server", "admin", "sandbox", "scripts", "bench"];
const FILES = FOLDERS.flatMap(sources);
const GRAPH = new Map(FILES.map((file) => [file, importsOf(file)]));

describe("who imports whom", () => {
  it("keeps to the rooms", () => {
    const wrong = [...GRAPH.values()].flatMap(({ own }) => own.filter((one) => !mayImport(one)));

    expect(wrong.map(({ from, line }) => `${from}: ${line}`)).toEqual([]);
  });

  it("has no cycles", () => {
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, trail: string[]): void => {
      if (trail.includes(file)) cycles.push([...trail.slice(trail.indexOf(file)), file].join(" -> "));
      if (done.has(file) || trail.includes(file)) return;
      for (const { to } of GRAPH.get(file)?.own ?? []) visit(to, [...trail, file]);
      done.add(file);
    };

    for (const file of FILES) visit(file, []);

    expect(cycles).toEqual([]);
  });

  it("reads the environment in the configuration only", () => {
    const readers = FILES.filter(
      (file) =>
        file.startsWith("server/") && readFileSync(path.join(ROOT, file), "utf8").includes("process.env"),
    );

    expect(readers).toEqual(["server/config/environment.ts"]);
  });
});

describe("the packages", () => {
  const manifest = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const nameOf = (specifier: string): string =>
    specifier
      .split("/")
      .slice(0, specifier.startsWith("@") ? 2 : 1)
      .join("/");

  it("are all used by the product", () => {
    const used = new Set([...GRAPH.values()].flatMap(({ packages }) => packages.map(nameOf)));

    expect(Object.keys(manifest.dependencies).filter((name) => !used.has(name))).toEqual([]);
  });

  it("that the server needs are no development dependencies", () => {
    const wrong = FILES.filter((file) => file.startsWith("server/")).flatMap((file) =>
      (GRAPH.get(file)?.packages ?? [])
        .map(nameOf)
        .filter((name) => !name.startsWith("node:") && !(name in manifest.dependencies))
        .map((name) => `${file}: ${name}`),
    );

    expect(wrong).toEqual([]);
  });
});
