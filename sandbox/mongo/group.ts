import { Int32 } from "bson";
import { seen } from "./census.js";
import { MongoError } from "./errors.js";
import { compileExpression } from "./expressions.js";
import type { Run } from "./expressions.js";
import { averageOf, extreme, sumOf } from "./expressions/arithmetic.js";
import { encodeKey } from "./keys.js";
import { isDoc, isNumber } from "./values.js";
import type { Doc } from "./values.js";

/** Takes in one value after another. */
interface Accumulator {
  add(value: unknown): void;
  result(): unknown;
}

/** Keeps one value and folds each further one into it. */
const folding = (start: unknown, fold: (sofar: unknown, value: unknown) => unknown) => (): Accumulator => {
  let sofar = start;
  return { add: (value) => (sofar = fold(sofar, value)), result: () => sofar ?? null };
};

function collecting(unique: boolean): Accumulator {
  const values: unknown[] = [];
  const known = new Set<string>();
  return {
    add(value) {
      if (value === undefined) return;
      const key = unique ? encodeKey([value], [false]) : "";
      if (unique && known.has(key)) return;
      known.add(key);
      values.push(value);
    },
    result: () => values,
  };
}

function ends(last: boolean): Accumulator {
  let value: unknown;
  let any = false;
  return {
    add(next) {
      if (last || !any) value = next;
      any = true;
    },
    result: () => value ?? null,
  };
}

function averaging(): Accumulator {
  const numbers: unknown[] = [];
  return { add: (value) => void (isNumber(value) && numbers.push(value)), result: () => averageOf(numbers) };
}

const ACCUMULATORS: Readonly<Record<string, () => Accumulator>> = {
  $sum: folding(new Int32(0), (sum, value) => (isNumber(value) ? sumOf([sum, value]) : sum)),
  $min: folding(undefined, (least, value) => extreme([least, value], -1)),
  $max: folding(undefined, (most, value) => extreme([most, value], 1)),
  $avg: averaging,
  $first: () => ends(false),
  $last: () => ends(true),
  $push: () => collecting(false),
  $addToSet: () => collecting(true),
  $count: folding(new Int32(0), (sum) => sumOf([sum, new Int32(1)])),
};

interface GroupField {
  readonly name: string;
  readonly start: () => Accumulator;
  readonly value: Run;
}

function parseField(name: string, spec: unknown): GroupField {
  const [entry, ...more] = isDoc(spec) ? Object.entries(spec) : [];
  if (!entry) throw new MongoError(40234, `The field '${name}' must be an accumulator object`);
  if (more.length > 0) throw new MongoError(40238, `The field '${name}' must specify one accumulator`);
  const [operator, operand] = entry;
  if (!Object.hasOwn(ACCUMULATORS, operator))
    throw new MongoError(15952, `unknown group operator '${operator}'`);
  if (name.includes(".")) throw new MongoError(40235, `The field name '${name}' cannot contain '.'`);
  if (operator === "$count" && !(isDoc(operand) && Object.keys(operand).length === 0))
    throw new MongoError(14, "$count takes no arguments, i.e. $count:{}");
  seen(`group:${operator}`);
  return { name, start: ACCUMULATORS[operator]!, value: compileExpression(operand) };
}

/**
 * Compiles `$group` (https://www.mongodb.com/docs/manual/reference/operator/aggregation/group/); groups come out in
 * the order in which they were first met.
 */
export function compileGroup(spec: unknown): (docs: Iterable<Doc>) => Iterable<Doc> {
  if (!isDoc(spec)) throw new MongoError(15947, "a group's fields must be specified in an object");
  if (!("_id" in spec)) throw new MongoError(15955, "a group specification must include an _id");
  const id = compileExpression(spec._id);
  const fields = Object.entries(spec)
    .filter(([name]) => name !== "_id")
    .map(([name, one]) => parseField(name, one));
  return function* (docs) {
    const groups = new Map<string, { _id: unknown; accumulators: Accumulator[] }>();
    for (const root of docs) {
      const _id = id({ root }) ?? null;
      const key = encodeKey([_id], [false]);
      const group = groups.get(key) ?? { _id, accumulators: fields.map((one) => one.start()) };
      groups.set(key, group);
      fields.forEach((one, i) => group.accumulators[i]!.add(one.value({ root })));
    }
    for (const { _id, accumulators } of groups.values()) {
      yield { _id, ...Object.fromEntries(fields.map((one, i) => [one.name, accumulators[i]!.result()])) };
    }
  };
}
