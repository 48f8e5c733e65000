import { BSONRegExp } from "bson";
import { seen } from "./census.js";
import { badValue, failedToParse, typeMismatch } from "./errors.js";
import { compileExpression, isTrue } from "./expressions.js";
import { toNumber } from "./numbers.js";
import { matches } from "./matcher.js";
import type { Filter, Leaf } from "./matcher.js";
import { compare, equals, isDoc, isNullish, isNumber, kindOf, RANK, show } from "./values.js";
import type { Doc } from "./values.js";

type Make = (
  operand: unknown,
  siblings: Doc,
) => { test(value: unknown): boolean; each?: boolean; options?: string };

const sameType = (a: unknown, b: unknown): boolean => RANK[kindOf(a ?? null)] === RANK[kindOf(b ?? null)];

/** Comparisons see only values of the operand's own type; null stands for a missing field too. */
const ordering =
  (accept: (order: number) => boolean): Make =>
  (operand) => {
    if (operand instanceof BSONRegExp) throw badValue("Can't have RegEx as arg to predicate over field");
    const kind = kindOf(operand);
    const bracketed = kind !== "minKey" && kind !== "maxKey";
    return {
      test: (value) => {
        if (bracketed && !sameType(value, operand)) return false;
        const order = compare(value ?? null, operand);
        const unordered =
          isNumber(operand) && Number.isNaN(toNumber(value)) !== Number.isNaN(toNumber(operand));
        return !unordered && accept(order);
      },
    };
  };

const equal: Make = (operand) => ({
  test: operand === null ? isNullish : (value) => value !== undefined && equals(value, operand),
});

/** MongoDB's regular expressions as JavaScript's; the options both know. */
export function compileRegex(pattern: string, options: string): RegExp {
  if (!/^[imsu]*$/.test(options)) throw badValue(`invalid flag in regex options: ${options}`);
  try {
    return new RegExp(pattern, [...new Set(`${options}u`)].join(""));
  } catch {
    try {
      return new RegExp(pattern, options.replaceAll("u", ""));
    } catch (error) {
      throw badValue(`Regular expression is invalid: ${String(error)}`);
    }
  }
}

const regex: Make = (operand, siblings) => {
  const given = operand instanceof BSONRegExp ? operand : undefined;
  if (!given && typeof operand !== "string") throw badValue("$regex has to be a string");
  const options = siblings.$options ?? given?.options ?? "";
  if (typeof options !== "string") throw badValue("$options has to be a string");
  const pattern = given?.pattern ?? (operand as string);
  const compiled = compileRegex(pattern, options);
  return {
    options,
    test: (value) =>
      typeof value === "string"
        ? compiled.test(value)
        : value instanceof BSONRegExp && value.pattern === pattern && value.options === options,
  };
};

const isIn: Make = (operand) => {
  if (!Array.isArray(operand)) throw badValue("$in needs an array");
  const tests = operand.map((one: unknown) => {
    if (isDoc(one) && Object.keys(one)[0]?.startsWith("$") === true)
      throw badValue("cannot nest $ under $in");
    return one instanceof BSONRegExp ? regex(one, {}) : equal(one, {});
  });
  return { test: (value) => tests.some((one) => one.test(value)) };
};

const exists: Make = (operand) => {
  const wanted = isTrue(operand);
  return { test: (value) => (value !== undefined) === wanted, each: false };
};

const size: Make = (operand) => {
  if (!isNumber(operand))
    throw failedToParse(`Failed to parse $size. Expected a number in: $size: ${show(operand)}`);
  const wanted = toNumber(operand);
  if (!Number.isInteger(wanted))
    throw failedToParse(`Failed to parse $size. Expected an integer: $size: ${show(operand)}`);
  if (wanted < 0)
    throw failedToParse(`Failed to parse $size. Expected a non-negative number in: $size: ${wanted}`);
  return { test: (value) => Array.isArray(value) && value.length === wanted, each: false };
};

