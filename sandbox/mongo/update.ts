import { failedToParse, MongoError, notImplemented } from "./errors.js";
import { compare, equals } from "./keys.js";
import { compileChanges } from "./pipeline.js";
import { UPDATE_OPERATORS } from "./updateoperators.js";
import type { Change, UpdateOperator } from "./updateoperators.js";
import { setAt, unsetAt, valueAt } from "./updatepath.js";
import { copy, field, idFirst, isArray, isDoc, isOperators, kindOf, show } from "./values.js";
import type { Doc } from "./values.js";

/** A parsed update: takes the old document, which it may change, and gives the new one. */
export type Update = (doc: Doc, inserting: boolean) => Doc;

interface Step extends UpdateOperator {
  readonly path: string;
  readonly parts: readonly string[];
  readonly change: Change;
}

function parsePath(path: string): readonly string[] {
  const parts = path.split(".");
  if (parts.includes(""))
    throw new MongoError(56, `The update path '${path}' contains an empty field name, which is not allowed.`);
  const strange = parts.find((part) => part.startsWith("$"));
  if (strange === undefined) return parts;
  if (/^\$(\[.*\])?$/.test(strange)) throw notImplemented(`'${strange}' in the path of an update`);
  throw new MongoError(
    52,
    `The dollar ($) prefixed field '${strange}' in '${path}' is not allowed in the context of an update.`,
  );
}

/** Two changes of one path, or of a path and one inside it, are refused (code 40). */
function refuseConflicts(steps: readonly Step[]): void {
  for (const [i, { path }] of steps.entries()) {
    for (const { path: other } of steps.slice(0, i)) {
      if (other !== path && !other.startsWith(`${path}.`) && !path.startsWith(`${other}.`)) continue;
      const at = other.length < path.length ? other : path;
      throw new MongoError(40, `Updating the path '${path}' would create a conflict at '${at}'`);
    }
  }
}

/** MongoDB adds new fields in the order of their names, numbers by value. */
function comparePaths(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((part, i) => part !== b[i]);
  const [x, y] = [a[at] ?? "", b[at] ?? ""];
  return /^\d+$/.test(x) && /^\d+$/.test(y) ? Number(x) - Number(y) : compare(x, y);
}

function parseOperators(spec: Doc): readonly Step[] {
  const steps = Object.entries(spec).flatMap(([name, fields]) => {
    const operator = UPDATE_OPERATORS.find(name);
    if (!operator)
      throw failedToParse(
        `Unknown modifier: ${name}. Expected a valid update modifier or pipeline-style update specified as an array`,
      );
    if (!isDoc(fields))
      throw failedToParse(
        `Modifiers operate on fields but we found type ${kindOf(fields)} instead: {${name}: ${show(fields)}}`,
      );
    return Object.entries(fields).map(([path, argument]): Step => {
      return { ...operator, path, parts: parsePath(path), change: operator.parse(argument, path) };
    });
  });
  refuseConflicts(steps);
  return steps.sort((a, b) => comparePaths(a.parts, b.parts));
}

function applyStep(doc: Doc, { path, parts, change, removes }: Step): void {
  if (removes === true) return unsetAt(doc, parts);
  const changed = change({ value: valueAt(doc, parts), name: path });
  if (changed !== undefined) setAt(doc, parts, changed);
}

/** @throws MongoError 66 where an `_id` has changed: it never does once a document has it */
function refuseOtherId(id: unknown, after: Doc): void {
  if (id === undefined || equals(field(after, "_id"), id)) return;
  throw new MongoError(66, "Performing an update on the path '_id' would modify the immutable field '_id'");
}

/** What a pipeline makes of a document keeps its `_id`. @throws MongoError 66 where it has another one */
function withIdOf(before: Doc, after: Doc): Doc {
  const id = field(before, "_id");
  if (id === undefined) return after;
  const made = idFirst(field(after, "_id") ?? id, after);
  refuseOtherId(id, made);
  return made;
}

/**
 * Reads an update: operators or a pipeline.
 * @throws MongoError 2, 9, 14, 40, 52 or 56 as MongoDB does for what it cannot mean, 238 for a whole document
 */
export function parseUpdate(spec: unknown): Update {
  if (isArray(spec)) {
    const change = compileChanges(spec);
    return (doc) => withIdOf(doc, copy(change(doc)));
  }
  if (!isDoc(spec)) throw failedToParse("Update argument must be either an object or an array");
  if (!isOperators(spec)) throw notImplemented("Replacing a whole document");
  const steps = parseOperators(spec);
  return (doc, inserting) => {
    const id = copy(field(doc, "_id"));
    for (const step of steps) if (step.when !== "inserting" || inserting) applyStep(doc, step);
    refuseOtherId(id, doc);
    return doc;
  };
}
