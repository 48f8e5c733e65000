import { seen } from "./census.js";
import { badValue, failedToParse, MongoError, typeMismatch } from "./errors.js";
import { parseFilter } from "./filter.js";
import type { Filter } from "./matcher.js";
import { compileStages } from "./stages.js";
import { UPDATE_OPERATORS } from "./updateoperators.js";
import type { Change } from "./updateoperators.js";
import { isPositional, resolvePath, setAt, unsetAt, valueAt } from "./updatepath.js";
import type { Positions } from "./updatepath.js";
import { compare, copy, equals, field, isDoc, kindOf, show } from "./values.js";
import type { Doc } from "./values.js";

/** What an update needs to know beside the document. */
export interface UpdateContext {
  readonly position?: number | undefined;
  readonly inserting: boolean;
}

/** A parsed update: takes the old document, which it may change, and gives the new one. */
export interface Update {
  readonly isReplacement: boolean;
  apply(doc: Doc, context: UpdateContext): Doc;
}

interface Step {
  readonly operator: string;
  readonly path: string;
  readonly parts: readonly string[];
  readonly change: Change;
  readonly to?: readonly string[];
}

/** Stages that an update may use (https://www.mongodb.com/docs/manual/tutorial/update-documents-with-aggregation-pipeline/). */
const PIPELINE_STAGES = ["$set", "$addFields", "$unset", "$project", "$replaceWith", "$replaceRoot"];

function parseStep(operator: string, path: string, argument: unknown): Step {
  if (path === "") throw new MongoError(56, "An empty update path is not valid.");
  const parts = path.split(".");
  if (parts.includes(""))
    throw new MongoError(56, `The update path '${path}' contains an empty field name, which is not allowed.`);
  const strange = parts.find((part) => part.startsWith("$") && !isPositional(part));
  if (strange !== undefined)
    throw new MongoError(
      52,
      `The dollar ($) prefixed field '${strange}' in '${path}' is not allowed in the context of an update.`,
    );
  if (isPositional(parts[0]!))
    throw badValue(
      `Cannot have array filter identifier (i.e. '$[<id>]') element in the first position in path '${path}'`,
    );
  if (operator !== "$rename")
    return { operator, path, parts, change: UPDATE_OPERATORS[operator]!.parse(argument, path) };
  if (typeof argument !== "string")
    throw badValue(`The 'to' field for $rename must be a string: ${path}: ${show(argument)}`);
  if (argument === path)
    throw badValue(`The source and target field for $rename must differ: ${path}: "${argument}"`);
  const to = argument.split(".");
  if ([...parts, ...to].some(isPositional))
    throw badValue("The source and target field for $rename may not be dynamic");
  return { operator, path, parts, change: ({ value }) => value, to };
}

/** Two changes of one path, or of a path and one inside it, are refused (code 40). */
function refuseConflicts(steps: readonly Step[]): void {
  const taken = new Set<string>();
  for (const { path, to } of steps) {
    for (const one of to ? [path, to.join(".")] : [path]) {
      for (const other of taken) {
        if (other === one || other.startsWith(`${one}.`) || one.startsWith(`${other}.`)) {
          const at = other.length < one.length ? other : one;
          throw new MongoError(40, `Updating the path '${one}' would create a conflict at '${at}'`);
        }
      }
      taken.add(one);
    }
  }
}

