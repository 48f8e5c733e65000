import { Int32 } from "bson";
import { MongoError } from "./errors.js";
import { compileExpression } from "./expressions.js";
import { extreme, sumOf } from "./expressions/arithmetic.js";
import { keyOf } from "./keys.js";
import { isDoc } from "./values.js";
import type { Doc } from "./values.js";
import { Vocabulary } from "./vocabulary.js";

/** What a group begins with, and how each value is folded into it. */
interface Accumulator {
  readonly start: unknown;
  fold(sofar: unknown, value: unknown): unknown;
}

const ACCUMULATORS = new Vocabulary<Accumulator>(import.meta.filename, "accumulator", {
  $sum: { start: new Int32(0), fold: (sum, value) => sumOf([sum, value]) },
  $max: { start: null, fold: (most, value) => extreme([most, value], 1) },
});

function parseField([name, spec]: readonly [string, unknown]) {
  const [[operator, operand] = ["", undefined], ...more] = isDoc(spec) ? Object.entries(spec) : [];
  if (more.length > 0) throw new MongoError(40238, `The field '${name}' must specify one accumulator`);
  if (name.includes(".")) throw new MongoError(40235, `The field name '${name}' cannot contain '.'`);
  const accumulator = ACCUMULATORS.find(operator);
  if (!accumulator) throw new MongoError(15952, `unknown group operator '${operator}'`);
  return { name, ...accumulator, value: compileExpression(operand) };
}

/**
 * Compiles `$group` (https://www.mongodb.com/docs/manual/reference/operator/aggregation/group/); groups come out in
 * the order in which they were first met.
 */
export function compileGroup(spec: unknown): (docs: Iterable<Doc>) => Iterable<Doc> {
  if (!isDoc(spec)) throw new MongoError(15947, "a group's fields must be specified in an object");
  if (!("_id" in spec)) throw new MongoError(15955, "a group specification must include an _id");
  const { _id: key, ...rest } = spec;
  const idOf = compileExpression(key);
  const fields = Object.entries(rest).map(parseField);
  return function* (docs) {
    const groups = new Map<string, { id: unknown; values: unknown[] }>();
    for (const root of docs) {
      const id = idOf({ root }) ?? null;
      const at = keyOf(id);
      const group = groups.get(at) ?? { id, values: fields.map((one) => one.start) };
      groups.set(at, group);
      fields.forEach((one, i) => (group.values[i] = one.fold(group.values[i], one.value({ root }))));
    }
    for (const { id, values } of groups.values())
      yield { _id: id, ...Object.fromEntries(fields.map(({ name }, i) => [name, values[i]])) };
  };
}
