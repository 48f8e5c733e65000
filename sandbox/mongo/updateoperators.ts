import { Int32 } from "bson";
import { commandTime } from "./clock.js";
import { badValue, MongoError, typeMismatch } from "./errors.js";
import { parseFilter } from "./filter.js";
import { matches } from "./matcher.js";
import { arithmetic, toNumber } from "./numbers.js";
import { byPattern, parseSort } from "./sort.js";
import { compare, copy, equals, isArray, isDoc, isNumber, kindOf, show } from "./values.js";
import type { Doc } from "./values.js";

/** What is at one path before the change: `id` and `name` are for messages. */
export interface Target {
  readonly value: unknown;
  readonly id: unknown;
  readonly name: string;
}

/** Turns the old value into the new one; undefined leaves the field as it is. */
export type Change = (target: Target) => unknown;

/** One update operator: reads its argument once, then changes values. */
export interface UpdateOperator {
  parse(argument: unknown, path: string): Change;
  /** True: does nothing where the path leads to nothing. */
  readonly onlyExisting?: boolean;
}

function numeric(operator: "$inc" | "$mul"): UpdateOperator {
  const verb = operator === "$inc" ? "increment" : "multiply";
  return {
    parse(by, path) {
      if (!isNumber(by))
        throw typeMismatch(`Cannot ${verb} with non-numeric argument: {${path}: ${show(by)}}`);
      return ({ value, id, name }) => {
        if (value === undefined) return operator === "$inc" ? by : arithmetic("*", by, new Int32(0));
        if (!isNumber(value)) {
          throw typeMismatch(
            `Cannot apply ${operator} to a value of non-numeric type. {_id: ${show(id)}} has the field '${name}' of non-numeric type ${kindOf(value)}`,
          );
        }
        const result = arithmetic(operator === "$inc" ? "+" : "*", value, by);
        if (result === undefined)
          throw badValue(
            `Failed to apply ${operator} operations to current value (${show(value)}) for document {_id: ${show(id)}}`,
          );
        return result;
      };
    },
  };
}

const extreme = (sign: 1 | -1): UpdateOperator => ({
  parse:
    (wanted) =>
    ({ value }) =>
      value === undefined || sign * compare(wanted, value) > 0 ? copy(wanted) : undefined,
});

/** `{ $each: [...] }` with the modifiers allowed beside it, or one value to add. */
function additions(
  argument: unknown,
  operator: string,
  modifiers: readonly string[],
): { values: readonly unknown[]; options: Doc } {
  if (!isDoc(argument) || !("$each" in argument)) {
    if (isDoc(argument) && Object.keys(argument)[0]?.startsWith("$") === true)
      throw badValue(`Unrecognized clause in ${operator}: ${Object.keys(argument)[0]!}`);
    return { values: [argument], options: {} };
  }
  const stranger = Object.keys(argument).find((name) => name !== "$each" && !modifiers.includes(name));
  if (stranger !== undefined) throw badValue(`Unrecognized clause in ${operator}: ${stranger}`);
  if (!Array.isArray(argument.$each))
    throw typeMismatch(
      `The argument to $each in ${operator} must be an array but it was of type: ${kindOf(argument.$each)}`,
    );
  return { values: argument.$each, options: argument };
}

function currentArray({ value, id, name }: Target): unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return [...(value as unknown[])];
  throw badValue(
    `The field '${name}' must be an array but is of type ${kindOf(value)} in document {_id: ${show(id)}}`,
  );
}

function wholeNumber(options: Doc, name: "$slice" | "$position"): number | undefined {
  const value = options[name];
  if (value === undefined) return undefined;
  const number = isNumber(value) ? toNumber(value) : NaN;
  if (!Number.isInteger(number))
    throw badValue(`The value for ${name} must be an integer value but was given type: ${kindOf(value)}`);
  return number;
}

