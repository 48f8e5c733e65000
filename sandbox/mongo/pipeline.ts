import { MongoError, notImplemented, typeMismatch } from "./errors.js";
import { parseFilter } from "./filter.js";
import { compileGroup } from "./group.js";
import type { Pattern } from "./indexkeys.js";
import { equals } from "./keys.js";
import { matches } from "./matcher.js";
import type { Filter } from "./matcher.js";
import { toNumber } from "./numbers.js";
import { compileProjection, compileSet, compileUnset } from "./projection.js";
import { parseSort, sorted } from "./sort.js";
import { setAt, valueAt } from "./updatepath.js";
import { copy, isArray, isDoc, isNullish, isNumber } from "./values.js";
import type { Doc } from "./values.js";
import { Vocabulary } from "./vocabulary.js";

/** Makes one document of one document. */
type Change = (doc: Doc) => Doc;

type Compile<Compiled> = (argument: unknown) => Compiled;

/** A stage of a pipeline: documents in, documents out. */
type Run = (docs: Iterable<Doc>) => Iterable<Doc>;

function needDoc(name: string, code: number, argument: unknown): Doc {
  if (isDoc(argument) && Object.keys(argument).length > 0) return argument;
  throw new MongoError(code, `${name} needs an object with at least one field`);
}

const filterOf = (argument: unknown) => {
  if (!isDoc(argument)) throw new MongoError(15959, "the match filter must be an expression in an object");
  return parseFilter(argument);
};
const orderOf = (argument: unknown) => parseSort(needDoc("$sort", 15976, argument));

function limitOf(argument: unknown): number {
  const limit = isNumber(argument) ? toNumber(argument) : NaN;
  if (!Number.isInteger(limit) || limit < 0)
    throw new MongoError(5107201, "invalid argument to $limit stage: Expected a non-negative number");
  if (limit === 0) throw new MongoError(15958, "the limit must be positive");
  return limit;
}

const eachBy =
  (compile: Compile<Change>): Compile<Run> =>
  (argument) => {
    const change = compile(argument);
    return function* (docs) {
      for (const doc of docs) yield change(doc);
    };
  };

function unwind(path: unknown): Run {
  if (typeof path !== "string") throw notImplemented("$unwind with options");
  if (!/^\$[^$]/.test(path))
    throw new MongoError(28818, `path option to $unwind stage should be prefixed with a '$': ${path}`);
  const parts = path.slice(1).split(".");
  return function* (docs) {
    for (const doc of docs) {
      const value = valueAt(doc, parts);
      if (!isArray(value) && !isNullish(value)) yield doc;
      for (const element of isArray(value) ? value : []) {
        const made = copy(doc);
        setAt(made, parts, element);
        yield made;
      }
    }
  };
}

const setStage: Compile<Change> = (argument) => compileSet(needDoc("$set", 40272, argument));

const STAGES = new Vocabulary<Compile<Run>>(import.meta.filename, "pipeline stage", {
  $match: (argument) => {
    const filter = filterOf(argument);
    return function* (docs) {
      for (const doc of docs) if (matches(filter, doc)) yield doc;
    };
  },
  $sort: (argument) => {
    const order = orderOf(argument);
    return (docs) => sorted(docs, order, (doc) => doc);
  },
  $limit: (argument) => {
    const limit = limitOf(argument);
    return function* (docs) {
      let given = 0;
      for (const doc of docs) {
        yield doc;
        if (++given >= limit) return;
      }
    };
  },
  $group: compileGroup,
  $unwind: unwind,
  $project: eachBy((argument) => compileProjection(needDoc("$project", 51272, argument))),
  $set: eachBy(setStage),
});

/** Stages of an update (https://www.mongodb.com/docs/manual/tutorial/update-documents-with-aggregation-pipeline/). */
const UPDATE_STAGES = new Vocabulary<Compile<Change>>(import.meta.filename, "update stage", {
  $set: setStage,
  $unset: (argument) => {
    const names: readonly unknown[] = isArray(argument) ? argument : [argument];
    if (names.length === 0 || !names.every((name) => typeof name === "string"))
      throw new MongoError(31002, "$unset specification must be a string or an array of strings");
    return compileUnset(names);
  },
});

/** Reads stages. @throws MongoError 14, 40323 or 40324 for something else, 40573 for a change stream */
function stagesOf<Compiled>(pipeline: unknown, known: Vocabulary<Compile<Compiled>>) {
  if (!isArray(pipeline)) throw typeMismatch("'pipeline' option must be specified as an array");
  return pipeline.map((stage) => {
    const entries = isDoc(stage) ? Object.entries(stage) : [];
    if (entries.length !== 1)
      throw new MongoError(40323, "A pipeline stage specification object must contain exactly one field.");
    const [name, argument] = entries[0]!;
    const compile = known.find(name);
    if (name === "$changeStream")
      throw new MongoError(40573, "The $changeStream stage is only supported on replica sets");
    if (!compile) throw new MongoError(40324, `Unrecognized pipeline stage name: '${name}'`);
    return { name, argument, compile: () => compile(argument) };
  });
}

/** What the first stages say about which documents to read, so that indexes serve them; and the stages left. */
export interface Pipeline {
  readonly filter: Filter;
  readonly sort: Pattern | undefined;
  /** 0: no limit. */
  readonly limit: number;
  /** Is all that is left to count the documents, as drivers do with `{ $group: { _id: 1, n: { $sum: 1 } } }`? */
  readonly counts: boolean;
  run(docs: Iterable<Doc>): Iterable<Doc>;
}

/** The group that counts all documents. */
const COUNT = { _id: 1, n: { $sum: 1 } };

/** Compiles the pipeline of `aggregate`. */
export function compilePipeline(pipeline: unknown): Pipeline {
  const stages = stagesOf(pipeline, STAGES);
  const next = (name: string): unknown => (stages[0]?.name === name ? stages.shift()?.argument : undefined);
  const filters: Filter[] = [];
  for (let match = next("$match"); match !== undefined; match = next("$match")) filters.push(filterOf(match));
  const sort = next("$sort");
  const limit = next("$limit");
  const runs = stages.map((stage) => stage.compile());
  const [last, ...more] = stages;
  return {
    filter: filters.length === 1 ? filters[0]! : { type: "and", of: filters },
    sort: sort === undefined ? undefined : orderOf(sort),
    limit: limit === undefined ? 0 : limitOf(limit),
    counts: last !== undefined && more.length === 0 && last.name === "$group" && equals(last.argument, COUNT),
    run: (docs) => runs.reduce((sofar, run) => run(sofar), docs),
  };
}

/** Compiles an update that is a pipeline. */
export function compileChanges(pipeline: unknown): Change {
  const changes = stagesOf(pipeline, UPDATE_STAGES).map((stage) => stage.compile());
  return (doc) => changes.reduce((sofar, change) => change(sofar), doc);
}
