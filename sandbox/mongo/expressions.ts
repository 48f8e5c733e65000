import { seen } from "./census.js";
import { commandTime } from "./clock.js";
import { MongoError } from "./errors.js";
import { ARITHMETIC } from "./expressions/arithmetic.js";
import { ARRAYS } from "./expressions/arrays.js";
import { CONVERSIONS } from "./expressions/conversions.js";
import { LOGIC } from "./expressions/logic.js";
import type { Compile, Operators, Run } from "./expressions/operator.js";
import { field, isDoc, put, show } from "./values.js";
import type { Doc } from "./values.js";

export { isTrue } from "./expressions/logic.js";
export type { Run, Scope } from "./expressions/operator.js";

const OPERATORS: Operators = { ...ARITHMETIC, ...LOGIC, ...ARRAYS, ...CONVERSIONS };

/** Follows a path as aggregation does: an array on the way gives the array of what its elements have. */
function follow(value: unknown, parts: readonly string[], at: number): unknown {
  if (at === parts.length) return value;
  if (Array.isArray(value)) {
    return value
      .map((one: unknown) => (isDoc(one) || Array.isArray(one) ? follow(one, parts, at) : undefined))
      .filter((one) => one !== undefined);
  }
  return isDoc(value) ? follow(field(value, parts[at]!), parts, at + 1) : undefined;
}

function compilePath(path: string): Run {
  if (path === "") throw new MongoError(16872, "'$' by itself is not a valid FieldPath");
  const parts = path.split(".");
  if (parts.includes("")) throw new MongoError(15998, "FieldPath field names may not be empty strings.");
  return (scope) => follow(scope.root, parts, 0);
}

function compileVariable(text: string, known: readonly string[]): Run {
  const [name = "", ...parts] = text.split(".");
  seen(known.includes(name) ? "expr:$$variable" : `expr:$$${name}`);
  switch (name) {
    case "ROOT":
    case "CURRENT":
      return (scope) => follow(scope.root, parts, 0);
    case "NOW":
      return () => commandTime();
    case "REMOVE":
      return () => undefined;
    default:
      if (!known.includes(name)) throw new MongoError(17276, `Use of undefined variable: ${name}`);
      return (scope) => follow(scope.variables?.[name], parts, 0);
  }
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
  if (Array.isArray(expression)) {
    const runs = expression.map((one) => compile(one));
    return (scope) => runs.map((run) => run(scope) ?? null);
  }
  if (!isDoc(expression)) return () => expression;
  const names = Object.keys(expression);
  const operator = names.find((name) => name.startsWith("$"));
  if (operator === undefined) return compileObject(expression, compile);
  if (names.length > 1) {
    throw new MongoError(
      15983,
      `An object representing an expression must have exactly one field: ${show(expression)}`,
    );
  }
  if (!Object.hasOwn(OPERATORS, operator)) throw new MongoError(168, `Unrecognized expression '${operator}'`);
  seen(`expr:${operator}`);
  return OPERATORS[operator]!(expression[operator], compile, operator);
}