const TYPE_NUMBERS: Readonly<Record<number, string>> = {
  [-1]: "minKey",
  1: "double",
  2: "string",
  3: "object",
  4: "array",
  5: "binData",
  7: "objectId",
  8: "bool",
  9: "date",
  10: "null",
  11: "regex",
  16: "int",
  17: "timestamp",
  18: "long",
  19: "decimal",
  127: "maxKey",
};

const type: Make = (operand) => {
  const wanted = (Array.isArray(operand) ? operand : [operand]).map((one: unknown) => {
    const name = typeof one === "string" ? one : isNumber(one) ? TYPE_NUMBERS[toNumber(one)] : undefined;
    if (name === undefined) {
      throw isNumber(one)
        ? badValue(`Invalid numerical type code: ${show(one)}`)
        : typeMismatch("type must be represented as a number or a string");
    }
    if (name !== "number" && !Object.values(TYPE_NUMBERS).includes(name))
      throw badValue(`Unknown type name alias: ${name}`);
    return name;
  });
  return {
    test: (value) =>
      value !== undefined &&
      wanted.some((name) => name === kindOf(value) || (name === "number" && isNumber(value))),
  };
};

const elemMatch: Make = (operand) => {
  if (!isDoc(operand)) throw badValue("$elemMatch needs an Object");
  const first = Object.keys(operand)[0];
  const onValues =
    first?.startsWith("$") === true &&
    first !== "$and" &&
    first !== "$or" &&
    first !== "$nor" &&
    first !== "$expr";
  const filter = onValues ? parsePredicate("value", operand) : parseFilter(operand);
  const test = (element: unknown): boolean =>
    onValues
      ? matches(filter, { value: Array.isArray(element) ? [element] : element })
      : isDoc(element) && matches(filter, element);
  return { test: (value) => Array.isArray(value) && value.some(test), each: false };
};

const LEAVES: Readonly<Record<string, Make>> = {
  $eq: equal,
  $gt: ordering((order) => order > 0),
  $gte: ordering((order) => order >= 0),
  $lt: ordering((order) => order < 0),
  $lte: ordering((order) => order <= 0),
  $in: isIn,
  $exists: exists,
  $regex: regex,
  $size: size,
  $type: type,
  $elemMatch: elemMatch,
};

function leaf(path: string, operator: string, operand: unknown, siblings: Doc): Leaf {
  seen(`query:${operator}`);
  const made = LEAVES[operator]!(operand, siblings);
  return {
    type: "leaf",
    path,
    parts: path.split("."),
    operator,
    operand,
    options: made.options,
    each: made.each ?? true,
    test: (value) => made.test(value),
  };
}

const not = (filter: Filter): Filter => ({ type: "nor", of: [filter] });

function parseAll(path: string, operand: unknown): Filter {
  if (!Array.isArray(operand)) throw badValue("$all needs an array");
  seen("query:$all");
  const of = operand.map((one: unknown): Filter =>
    isDoc(one) && "$elemMatch" in one ? parsePredicate(path, one) : parsePredicate(path, one, true),
  );
  return of.length === 0 ? { type: "or", of: [] } : { type: "and", of };
}

function parseOperator(path: string, operator: string, operand: unknown, siblings: Doc): Filter {
  switch (operator) {
    case "$ne":
      seen("query:$ne");
      if (operand instanceof BSONRegExp) throw badValue("Can't have regex as arg to $ne.");
      return not(leaf(path, "$eq", operand, siblings));
    case "$nin":
      seen("query:$nin");
      return not(leaf(path, "$in", operand, siblings));
    case "$not":
      seen("query:$not");
      if (!(operand instanceof BSONRegExp) && !isDoc(operand))
        throw badValue("$not needs a regex or a document");
      if (isDoc(operand) && Object.keys(operand).length === 0) throw badValue("$not cannot be empty");
      if (isDoc(operand) && !isOperators(operand))
        throw badValue(`unknown operator: ${Object.keys(operand)[0] ?? ""}`);
      return not(parsePredicate(path, operand));
    case "$all":
      return parseAll(path, operand);
    case "$options":
      if (!("$regex" in siblings)) throw badValue("$options needs a $regex");
      return { type: "and", of: [] };
    default:
      if (!Object.hasOwn(LEAVES, operator)) throw badValue(`unknown operator: ${operator}`);
      return leaf(path, operator, operand, siblings);
  }
}

