import { Int32 } from "bson";
import { MongoError, typeMismatch } from "../errors.js";
import { toNumber } from "../numbers.js";
import { compare, equals, isDoc, isNullish, isNumber, kindOf } from "../values.js";
import { byPattern, parseSort } from "../sort.js";
import { isTrue } from "./logic.js";
import { named } from "./named.js";
import { strict, within } from "./operator.js";
import type { Operator, Operators } from "./operator.js";

const kindName = (value: unknown): string => (value === undefined ? "missing" : kindOf(value));

function needArray(code: number, name: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new MongoError(code, `${name} requires an array, not ${kindName(value)}`);
}

function needInteger(name: string, value: unknown): number {
  const number = isNumber(value) ? toNumber(value) : NaN;
  if (!Number.isInteger(number))
    throw new MongoError(28726, `${name} needs a whole number, not ${kindName(value)}`);
  return number;
}

function slice([array, second, third]: readonly unknown[], name: string): unknown {
  if (isNullish(array) || isNullish(second)) return null;
  const from = needArray(28724, `First argument to ${name}`, array);
  const first = needInteger(name, second);
  if (third === undefined) return first >= 0 ? from.slice(0, first) : from.slice(first);
  if (third === null) return null;
  const count = needInteger(name, third);
  if (count <= 0) throw new MongoError(28729, `Third argument to ${name} must be positive: ${count}`);
  const start = first >= 0 ? first : Math.max(0, from.length + first);
  return from.slice(start, start + count);
}

function elementAt([array, index]: readonly unknown[], name: string): unknown {
  if (isNullish(array) || isNullish(index)) return null;
  return needArray(28689, `${name}'s first argument`, array).at(needInteger(name, index));
}

const end = (index: 0 | -1): Operator =>
  strict(1, 1, ([array], name) =>
    isNullish(array) ? null : needArray(28689, `${name}'s argument`, array).at(index),
  );

function indexOf([array, wanted, from, to]: readonly unknown[], name: string): unknown {
  if (isNullish(array)) return null;
  const within = needArray(40090, `${name}'s first argument`, array);
  const start = from === undefined ? 0 : needInteger(name, from);
  const stop = to === undefined ? within.length : needInteger(name, to);
  return new Int32(within.findIndex((value, i) => i >= start && i < stop && equals(value, wanted)));
}

const map: Operator = (operand, compile) => {
  const given = named("$map", operand, ["input", "in"], ["as"]);
  const as = typeof given.as === "string" ? given.as : "this";
  const input = compile(given.input);
  const body = compile(given.in, [as]);
  return (scope) => {
    const array = input(scope);
    if (isNullish(array)) return null;
    return needArray(16883, "input to $map", array).map((one) => body(within(scope, { [as]: one })) ?? null);
  };
};

const filter: Operator = (operand, compile) => {
  const given = named("$filter", operand, ["input", "cond"], ["as", "limit"]);
  const as = typeof given.as === "string" ? given.as : "this";
  const input = compile(given.input);
  const test = compile(given.cond, [as]);
  const limit = compile(given.limit ?? null);
  return (scope) => {
    const array = input(scope);
    if (isNullish(array)) return null;
    const most = limit(scope);
    const kept = needArray(28651, "input to $filter", array).filter((one) =>
      isTrue(test(within(scope, { [as]: one }))),
    );
    return isNullish(most) ? kept : kept.slice(0, needInteger("$filter limit", most));
  };
};

const reduce: Operator = (operand, compile) => {
  const given = named("$reduce", operand, ["input", "initialValue", "in"]);
  const input = compile(given.input);
  const initial = compile(given.initialValue);
  const body = compile(given.in, ["value", "this"]);
  return (scope) => {
    const array = input(scope);
    if (isNullish(array)) return null;
    return needArray(40080, "input to $reduce", array).reduce(
      (value, one) => body(within(scope, { value, this: one })),
      initial(scope),
    );
  };
};

const sortArray: Operator = (operand, compile) => {
  const given = named("$sortArray", operand, ["input", "sortBy"]);
  const input = compile(given.input);
  const order = isDoc(given.sortBy) ? byPattern(parseSort(given.sortBy)) : undefined;
  const sign = order ? 1 : toNumber(given.sortBy);
  if (sign !== 1 && sign !== -1) throw new MongoError(2, "The $sort element value must be either 1 or -1");
  return (scope) => {
    const array = input(scope);
    if (isNullish(array)) return null;
    return [...needArray(2942504, "The input argument to $sortArray", array)].sort((a, b) =>
      order && isDoc(a) && isDoc(b) ? order(a, b) : sign * compare(a, b),
    );
  };
};

/** The distinct values, in MongoDB's order. */
function union(values: readonly unknown[], name: string): unknown {
  if (values.some(isNullish)) return null;
  const all = values.flatMap((value) => needArray(17043, `All operands of ${name}`, value)).sort(compare);
  return all.filter((value, i) => i === 0 || !equals(value, all[i - 1]));
}

function concatArrays(values: readonly unknown[], name: string): unknown {
  if (values.some(isNullish)) return null;
  return values.flatMap((value) => needArray(28664, name, value));
}

export const ARRAYS: Operators = {
  $in: strict(2, 2, ([value, array]) => {
    return needArray(40081, "$in as its second argument", array).some((one) => equals(one, value));
  }),
  $isArray: strict(1, 1, ([value]) => Array.isArray(value)),
  $size: strict(1, 1, ([value]) => {
    if (!Array.isArray(value))
      throw new MongoError(
        17124,
        `The argument to $size must be an array, but was of type: ${kindName(value)}`,
      );
    return new Int32(value.length);
  }),
  $slice: strict(2, 3, slice),
  $arrayElemAt: strict(2, 2, elementAt),
  $first: end(0),
  $last: end(-1),
  $indexOfArray: strict(2, 4, indexOf),
  $concatArrays: strict(0, Infinity, concatArrays),
  $setUnion: strict(0, Infinity, union),
  $map: map,
  $filter: filter,
  $reduce: reduce,
  $sortArray: sortArray,
  $reverseArray: strict(1, 1, ([value]) => {
    if (isNullish(value)) return null;
    if (!Array.isArray(value)) throw typeMismatch("The argument to $reverseArray must be an array");
    return [...(value as unknown[])].reverse();
  }),
};
