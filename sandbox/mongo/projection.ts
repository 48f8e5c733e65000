import { seen } from "./census.js";
import { badValue, MongoError } from "./errors.js";
import { compileExpression, isTrue } from "./expressions.js";
import type { Run } from "./expressions.js";
import { parseFilter } from "./filter.js";
import { matches } from "./matcher.js";
import { toNumber } from "./numbers.js";
import { field, isArray, isDoc, isNumber, put } from "./values.js";
import type { Doc } from "./values.js";

/** What happens to one field: kept, dropped, computed, or looked into. */
type Rule =
  | "keep"
  | "drop"
  | { readonly compute: Run }
  | { readonly change: (value: unknown) => unknown; readonly includes?: true }
  | Tree;
interface Tree {
  readonly fields: Map<string, Rule>;
}

const isTree = (rule: Rule | undefined): rule is Tree => typeof rule === "object" && "fields" in rule;

function sliceRule(operand: unknown): Rule {
  const [first, second] = (Array.isArray(operand) ? operand : [operand]) as unknown[];
  if (!isNumber(first) || (second !== undefined && !isNumber(second)))
    throw new MongoError(28724, "Invalid $slice syntax in a projection");
  const from = toNumber(first);
  const cut = (array: readonly unknown[]): readonly unknown[] => {
    if (second === undefined) return from >= 0 ? array.slice(0, from) : array.slice(from);
    const start = from >= 0 ? from : Math.max(0, array.length + from);
    return array.slice(start, start + toNumber(second));
  };
  return { change: (value) => (Array.isArray(value) ? cut(value) : value) };
}

function elemMatchRule(operand: unknown): Rule {
  const filter = parseFilter({ value: { $elemMatch: operand } });
  const change = (value: unknown): unknown => {
    const found = isArray(value) ? value.find((one) => matches(filter, { value: [one] })) : undefined;
    return found === undefined ? undefined : [found];
  };
  return { change, includes: true };
}

function ruleOf(value: unknown, mode: "find" | "aggregate"): Rule {
  if (isNumber(value) || typeof value === "boolean") return isTrue(value) ? "keep" : "drop";
  if (isDoc(value) && mode === "find") {
    if ("$slice" in value && !(Array.isArray(value.$slice) && Array.isArray(value.$slice[0]))) {
      seen("projection:$slice");
      return sliceRule(value.$slice);
    }
    if ("$elemMatch" in value) {
      seen("projection:$elemMatch");
      return elemMatchRule(value.$elemMatch);
    }
    if ("$meta" in value) throw badValue("Unsupported argument to $meta");
  }
  if (isDoc(value) && !Object.keys(value).some((name) => name.startsWith("$"))) {
    if (Object.keys(value).length === 0)
      throw new MongoError(51270, "An empty sub-projection is not a valid value. Found empty object at path");
    return treeOf(value, mode);
  }
  return { compute: compileExpression(value) };
}

function insert(tree: Tree, path: readonly string[], rule: Rule, whole: string): void {
  const [first = "", ...rest] = path;
  if (first === "") throw new MongoError(40352, "FieldPath cannot be constructed with empty string");
  if (first.startsWith("$"))
    throw new MongoError(
      first === "$" ? 31394 : 16410,
      `As of 4.4, it's illegal to specify positional operator or a field starting with '$' here: ${whole}`,
    );
  const there = tree.fields.get(first);
  if (rest.length === 0) {
    if (there !== undefined) throw new MongoError(31250, `Path collision at ${whole}`);
    tree.fields.set(first, rule);
    return;
  }
  if (there !== undefined && !isTree(there))
    throw new MongoError(31249, `Path collision at ${whole} remaining portion ${rest.join(".")}`);
  const inner = there ?? { fields: new Map<string, Rule>() };
  tree.fields.set(first, inner);
  insert(inner, rest, rule, whole);
}

function treeOf(spec: Doc, mode: "find" | "aggregate"): Tree {
  const tree: Tree = { fields: new Map() };
  for (const [path, value] of Object.entries(spec)) insert(tree, path.split("."), ruleOf(value, mode), path);
  return tree;
}

/** Whether the leaves say to keep (true) or to drop (false); undefined when none says either. */
function direction(tree: Tree, top: boolean): boolean | undefined {
  let found: boolean | undefined;
  for (const [name, rule] of tree.fields) {
    if (top && name === "_id" && !isTree(rule)) continue;
    const says = isTree(rule)
      ? direction(rule, false)
      : rule === "keep" || (rule !== "drop" && ("compute" in rule || rule.includes === true))
        ? true
        : rule === "drop"
          ? false
          : undefined;
    if (says === undefined) continue;
    if (found !== undefined && found !== says) {
      throw new MongoError(
        found ? 31254 : 31253,
        `Cannot do ${says ? "inclusion" : "exclusion"} on field ${name} in ${found ? "inclusion" : "exclusion"} projection`,
      );
    }
    found = says;
  }
  return found;
}

function project(value: unknown, tree: Tree, including: boolean, root: Doc): unknown {
  if (Array.isArray(value)) {
    const inner = value.map((one: unknown) => project(one, tree, including, root));
    return inner.filter((one) => one !== undefined);
  }
  if (!isDoc(value)) return including ? undefined : value;
  const made: Doc = {};
  for (const [name, inner] of Object.entries(value)) {
    const rule = tree.fields.get(name);
    const kept =
      rule === undefined ? (including ? undefined : inner) : applyRule(rule, inner, including, root);
    if (kept !== undefined) put(made, name, kept);
  }
  addComputed(made, value, tree, root);
  return made;
}

function applyRule(rule: Rule, value: unknown, including: boolean, root: Doc): unknown {
  if (rule === "keep") return value;
  if (rule === "drop") return undefined;
  if (isTree(rule)) return project(value, rule, including, root);
  return "change" in rule ? rule.change(value) : undefined;
}

/** Computed fields come after those kept, in the order of the projection. */
function addComputed(made: Doc, from: Doc, tree: Tree, root: Doc): void {
  for (const [name, rule] of tree.fields) {
    if (typeof rule !== "object") continue;
    if ("compute" in rule) {
      const value = rule.compute({ root });
      if (value !== undefined) put(made, name, value);
    } else if (
      isTree(rule) &&
      !isDoc(field(from, name)) &&
      !Array.isArray(field(from, name)) &&
      computes(rule)
    ) {
      const inner: Doc = {};
      addComputed(inner, {}, rule, root);
      put(made, name, inner);
    }
  }
}

const computes = (tree: Tree): boolean =>
  [...tree.fields.values()].some(
    (rule) => typeof rule === "object" && ("compute" in rule || (isTree(rule) && computes(rule))),
  );

/**
 * Compiles a projection (https://www.mongodb.com/docs/manual/reference/command/find/): inclusion or exclusion, and
 * expressions; in `find` also `$slice` and `$elemMatch`.
 * @throws MongoError 31253 and 31254 for a mixture, 31249 and 31250 for paths that collide
 */
export function compileProjection(spec: Doc, mode: "find" | "aggregate"): (doc: Doc) => Doc {
  const tree = treeOf(spec, mode);
  const said = direction(tree, true);
  const id = tree.fields.get("_id");
  const including =
    said ?? (id !== undefined && id !== "drop" && !(typeof id === "object" && "change" in id));
  if (including && id === undefined) tree.fields.set("_id", "keep");
  return (doc) => project(doc, tree, including, doc) as Doc;
}
