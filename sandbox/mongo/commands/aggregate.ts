import { MongoError } from "../errors.js";
import { asCount, countByIndex } from "../counting.js";
import { parseFilter } from "../filter.js";
import { compilePipeline, stageNumber, stagesOf } from "../pipeline.js";
import { find } from "../query.js";
import type { Query, Work } from "../query.js";
import type { Plan } from "../planner.js";
import { seen } from "../census.js";
import { parseSort } from "../sort.js";
import { stageOf } from "../stages.js";
import { encode, field, isDoc, isNumber } from "../values.js";
import type { Doc } from "../values.js";
import { toNumber } from "../numbers.js";
import { collectionName, deadlineOf, docOf, refuseUnknown } from "./command.js";
import type { Command, Commands, Request } from "./command.js";
import { hintOf } from "./read.js";

/** What the first stages say about which documents to read, so that indexes serve them; and the stages left. */
export function leadingQuery(request: Request): { query: Query; rest: readonly unknown[] } {
  const rest = [...stagesOf(field(request.body, "pipeline"))];
  const next = (name: string): unknown => {
    const first = rest[0] === undefined ? undefined : stageOf(rest[0]);
    if (first?.[0] !== name) return undefined;
    rest.shift();
    seen(`stage:${name}`);
    return first[1];
  };
  const filters: Doc[] = [];
  for (let match = next("$match"); match !== undefined; match = next("$match")) {
    if (!isDoc(match)) throw new MongoError(15959, "the match filter must be an expression in an object");
    filters.push(match);
  }
  const sort = next("$sort");
  if (sort !== undefined && (!isDoc(sort) || Object.keys(sort).length === 0))
    throw new MongoError(15976, "$sort stage must have at least one sort key");
  const skip = next("$skip");
  const limit = next("$limit");
  const skipped = skip === undefined ? 0 : stageNumber("$skip", skip);
  const query = {
    filter:
      filters.length === 1
        ? parseFilter(filters[0]!)
        : { type: "and" as const, of: filters.map(parseFilter) },
    sort: sort === undefined ? undefined : parseSort(sort),
    skip: skipped,
    limit: limit === undefined ? 0 : stageNumber("$limit", limit) + skipped,
    hint: hintOf(request),
    deadline: deadlineOf(request),
  };
  return { query, rest };
}

/** The documents that a pipeline gives. `work` and `plan` are for `explain`. */
export function runPipeline(request: Request, work?: Work, plan?: Plan): Iterable<Doc> {
  const { store } = request.shared;
  const { query, rest } = leadingQuery(request);
  const stages = compilePipeline(rest, { store, database: request.database });
  const collection = store.find(request.database, collectionName(request));
  const counted = asCount(rest);
  const found = counted && collection ? countByIndex(collection, query) : undefined;
  if (counted && found !== undefined) {
    if (work) work.keys = found;
    return counted(found);
  }
  const source = function* (): Generator<Doc> {
    if (collection) for (const { doc } of find(collection, query, work, plan)) yield doc;
  };
  return stages.reduce<Iterable<Doc>>((docs, stage) => stage(docs), source());
}

function* encoded(docs: Iterable<Doc>): Generator<Uint8Array> {
  for (const doc of docs) yield encode(doc);
}

const aggregate: Command = {
  fields: ["pipeline", "cursor", "hint", "allowDiskUse", "bypassDocumentValidation"],
  run(request) {
    if (isNumber(request.body.aggregate)) {
      const first = stagesOf(field(request.body, "pipeline"))[0];
      const name = first === undefined ? "" : stageOf(first)[0];
      if (name === "$changeStream")
        throw new MongoError(40573, "The $changeStream stage is only supported on replica sets");
      throw new MongoError(
        73,
        `Invalid namespace: {aggregate: 1} is not valid for '${name}'; a collection is required.`,
      );
    }
    const cursor = docOf(request, "cursor");
    if (!cursor)
      throw new MongoError(
        9,
        "The 'cursor' option is required, except for aggregate with the explain argument",
      );
    refuseUnknown(cursor, ["batchSize"], "aggregate.cursor");
    const size = isNumber(cursor.batchSize) ? toNumber(cursor.batchSize) : 101;
    const namespace = `${request.database}.${collectionName(request)}`;
    const documents = encoded(runPipeline(request));
    return { batch: request.shared.cursors.start(namespace, documents, size, false), first: true };
  },
};

export const AGGREGATES: Commands = { aggregate };
