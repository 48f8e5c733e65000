import { Int32 } from "bson";
import { MongoError } from "../errors.js";
import { equals } from "../keys.js";
import { toNumber } from "../numbers.js";
import { isArray, isNullish, isNumber, kindOf } from "../values.js";
import { Vocabulary } from "../vocabulary.js";
import { isTrue } from "./logic.js";
import { namedArguments, strict, within } from "./operator.js";
import type { Operator } from "./operator.js";

function needArray(code: number, what: string, value: unknown): readonly unknown[] {
  if (isArray(value)) return value;
  throw new MongoError(code, `${what} must be an array, but is of type: ${kindOf(value)}`);
}

function needInteger(name: string, value: unknown): number {
  const number = isNumber(value) ? toNumber(value) : NaN;
  if (!Number.isInteger(number))
    throw new MongoError(28726, `${name} needs a whole number, not ${kindOf(value)}`);
  return number;
}

/** The first so many of an array, or the last where the number is negative. */
function slice([array, count]: readonly unknown[], name: string): unknown {
  if (isNullish(array) || isNullish(count)) return null;
  const all = needArray(28724, `First argument to ${name}`, array);
  const most = needInteger(name, count);
  return most >= 0 ? all.slice(0, most) : all.slice(most);
}

function elementAt([array, index]: readonly unknown[], name: string): unknown {
  if (isNullish(array) || isNullish(index)) return null;
  return needArray(28689, `${name}'s first argument`, array).at(needInteger(name, index));
}

function indexOf([array, wanted]: readonly unknown[], name: string): unknown {
  if (isNullish(array)) return null;
  const all = needArray(40090, `${name}'s first argument`, array);
  return new Int32(all.findIndex((value) => equals(value, wanted)));
}

function concatArrays(values: readonly unknown[], name: string): unknown {
  if (values.some(isNullish)) return null;
  return values.flatMap((value) => needArray(28664, `Each argument to ${name}`, value));
}

const mapArguments = namedArguments(import.meta.filename, "$map", ["input", "in"], ["as"]);

const map: Operator = (operand, compile) => {
  const { input, in: body, as = "this" } = mapArguments(operand);
  const name = String(as);
  const [array, run] = [compile(input), compile(body, [name])];
  return (scope) => {
    const values = array(scope);
    if (isNullish(values)) return null;
    return needArray(16883, "input to $map", values).map(
      (one) => run(within(scope, { [name]: one })) ?? null,
    );
  };
};

const filterArguments = namedArguments(import.meta.filename, "$filter", ["input", "cond"], ["as"]);

const filter: Operator = (operand, compile) => {
  const { input, cond, as = "this" } = filterArguments(operand);
  const name = String(as);
  const [array, run] = [compile(input), compile(cond, [name])];
  return (scope) => {
    const values = array(scope);
    if (isNullish(values)) return null;
    const holds = (one: unknown): boolean => isTrue(run(within(scope, { [name]: one })));
    return needArray(28651, "input to $filter", values).filter(holds);
  };
};

export const ARRAYS = new Vocabulary<Operator>(import.meta.filename, "expression", {
  $in: strict(2, 2, ([value, array]) =>
    needArray(40081, "The second argument to $in", array).some((one) => equals(one, value)),
  ),
  $size: strict(1, 1, ([value]) => new Int32(needArray(17124, "The argument to $size", value).length)),
  $slice: strict(2, 2, slice),
  $arrayElemAt: strict(2, 2, elementAt),
  $indexOfArray: strict(2, 2, indexOf),
  $concatArrays: strict(0, Infinity, concatArrays),
  $map: map,
  $filter: filter,
});
