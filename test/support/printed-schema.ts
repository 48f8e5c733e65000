import { readFileSync } from "node:fs";
import path from "node:path";
import { buildSchema } from "graphql";
import type { GraphQLSchema } from "graphql";

/** The whole schema with its directive usages, as `npm run generate` printed it. */
export function printedSchema(): GraphQLSchema {
  return buildSchema(readFileSync(path.resolve(import.meta.dirname, "../../schema.graphql"), "utf8"));
}