const isOperators = (value: Doc): boolean => Object.keys(value)[0]?.startsWith("$") === true;

/** What stands beside a field name: operators, or a value to equal. */
function parsePredicate(path: string, condition: unknown, literal = false): Filter {
  if (condition instanceof BSONRegExp) return leaf(path, "$regex", condition, {});
  if (literal || !isDoc(condition) || !isOperators(condition)) return leaf(path, "$eq", condition, {});
  const of = Object.entries(condition).map(([operator, operand]) => {
    return parseOperator(path, operator, operand, condition);
  });
  return of.length === 1 ? of[0]! : { type: "and", of };
}

/** Does an expression say the same of every document? */
function isConstant(expression: unknown): boolean {
  if (typeof expression === "string") return !expression.startsWith("$") || expression === "$$NOW";
  if (Array.isArray(expression)) return expression.every(isConstant);
  return !isDoc(expression) || Object.values(expression).every(isConstant);
}

/**
 * A comparison that an index can serve (https://www.mongodb.com/docs/manual/reference/operator/query/expr/). Unlike a
 * query's own, it takes null and what is missing for less than everything else.
 */
function boundOf(operand: unknown): Leaf | undefined {
  const [[operator, sides] = ["", undefined], ...more] = isDoc(operand) ? Object.entries(operand) : [];
  if (more.length > 0 || operator !== "$lte" || !Array.isArray(sides) || sides.length !== 2) return undefined;
  const [path, most] = sides as unknown[];
  if (typeof path !== "string" || !/^\$[^$]/.test(path) || !isConstant(most)) return undefined;
  const operandOf = compileExpression(most)({ root: {} }) ?? null;
  if (Array.isArray(operandOf)) return undefined;
  const name = path.slice(1);
  const test = (value: unknown): boolean => compare(value ?? null, operandOf) <= 0;
  const parts = name.split(".");
  return { type: "leaf", path: name, parts, operator: "$exprLte", operand: operandOf, each: false, test };
}

function parseTopLevel(name: string, operand: unknown): Filter {
  switch (name) {
    case "$and":
    case "$or":
    case "$nor": {
      seen(`query:${name}`);
      if (!Array.isArray(operand)) throw badValue(`${name} must be an array`);
      if (operand.length === 0) throw badValue("$and/$or/$nor must be a nonempty array");
      const of = operand.map((one: unknown) => {
        if (!isDoc(one)) throw badValue("$or/$and/$nor entries need to be full objects");
        return parseFilter(one);
      });
      return { type: name.slice(1) as "and" | "or" | "nor", of };
    }
    case "$expr": {
      seen("query:$expr");
      const value = compileExpression(operand);
      return { type: "expr", test: (doc) => isTrue(value({ root: doc })), bound: boundOf(operand) };
    }
    default:
      throw badValue(
        `unknown top level operator: ${name}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
      );
  }
}

/**
 * Reads a query document (https://www.mongodb.com/docs/manual/reference/operator/query/).
 * @throws MongoError 2, 9 or 14 for what MongoDB would refuse and for operators this server does not have
 */
export function parseFilter(filter: Doc): Filter {
  const of = Object.entries(filter).map(([name, condition]) =>
    name.startsWith("$") ? parseTopLevel(name, condition) : parsePredicate(name, condition),
  );
  return of.length === 1 ? of[0]! : { type: "and", of };
}
