import { MongoError, notImplemented } from "./errors.js";
import { compileExpression, isTrue } from "./expressions.js";
import type { Run } from "./expressions.js";
import { isArray, isDoc, isNumber, isOperators, put } from "./values.js";
import type { Doc } from "./values.js";

/** What happens to one field: kept, dropped, computed, or looked into. */
type Rule = "keep" | "drop" | Run | Tree;
type Tree = ReadonlyMap<string, Rule>;

const isTree = (rule: Rule | undefined): rule is Tree => rule instanceof Map;

/** Puts a rule at a path. @throws MongoError 31249 or 31250 where another rule is at it or on the way */
function insert(tree: Map<string, Rule>, path: string, rule: Rule, whole: string): void {
  const dot = path.indexOf(".");
  const first = dot < 0 ? path : path.slice(0, dot);
  if (first === "") throw new MongoError(40352, "FieldPath cannot be constructed with empty string");
  if (first.startsWith("$"))
    throw new MongoError(16410, `FieldPath field names may not start with '$': ${whole}`);
  const there = tree.get(first);
  if (dot < 0) {
    if (there !== undefined) throw new MongoError(31250, `Path collision at ${whole}`);
    tree.set(first, rule);
    return;
  }
  if (there !== undefined && !isTree(there)) throw new MongoError(31249, `Path collision at ${whole}`);
  const inner = new Map(there);
  tree.set(first, inner);
  insert(inner, path.slice(dot + 1), rule, whole);
}

function treeOf(spec: Doc, ruleOf: (value: unknown) => Rule): Tree {
  const tree = new Map<string, Rule>();
  for (const [path, value] of Object.entries(spec)) {
    const nested = isDoc(value) && !isOperators(value) && Object.keys(value).length > 0;
    insert(tree, path, nested ? treeOf(value, ruleOf) : ruleOf(value), path);
  }
  return tree;
}

const computes = (tree: Tree): boolean =>
  [...tree.values()].some((rule) => (isTree(rule) ? computes(rule) : typeof rule === "function"));

/** @param others what happens to the fields that the tree does not name */
function project(value: unknown, tree: Tree, others: "keep" | "drop", root: Doc): unknown {
  if (isArray(value))
    return value.map((one) => project(one, tree, others, root)).filter((one) => one !== undefined);
  if (!isDoc(value)) {
    // What is no document makes way for one where something is computed inside.
    if (computes(tree)) return project({}, tree, others, root);
    return others === "keep" ? value : undefined;
  }
  const made: Doc = {};
  for (const [name, inner] of Object.entries(value)) {
    const rule = tree.get(name) ?? others;
    const kept = isTree(rule) ? project(inner, rule, others, root) : inner;
    // What is computed takes the place that the field has, or comes last where others are dropped.
    if (kept !== undefined && rule !== "drop" && (typeof rule !== "function" || others === "keep"))
      put(made, name, kept);
  }
  for (const [name, rule] of tree) {
    let computed: unknown;
    if (typeof rule === "function") computed = rule({ root });
    else if (isTree(rule) && !Object.hasOwn(value, name) && computes(rule))
      computed = project({}, rule, others, root);
    else continue;
    if (computed === undefined) delete made[name];
    else put(made, name, computed);
  }
  return made;
}

/** Compiles `$set`: computes the fields named and keeps the others. */
export function compileSet(spec: Doc): (doc: Doc) => Doc {
  const tree = treeOf(spec, (value) => compileExpression(value));
  return (doc) => project(doc, tree, "keep", doc) as Doc;
}

/** Compiles `$unset`: drops the fields named and keeps the others. */
export function compileUnset(names: readonly string[]): (doc: Doc) => Doc {
  const tree = treeOf(Object.fromEntries(names.map((name) => [name, "drop"])), () => "drop");
  return (doc) => project(doc, tree, "keep", doc) as Doc;
}

/**
 * Compiles a projection (https://www.mongodb.com/docs/manual/reference/command/find/): `_id`, the fields to keep, and
 * those to compute.
 * @throws MongoError 238 for fields to leave out
 */
export function compileProjection(spec: Doc): (doc: Doc) => Doc {
  const tree = treeOf({ _id: true, ...spec }, (value) => {
    if (!isNumber(value) && typeof value !== "boolean") return compileExpression(value);
    if (!isTrue(value)) throw notImplemented("Leaving fields out by a projection");
    return "keep";
  });
  return (doc) => project(doc, tree, "drop", doc) as Doc;
}