function pushOrder(by: unknown): ((a: unknown, b: unknown) => number) | undefined {
  if (by === undefined) return undefined;
  if (!isDoc(by)) {
    const sign = isNumber(by) ? toNumber(by) : 0;
    if (sign !== 1 && sign !== -1) throw badValue("The $sort element value must be either 1 or -1");
    return (a, b) => sign * compare(a, b);
  }
  const order = byPattern(parseSort(by));
  // Elements that are no documents have none of the fields.
  return (a, b) => order(isDoc(a) ? a : {}, isDoc(b) ? b : {});
}

const push: UpdateOperator = {
  parse(argument) {
    const { values, options } = additions(argument, "$push", ["$slice", "$sort", "$position"]);
    const position = wholeNumber(options, "$position");
    const slice = wholeNumber(options, "$slice");
    const order = pushOrder(options.$sort);
    return (target) => {
      const array = currentArray(target);
      array.splice(position ?? array.length, 0, ...values.map(copy));
      if (order) array.sort(order);
      return slice === undefined ? array : slice >= 0 ? array.slice(0, slice) : array.slice(slice);
    };
  },
};

const addToSet: UpdateOperator = {
  parse(argument) {
    const { values } = additions(argument, "$addToSet", []);
    return (target) => {
      const array = currentArray(target);
      for (const value of values) if (!array.some((one) => equals(one, value))) array.push(copy(value));
      return array;
    };
  },
};

const pop: UpdateOperator = {
  onlyExisting: true,
  parse(argument, path) {
    const end = isNumber(argument) ? toNumber(argument) : 0;
    if (end !== 1 && end !== -1)
      throw new MongoError(9, `$pop expects 1 or -1, found: ${path}: ${show(argument)}`);
    return (target) => {
      if (!isArray(target.value))
        throw typeMismatch(
          `Path '${target.name}' contains an element of non-array type '${kindOf(target.value)}'`,
        );
      return end === 1 ? target.value.slice(0, -1) : target.value.slice(1);
    };
  },
};

/** Keeps the elements for which `goes` is false. */
const removing = (
  operator: string,
  parse: (argument: unknown) => (element: unknown) => boolean,
): UpdateOperator => ({
  onlyExisting: true,
  parse(argument) {
    const goes = parse(argument);
    return ({ value }) => {
      if (!isArray(value)) throw badValue(`Cannot apply ${operator} to a non-array value`);
      return value.filter((element) => !goes(element));
    };
  },
});

function pullTest(condition: unknown): (element: unknown) => boolean {
  const operators = isDoc(condition) && Object.keys(condition)[0]?.startsWith("$") === true;
  if (isDoc(condition) && !operators) {
    const filter = parseFilter(condition);
    return (element) => isDoc(element) && matches(filter, element);
  }
  const filter = parseFilter({ value: condition });
  // An element that is an array is compared whole, as a value of its own.
  return (element) => matches(filter, { value: Array.isArray(element) ? [element] : element });
}

const currentDate: UpdateOperator = {
  parse(argument) {
    const date = argument === true || argument === false || (isDoc(argument) && argument.$type === "date");
    if (!date)
      throw badValue(
        `${show(argument)} is not valid type for $currentDate. Please use a boolean ('true') or { $type: 'date' }.`,
      );
    return () => commandTime();
  },
};

/** The update operators (https://www.mongodb.com/docs/manual/reference/operator/update/) but `$rename`, which has two paths. */
export const UPDATE_OPERATORS: Readonly<Record<string, UpdateOperator>> = {
  $set: { parse: (argument) => () => copy(argument) },
  $setOnInsert: { parse: (argument) => () => copy(argument) },
  $unset: { onlyExisting: true, parse: () => () => undefined },
  $inc: numeric("$inc"),
  $mul: numeric("$mul"),
  $min: extreme(-1),
  $max: extreme(1),
  $push: push,
  $addToSet: addToSet,
  $pop: pop,
  $pull: removing("$pull", pullTest),
  $pullAll: removing("$pullAll", (argument) => {
    if (!Array.isArray(argument)) throw badValue("$pullAll requires an array argument");
    return (element) => argument.some((one) => equals(one, element));
  }),
  $currentDate: currentDate,
};
