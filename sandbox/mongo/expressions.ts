import { commandTime } from "./clock.js";
import { MongoError } from "./errors.js";
import { ARITHMETIC } from "./expressions/arithmetic.js";
import { ARRAYS } from "./expressions/arrays.js";
import { LOGIC } from "./expressions/logic.js";
import { VALUES } from "./expressions/values.js";
import type { Compile, Run } from "./expressions/operator.js";
import { field, isArray, isDoc, put, show } from "./values.js";
import type { Doc } from "./values.js";
import { Vocabulary } from "./vocabulary.js";

export { isTrue } from "./expressions/logic.js";
export type { Run } from "./expressions/operator.js";

/** Follows a path as aggregation does: an array on the way gives the array of what its elements have. */
function follow(value: unknown, parts: readonly string[], at: number): unknown {
  if (at === parts.length) return value;
  if (isArray(value)) {
    const inner = value.map((one) => (isDoc(one) || isArray(one) ? follow(one, parts, at) : undefined));
    return inner.filter((one) => one !== undefined);
  }
  return isDoc(value) ? follow(field(value, parts[at]!), parts, at + 1) : undefined;
}

function compilePath(path: string): Run {
  const parts = path.split(".");
  if (path === "") throw new MongoError(16872, "'$' by itself is not a valid FieldPath");
  if (parts.includes("")) throw new MongoError(15998, "FieldPath field names may not be empty strings.");
  return (scope) => follow(scope.root, parts, 0);
}

/** Variables that hold everywhere (https://www.mongodb.com/docs/manual/reference/aggregation-variables/). */
const VARIABLES = new Vocabulary<Run>(import.meta.filename, "variable", {
  NOW: () => commandTime(),
  REMOVE: () => undefined,
});

function compileVariable(text: string, known: readonly string[]): Run {
  const [name = "", ...parts] = text.split(".");
  if (known.includes(name)) return (scope) => follow(scope.variables?.[name], parts, 0);
  const variable = VARIABLES.find(name);
  if (!variable) throw new MongoError(17276, `Use of undefined variable: ${name}`);
  return (scope) => follow(variable(scope), parts, 0);
}

function compileObject(expression: Doc, compile: Compile): Run {
  const fields = Object.entries(expression).map(([name, inner]) => [name, compile(inner)] as const);
  return (scope) => {
    const made: Doc = {};
    for (const [name, run] of fields) {
      const value = run(scope);
      if (value !== undefined) put(made, name, value);
    }
    return made;
  };
}

/**
 * Compiles an aggregation expression (https://www.mongodb.com/docs/manual/reference/operator/aggregation/).
 * @param known names of the variables that hold where it stands
 * @throws MongoError 168 for an operator this server does not have, others as MongoDB does
 */
export function compileExpression(expression: unknown, known: readonly string[] = []): Run {
  const compile: Compile = (inner, more = []) => compileExpression(inner, [...known, ...more]);
  if (typeof expression === "string" && expression.startsWith("$")) {
    return expression.startsWith("$$")
      ? compileVariable(expression.slice(2), known)
      : compilePath(expression.slice(1));
  }
  if (isArray(expression)) {
    const runs = expression.map((one) => compile(one));
    return (scope) => runs.map((run) => run(scope) ?? null);
  }
  if (!isDoc(expression)) return () => expression;
  const names = Object.keys(expression);
  const name = names.find((one) => one.startsWith("$"));
  if (name === undefined) return compileObject(expression, compile);
  if (names.length > 1) {
    const message = "An object representing an expression must have exactly one field";
    throw new MongoError(15983, `${message}: ${show(expression)}`);
  }
  const operator = ARITHMETIC.find(name) ?? LOGIC.find(name) ?? ARRAYS.find(name) ?? VALUES.find(name);
  if (!operator) throw new MongoError(168, `Unrecognized expression '${name}'`);
  return operator(expression[name], compile, name);
}
