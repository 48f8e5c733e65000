import { Int32, Long } from "bson";
import { seen } from "./census.js";
import { badValue, MongoError, notImplemented } from "./errors.js";
import { parseFilter } from "./filter.js";
import { compileGroup } from "./group.js";
import { keysOf } from "./indexkeys.js";
import { matches } from "./matcher.js";
import { toNumber } from "./numbers.js";
import { find } from "./query.js";
import { byPattern, parseSort } from "./sort.js";
import { compileStage, stageOf } from "./stages.js";
import type { Store } from "./store.js";
import { setAt, valueAt } from "./updatepath.js";
import { copy, isDoc, isNullish, isNumber, kindOf } from "./values.js";
import type { Doc } from "./values.js";

/** A stage of a pipeline: documents in, documents out. */
export type PipelineStage = (docs: Iterable<Doc>) => Iterable<Doc>;

interface Context {
  readonly store: Store;
  readonly database: string;
}

/** A whole number for `$limit` and `$skip`. @throws MongoError 2107201, 15958 or 2 */
export function stageNumber(name: "$limit" | "$skip", argument: unknown): number {
  const number = isNumber(argument) ? toNumber(argument) : NaN;
  if (!Number.isInteger(number))
    throw new MongoError(
      name === "$limit" ? 2107201 : 5107200,
      `invalid argument to ${name} stage: Expected a whole number`,
    );
  if (number < 0)
    throw new MongoError(
      name === "$limit" ? 5107201 : 5107200,
      `invalid argument to ${name} stage: Expected a non-negative number in: ${name}: ${number}`,
    );
  if (number === 0 && name === "$limit") throw new MongoError(15958, "the limit must be positive");
  return number;
}

function needDoc(name: string, code: number, argument: unknown): Doc {
  if (!isDoc(argument))
    throw new MongoError(code, `the ${name} stage specification must be an object, not ${kindOf(argument)}`);
  return argument;
}

function match(argument: unknown): PipelineStage {
  const filter = parseFilter(needDoc("$match", 15959, argument));
  return function* (docs) {
    for (const doc of docs) if (matches(filter, doc)) yield doc;
  };
}

function sort(argument: unknown): PipelineStage {
  const order = byPattern(parseSort(needDoc("$sort", 15973, argument)));
  return (docs) => [...docs].sort(order);
}

function limit(argument: unknown): PipelineStage {
  const most = stageNumber("$limit", argument);
  return function* (docs) {
    let given = 0;
    for (const doc of docs) {
      yield doc;
      if (++given >= most) return;
    }
  };
}

function skip(argument: unknown): PipelineStage {
  const less = stageNumber("$skip", argument);
  return function* (docs) {
    let passed = 0;
    for (const doc of docs) if (++passed > less) yield doc;
  };
}

function count(argument: unknown): PipelineStage {
  if (typeof argument !== "string" || argument === "")
    throw new MongoError(40156, "the count field must be a non-empty string");
  if (argument.startsWith("$") || argument.includes("."))
    throw new MongoError(40158, "the count field cannot be a $-prefixed path or contain '.'");
  return function* (docs) {
    let n = 0;
    for (const doc of docs) n += isDoc(doc) ? 1 : 0;
    if (n > 0) yield { [argument]: new Int32(n) };
  };
}

