import { seen } from "./census.js";
import { MongoError } from "./errors.js";
import { compileExpression } from "./expressions.js";
import type { Run } from "./expressions.js";
import { compileProjection } from "./projection.js";
import { isDoc, put } from "./values.js";
import type { Doc } from "./values.js";

/** A stage that makes one document of one document. */
export type Stage = (doc: Doc) => Doc;

type Assignment =
  | { readonly name: string; readonly run: Run }
  | { readonly name: string; readonly inner: readonly Assignment[] };

function nest(fields: Doc): Doc {
  const tree: Doc = {};
  for (const [path, value] of Object.entries(fields)) {
    const [first = "", ...rest] = path.split(".");
    if (first === "" || rest.includes(""))
      throw new MongoError(40352, "FieldPath cannot be constructed with empty string");
    if (first.startsWith("$"))
      throw new MongoError(
        16410,
        `FieldPath field names may not start with '$'. Consider using $getField or $setField.`,
      );
    if (rest.length === 0) put(tree, first, value);
    else {
      const inner = tree[first];
      put(tree, first, { ...(isDoc(inner) ? inner : {}), [rest.join(".")]: value });
    }
  }
  return tree;
}

function assignments(fields: Doc): readonly Assignment[] {
  return Object.entries(nest(fields)).map(([name, value]) => {
    const plain =
      isDoc(value) && Object.keys(value).length > 0 && !Object.keys(value).some((key) => key.startsWith("$"));
    return plain ? { name, inner: assignments(value) } : { name, run: compileExpression(value) };
  });
}

function assign(target: unknown, all: readonly Assignment[], root: Doc): unknown {
  // `$set` of a path inside an array sets it in each element.
  if (Array.isArray(target)) return target.map((one) => assign(one, all, root));
  const made: Doc = isDoc(target) ? { ...target } : {};
  for (const one of all) {
    const value = "run" in one ? one.run({ root }) : assign(made[one.name], one.inner, root);
    if (value === undefined) delete made[one.name];
    else put(made, one.name, value);
  }
  return made;
}

function setStage(argument: unknown, name: string): Stage {
  if (!isDoc(argument))
    throw new MongoError(40272, `${name} specification stage must be an object, got ${typeof argument}`);
  const all = assignments(argument);
  return (doc) => assign(doc, all, doc) as Doc;
}

function unsetStage(argument: unknown): Stage {
  const names: readonly unknown[] = Array.isArray(argument) ? argument : [argument];
  if (names.length === 0 || names.some((name) => typeof name !== "string" || name === "")) {
    throw new MongoError(
      31002,
      "$unset specification must be a string or an array containing only string values",
    );
  }
  return compileProjection(Object.fromEntries(names.map((name) => [String(name), 0])), "aggregate");
}

function replaceStage(expression: unknown): Stage {
  const run = compileExpression(expression);
  return (doc) => {
    const made = run({ root: doc });
    if (!isDoc(made)) throw new MongoError(40228, "'newRoot' expression must evaluate to an object");
    return made;
  };
}

function replaceRoot(argument: unknown): Stage {
  if (!isDoc(argument) || Object.keys(argument).join() !== "newRoot")
    throw new MongoError(40231, "$replaceRoot needs exactly the field newRoot");
  return replaceStage(argument.newRoot);
}

const STAGES: Readonly<Record<string, (argument: unknown, name: string) => Stage>> = {
  $set: setStage,
  $addFields: setStage,
  $unset: unsetStage,
  $replaceWith: replaceStage,
  $replaceRoot: replaceRoot,
  $project: (argument) => {
    if (!isDoc(argument) || Object.keys(argument).length === 0)
      throw new MongoError(
        51272,
        "Invalid $project :: caused by :: projection specification must have at least one field",
      );
    return compileProjection(argument, "aggregate");
  },
};

/** The stage's compiler, or undefined for a stage that is not document by document. */
export function compileStage(name: string, argument: unknown): Stage | undefined {
  if (!Object.hasOwn(STAGES, name)) return undefined;
  seen(`stage:${name}`);
  return STAGES[name]!(argument, name);
}

/** Reads a stage's one name and argument. @throws MongoError 40323 for anything else */
export function stageOf(stage: unknown): readonly [string, unknown] {
  const entries = isDoc(stage) ? Object.entries(stage) : [];
  if (entries.length !== 1)
    throw new MongoError(40323, "A pipeline stage specification object must contain exactly one field.");
  return entries[0]!;
}

/** Reads a pipeline of the stages allowed. @throws MongoError 40324 for an unknown stage, 72 for one not allowed here */
export function compileStages(
  pipeline: readonly unknown[],
  allowed: readonly string[],
  refusal: string,
): Stage[] {
  return pipeline.map((one) => {
    const [name, argument] = stageOf(one);
    const stage = allowed.includes(name) ? compileStage(name, argument) : undefined;
    if (!stage) {
      if (["$match", "$group", "$sort", "$limit", "$skip", "$unwind", "$lookup", "$count"].includes(name))
        throw new MongoError(72, `${name} ${refusal}`);
      throw new MongoError(40324, `Unrecognized pipeline stage name: '${name}'`);
    }
    return stage;
  });
}