function parseOperators(spec: Doc): readonly Step[] {
  const steps = Object.entries(spec).flatMap(([operator, fields]) => {
    if (!Object.hasOwn(UPDATE_OPERATORS, operator) && operator !== "$rename") {
      throw failedToParse(
        `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
      );
    }
    if (!isDoc(fields)) {
      throw failedToParse(
        `Modifiers operate on fields but we found type ${kindOf(fields)} instead. For example: {$mod: {<field>: ...}} not {${operator}: ${show(fields)}}`,
      );
    }
    seen(`update:${operator}`);
    return Object.entries(fields).map(([path, argument]) => parseStep(operator, path, argument));
  });
  refuseConflicts(steps);
  // MongoDB adds new fields in the order of their names, numbers by value.
  return [...steps].sort((a, b) => comparePaths(a.parts, b.parts));
}

function comparePaths(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((part, i) => part !== b[i]);
  if (at < 0) return a.length - b.length;
  const [x, y] = [a[at], b[at]];
  if (x === undefined || y === undefined) return a.length - b.length;
  return /^\d+$/.test(x) && /^\d+$/.test(y) ? Number(x) - Number(y) : compare(x, y);
}

function applyStep(doc: Doc, step: Step, positions: Positions): void {
  for (const parts of resolvePath(doc, step.parts, positions)) {
    const value = valueAt(doc, parts);
    const { onlyExisting } = UPDATE_OPERATORS[step.operator] ?? { onlyExisting: true };
    if (onlyExisting === true && value === undefined) continue;
    const changed = step.change({ value, id: field(doc, "_id"), name: parts.join(".") });
    if (step.operator === "$unset" || step.to) unsetAt(doc, parts);
    if (changed !== undefined) setAt(doc, step.to ?? parts, changed);
  }
}

/** Reads `arrayFilters`: name → filter on a document that has the element under that name. */
function parseArrayFilters(arrayFilters: unknown): Map<string, Filter> {
  const filters = new Map<string, Filter>();
  if (arrayFilters === undefined) return filters;
  if (!Array.isArray(arrayFilters)) throw typeMismatch("BSON field 'arrayFilters' is the wrong type");
  for (const one of arrayFilters as unknown[]) {
    if (!isDoc(one)) throw typeMismatch("Each array filter must be a document");
    const name = Object.keys(one)[0]?.split(".")[0];
    if (name === undefined || Object.keys(one).some((key) => key.split(".")[0] !== name)) {
      throw failedToParse(
        `Error parsing array filter :: caused by :: Expected a single top-level field name, found '${Object.keys(one).join("' and '")}'`,
      );
    }
    if (!/^[a-z][a-zA-Z0-9]*$/.test(name))
      throw badValue(
        `Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${name}'`,
      );
    if (filters.has(name))
      throw failedToParse(`Found multiple array filters with the same top-level field name ${name}`);
    filters.set(name, parseFilter(one));
  }
  return filters;
}

function refuseUnused(filters: ReadonlyMap<string, Filter>, steps: readonly Step[]): void {
  for (const name of filters.keys()) {
    if (!steps.some((step) => step.parts.includes(`$[${name}]`))) {
      throw failedToParse(`The array filter for identifier '${name}' was not used in the update`);
    }
  }
}

/** `_id` never changes once a document has it (code 66), and stays in front. */
function keepId(before: Doc, after: Doc): Doc {
  const id = field(before, "_id");
  if (id === undefined) return after;
  const now = field(after, "_id");
  if (now !== undefined && !equals(now, id)) {
    throw new MongoError(66, "Performing an update on the path '_id' would modify the immutable field '_id'");
  }
  return Object.assign({ _id: id }, after, { _id: id });
}

function operatorUpdate(spec: Doc, arrayFilters: ReadonlyMap<string, Filter>): Update {
  const steps = parseOperators(spec);
  refuseUnused(arrayFilters, steps);
  const touchesId = steps.some((step) => step.parts[0] === "_id" || step.to?.[0] === "_id");
  return {
    isReplacement: false,
    apply(doc, { position, inserting }) {
      const before = touchesId ? copy(doc) : doc;
      for (const step of steps) {
        if (step.operator !== "$setOnInsert" || inserting) applyStep(doc, step, { position, arrayFilters });
      }
      if (
        touchesId &&
        !equals(field(before, "_id"), field(doc, "_id")) &&
        field(before, "_id") !== undefined
      ) {
        throw new MongoError(
          66,
          "Performing an update on the path '_id' would modify the immutable field '_id'",
        );
      }
      return doc;
    },
  };
}

function replacement(spec: Doc): Update {
  const dollar = Object.keys(spec).find((name) => name.startsWith("$"));
  if (dollar !== undefined) {
    throw new MongoError(
      52,
      `The dollar ($) prefixed field '${dollar}' in '${dollar}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
    );
  }
  return { isReplacement: true, apply: (doc) => keepId(doc, copy(spec)) };
}

function pipelineUpdate(spec: readonly unknown[]): Update {
  const stages = compileStages(spec, PIPELINE_STAGES, "is not allowed to be used within an update");
  return {
    isReplacement: false,
    apply: (doc) =>
      keepId({ _id: field(doc, "_id") }, copy(stages.reduce((current, stage) => stage(current), doc))),
  };
}

/**
 * Reads an update: operators, a whole document, or a pipeline.
 * @throws MongoError 2, 9, 14, 40, 52 or 56 as MongoDB does for what it cannot mean
 */
export function parseUpdate(spec: unknown, arrayFilters?: unknown): Update {
  if (Array.isArray(spec)) {
    if (arrayFilters !== undefined)
      throw failedToParse("arrayFilters may not be specified for pipeline-syle updates");
    return pipelineUpdate(spec);
  }
  if (!isDoc(spec)) throw failedToParse("Update argument must be either an object or an array");
  const filters = parseArrayFilters(arrayFilters);
  if (Object.keys(spec)[0]?.startsWith("$") === true) return operatorUpdate(spec, filters);
  if (filters.size > 0) throw failedToParse("arrayFilters may not be specified for replacement updates");
  return replacement(spec);
}