function unwind(argument: unknown): PipelineStage {
  const spec = typeof argument === "string" ? { path: argument } : needDoc("$unwind", 15981, argument);
  const strange = Object.keys(spec).find(
    (name) => !["path", "includeArrayIndex", "preserveNullAndEmptyArrays"].includes(name),
  );
  if (strange !== undefined) throw new MongoError(28811, `unrecognized option to $unwind stage: ${strange}`);
  const { path, includeArrayIndex, preserveNullAndEmptyArrays } = spec;
  if (typeof path !== "string")
    throw new MongoError(28808, "expected a string as the path for $unwind stage");
  if (!path.startsWith("$") || path.length < 2)
    throw new MongoError(28818, `path option to $unwind stage should be prefixed with a '$': ${path}`);
  if (includeArrayIndex !== undefined && typeof includeArrayIndex !== "string")
    throw new MongoError(
      28810,
      "expected a non-empty string for the includeArrayIndex option to $unwind stage",
    );
  const parts = path.slice(1).split(".");
  const keep = preserveNullAndEmptyArrays === true;
  const indexed = (doc: Doc, index: Long | null): Doc => {
    if (includeArrayIndex !== undefined) setAt(doc, includeArrayIndex.split("."), index);
    return doc;
  };
  return function* (docs) {
    for (const doc of docs) {
      const value = valueAt(doc, parts);
      if (!Array.isArray(value)) {
        if (keep || !isNullish(value)) yield indexed(doc, null);
      } else if (value.length === 0 && keep) {
        // The empty array goes, so that the field is missing.
        const made = copy(doc);
        const holder = valueAt(made, parts.slice(0, -1));
        if (isDoc(holder)) delete holder[parts.at(-1)!];
        yield indexed(made, null);
      }
      for (const [i, element] of Array.isArray(value) ? value.entries() : []) {
        const made = copy(doc);
        setAt(made, parts, element);
        yield indexed(made, Long.fromInt(i));
      }
    }
  };
}

/** Only the form with `localField` and `foreignField`. */
function lookup(argument: unknown, { store, database }: Context): PipelineStage {
  const spec = needDoc("$lookup", 9, argument);
  const { from, localField, foreignField, as } = spec;
  const strange = Object.keys(spec).find(
    (name) => !["from", "localField", "foreignField", "as"].includes(name),
  );
  if (strange !== undefined) throw notImplemented(`$lookup with '${strange}'`);
  if (
    typeof from !== "string" ||
    typeof localField !== "string" ||
    typeof foreignField !== "string" ||
    typeof as !== "string"
  ) {
    throw new MongoError(9, "$lookup needs the strings from, localField, foreignField and as");
  }
  const local = { names: [localField], paths: [localField.split(".")], descending: [false] };
  return function* (docs) {
    for (const doc of docs) {
      const values = keysOf(doc, local).all.map((value) => value ?? null);
      const collection = store.find(database, from);
      const filter = parseFilter({ [foreignField]: { $in: values } });
      const found = collection ? [...find(collection, { filter, skip: 0, limit: 0, deadline: 0 })] : [];
      const made = copy(doc);
      setAt(
        made,
        as.split("."),
        found.map((one) => one.doc),
      );
      yield made;
    }
  };
}

const STAGES: Readonly<Record<string, (argument: unknown, context: Context) => PipelineStage>> = {
  $match: match,
  $sort: sort,
  $limit: limit,
  $skip: skip,
  $count: count,
  $unwind: unwind,
  $group: (argument) => compileGroup(argument),
  $lookup: lookup,
};

/** Compiles the stages of a pipeline. @throws MongoError 40324 for one this server does not have, 40573 for a change stream */
export function compilePipeline(pipeline: readonly unknown[], context: Context): PipelineStage[] {
  return pipeline.map((one): PipelineStage => {
    const [name, argument] = stageOf(one);
    if (name === "$changeStream")
      throw new MongoError(40573, "The $changeStream stage is only supported on replica sets");
    const each = compileStage(name, argument);
    if (each) {
      return function* (docs) {
        for (const doc of docs) yield each(doc);
      };
    }
    if (!Object.hasOwn(STAGES, name))
      throw new MongoError(40324, `Unrecognized pipeline stage name: '${name}'`);
    seen(`stage:${name}`);
    return STAGES[name]!(argument, context);
  });
}

/** Reads the `pipeline` of a command. @throws MongoError 14 or 2 for something else than stages */
export function stagesOf(pipeline: unknown): readonly unknown[] {
  if (!Array.isArray(pipeline)) throw new MongoError(14, "'pipeline' option must be specified as an array");
  if (pipeline.length > 1000) throw badValue("Pipeline length must be no longer than 1000 stages");
  return pipeline;
}
