import { badValue, notImplemented } from "./errors.js";
import { compileExpression, isTrue } from "./expressions.js";
import { compare, equals } from "./keys.js";
import { matches } from "./matcher.js";
import type { Filter, Leaf } from "./matcher.js";
import { toNumber } from "./numbers.js";
import { isArray, isDoc, isNullish, isNumber, isOperators, kindOf, RANK } from "./values.js";
import type { Doc } from "./values.js";
import { Vocabulary } from "./vocabulary.js";

type Test = (value: unknown) => boolean;

const isNaNumber = (value: unknown): boolean => isNumber(value) && Number.isNaN(toNumber(value));

/** Comparisons see only values of the operand's own type; null stands for a missing field too. */
const ordering =
  (accept: (order: number) => boolean) =>
  (operand: unknown): Test => {
    const rank = RANK[kindOf(operand)];
    return (found) => {
      const value = found ?? null;
      if (RANK[kindOf(value)] !== rank || isNaNumber(value) !== isNaNumber(operand)) return false;
      return accept(compare(value, operand));
    };
  };

const equal = (operand: unknown): Test =>
  operand === null ? isNullish : (value) => value !== undefined && equals(value, operand);

function isIn(path: string, operand: unknown): Filter {
  if (!isArray(operand)) throw badValue("$in needs an array");
  if (operand.some(isOperators)) throw badValue("cannot nest $ under $in");
  if (operand.length === 1) return equality(path, operand[0]);
  const tests = operand.map(equal);
  return leaf(path, "$in", operand, (value) => tests.some((test) => test(value)));
}

function regex(operand: unknown): Test {
  if (typeof operand !== "string") throw badValue("$regex has to be a string");
  try {
    const compiled = new RegExp(operand, "u");
    return (value) => typeof value === "string" && compiled.test(value);
  } catch (error) {
    throw badValue(`Regular expression is invalid: ${String(error)}`);
  }
}

function elemMatch(operand: unknown): Test {
  if (!isDoc(operand)) throw badValue("$elemMatch needs an Object");
  if (isOperators(operand)) throw notImplemented("$elemMatch of values");
  const filter = parseFilter(operand);
  return (value) => isArray(value) && value.some((one) => isDoc(one) && matches(filter, one));
}

const joined = (type: "and" | "or", of: readonly Filter[]): Filter =>
  of.length === 1 ? of[0]! : { type, of };

const not = (of: Filter): Filter => ({ type: "not", of });

function leaf(path: string, operator: string, operand: unknown, test: Test, each = true): Filter {
  return { type: "leaf", path, parts: path.split("."), operator, operand, each, test };
}

const equality = (path: string, operand: unknown): Filter => leaf(path, "$eq", operand, equal(operand));

/** Operators that stand beside a field name (https://www.mongodb.com/docs/manual/reference/operator/query/). */
const PREDICATES = new Vocabulary<(path: string, operand: unknown) => Filter>(
  import.meta.filename,
  "filter operator",
  {
    $eq: equality,
    $ne: (path, operand) => not(equality(path, operand)),
    $gt: (path, operand) => leaf(path, "$gt", operand, ordering((order) => order > 0)(operand)),
    $gte: (path, operand) => leaf(path, "$gte", operand, ordering((order) => order >= 0)(operand)),
    $lt: (path, operand) => leaf(path, "$lt", operand, ordering((order) => order < 0)(operand)),
    $lte: (path, operand) => leaf(path, "$lte", operand, ordering((order) => order <= 0)(operand)),
    $in: isIn,
    $exists: (path, operand) => {
      const there = leaf(path, "$exists", true, (value) => value !== undefined);
      // Where a path leads to several places, it must lead to none: not the same as finding one where nothing is.
      return isTrue(operand) ? there : not(there);
    },
    $regex: (path, operand) => leaf(path, "$regex", operand, regex(operand)),
    $elemMatch: (path, operand) => leaf(path, "$elemMatch", operand, elemMatch(operand), false),
    $not: (path, operand) => {
      if (!isOperators(operand)) throw badValue("$not needs a document of operators");
      return not(parsePredicate(path, operand));
    },
  },
);

/** What stands beside a field name: operators, or a value to equal. */
function parsePredicate(path: string, condition: unknown): Filter {
  if (!isOperators(condition)) return equality(path, condition);
  const of = Object.entries(condition).map(([operator, operand]) => {
    const predicate = PREDICATES.find(operator);
    if (!predicate) throw badValue(`unknown operator: ${operator}`);
    return predicate(path, operand);
  });
  return joined("and", of);
}

/** Does an expression say the same of every document? */
function isConstant(expression: unknown): boolean {
  if (typeof expression === "string") return !expression.startsWith("$") || expression === "$$NOW";
  if (isArray(expression)) return expression.every(isConstant);
  return !isDoc(expression) || Object.values(expression).every(isConstant);
}

/**
 * A comparison that an index can serve (https://www.mongodb.com/docs/manual/reference/operator/query/expr/). Unlike a
 * query's own, it takes null and what is missing for less than everything else.
 */
function boundOf(expression: unknown): Leaf | undefined {
  const [[operator, sides] = [], ...more] = isDoc(expression) ? Object.entries(expression) : [];
  if (more.length > 0 || operator !== "$lte" || !isArray(sides) || sides.length !== 2) return undefined;
  const [path, most] = sides;
  if (typeof path !== "string" || !/^\$[^$]/.test(path) || !isConstant(most)) return undefined;
  const operand = compileExpression(most)({ root: {} }) ?? null;
  if (isArray(operand)) return undefined;
  const test: Test = (value) => compare(value ?? null, operand) <= 0;
  return { type: "leaf", path: path.slice(1), operator: "$exprLte", operand, each: false, test };
}

const joining =
  (type: "and" | "or") =>
  (operand: unknown): Filter => {
    if (!isArray(operand) || operand.length === 0) throw badValue(`$${type} must be a nonempty array`);
    if (!operand.every(isDoc)) throw badValue("$or/$and entries need to be full objects");
    return joined(type, operand.map(parseFilter));
  };

/** Operators that stand beside no field name. */
const LOGICAL = new Vocabulary<(operand: unknown) => Filter>(import.meta.filename, "top level operator", {
  $and: joining("and"),
  $or: joining("or"),
  $expr: (operand) => {
    const value = compileExpression(operand);
    return { type: "expr", test: (doc) => isTrue(value({ root: doc })), bound: boundOf(operand) };
  },
});

/**
 * Reads a query document.
 * @throws MongoError 2, 9 or 14 for what MongoDB would refuse and for operators this server does not have
 */
export function parseFilter(filter: Doc): Filter {
  const of = Object.entries(filter).map(([name, condition]) => {
    if (!name.startsWith("$")) return parsePredicate(name, condition);
    const logical = LOGICAL.find(name);
    if (!logical) throw badValue(`unknown top level operator: ${name}.`);
    return logical(condition);
  });
  return joined("and", of);
}
