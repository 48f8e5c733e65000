import { badValue, notImplemented, typeMismatch } from "./errors.js";
import { parseFilter } from "./filter.js";
import { equals } from "./keys.js";
import { matches } from "./matcher.js";
import { arithmetic, toNumber } from "./numbers.js";
import { copy, isArray, isDoc, isNumber, isOperators, kindOf, show } from "./values.js";
import type { Doc } from "./values.js";
import { Names, Vocabulary } from "./vocabulary.js";

/** What is at one path before the change, and what messages call it. */
export interface Target {
  readonly value: unknown;
  readonly name: string;
}

/** Turns the old value into the new one; undefined leaves the field as it is. */
export type Change = (target: Target) => unknown;

/** One update operator: reads its argument once, then changes values. */
export interface UpdateOperator {
  parse(argument: unknown, path: string): Change;
  readonly when?: "inserting";
  readonly removes?: boolean;
}

const set =
  (argument: unknown): Change =>
  () =>
    copy(argument);

function increment(by: unknown, path: string): Change {
  if (!isNumber(by)) throw typeMismatch(`Cannot increment with non-numeric argument: {${path}: ${show(by)}}`);
  return ({ value, name }) => {
    if (value === undefined) return by;
    if (!isNumber(value))
      throw typeMismatch(
        `Cannot apply $inc to a value of non-numeric type: the field '${name}' is of non-numeric type ${kindOf(value)}`,
      );
    const result = arithmetic("+", value, by);
    if (result === undefined)
      throw badValue(`Failed to apply $inc operations to current value (${show(value)}) of '${name}'`);
    return result;
  };
}

function arrayOf({ value, name }: Target): readonly unknown[] {
  if (value === undefined) return [];
  if (isArray(value)) return value;
  throw badValue(`The field '${name}' must be an array but is of type ${kindOf(value)}`);
}

/** What is added to an array: one value, or `{ $each: [...] }` with the modifiers that may stand beside it. */
function additions(argument: unknown, operator: string, known: Names): { values: unknown[]; modifiers: Doc } {
  if (!isOperators(argument)) return { values: [argument], modifiers: {} };
  const stranger = known.stranger(argument);
  if (stranger !== undefined) throw badValue(`Unrecognized clause in ${operator}: ${stranger}`);
  const { $each: values, ...modifiers } = argument;
  if (isArray(values)) return { values, modifiers };
  throw typeMismatch(
    `The argument to $each in ${operator} must be an array but it was of type: ${kindOf(values)}`,
  );
}

const PUSH_MODIFIERS = new Names(import.meta.filename, "modifier of $push", ["$each", "$slice"]);

function push(argument: unknown): Change {
  const { values, modifiers } = additions(argument, "$push", PUSH_MODIFIERS);
  const slice = modifiers.$slice ?? Infinity;
  const most = isNumber(slice) ? toNumber(slice) : NaN;
  if (most !== Infinity && !Number.isInteger(most))
    throw badValue(`The value for $slice must be an integer value but was given type: ${kindOf(slice)}`);
  return (target) => {
    const array = [...arrayOf(target), ...values.map(copy)];
    return most >= 0 ? array.slice(0, most) : array.slice(most);
  };
}

const SET_MODIFIERS = new Names(import.meta.filename, "modifier of $addToSet", ["$each"]);

function addToSet(argument: unknown): Change {
  const { values } = additions(argument, "$addToSet", SET_MODIFIERS);
  return (target) => {
    const array = [...arrayOf(target)];
    for (const value of values) if (!array.some((one) => equals(one, value))) array.push(copy(value));
    return array;
  };
}

function pull(condition: unknown): Change {
  if (!isDoc(condition) || isOperators(condition)) throw notImplemented("$pull of values");
  const filter = parseFilter(condition);
  return (target) => {
    if (target.value === undefined) return undefined;
    return arrayOf(target).filter((one) => !(isDoc(one) && matches(filter, one)));
  };
}

/** The update operators (https://www.mongodb.com/docs/manual/reference/operator/update/). */
export const UPDATE_OPERATORS = new Vocabulary<UpdateOperator>(import.meta.filename, "update operator", {
  $set: { parse: set },
  $setOnInsert: { parse: set, when: "inserting" },
  $unset: { parse: () => () => undefined, removes: true },
  $inc: { parse: increment },
  $push: { parse: push },
  $addToSet: { parse: addToSet },
  $pull: { parse: pull },
});
