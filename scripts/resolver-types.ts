import { readdirSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

/** Every resolver of every feature, found by its file's name, so that none needs to be listed twice. */
export async function resolverTypes(): Promise<NewableFunction[]> {
  const server = path.resolve(import.meta.dirname, "../server");
  const files = readdirSync(server, { recursive: true, encoding: "utf8" }).filter((file) =>
    /\.resolver\.[jt]s$/.test(file),
  );
  const found: NewableFunction[] = [];
  // One after another: the order of loading is the order of printing.
  for (const file of files.sort()) {
    const module = (await import(pathToFileURL(path.join(server, file)).href)) as Record<string, unknown>;
    found.push(...Object.values(module).filter(isResolver));
  }
  return found;
}

function isResolver(value: unknown): value is NewableFunction {
  return typeof value === "function" && value.name.endsWith("Resolver");
}
