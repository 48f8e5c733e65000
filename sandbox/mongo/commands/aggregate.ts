import { Int32 } from "bson";
import { countByIndex } from "../counting.js";
import { compilePipeline } from "../pipeline.js";
import type { Pipeline } from "../pipeline.js";
import type { Plan } from "../planner.js";
import { find } from "../query.js";
import type { Work } from "../query.js";
import { encode, field } from "../values.js";
import type { Doc } from "../values.js";
import { checkCursor, collectionOf, commandTable, namespaceOf } from "./command.js";
import type { Command, Request } from "./command.js";

const pipelineOf = (request: Request): Pipeline => compilePipeline(field(request.body, "pipeline"));

/** The documents that a pipeline gives. `work` and `plan` are for `explain`. */
function runPipeline(request: Request, pipeline: Pipeline, work?: Work, plan?: Plan): Iterable<Doc> {
  const collection = collectionOf(request);
  const counted = collection && pipeline.counts ? countByIndex(collection, pipeline) : undefined;
  if (counted !== undefined) {
    if (work) work.keys = counted;
    return counted === 0 ? [] : [{ _id: 1, n: new Int32(counted) }];
  }
  const found = function* (): Generator<Doc> {
    for (const { doc } of find(collection, pipeline, work, plan)) yield doc;
  };
  return pipeline.run(found());
}

function* encoded(docs: Iterable<Doc>): Generator<Uint8Array> {
  for (const doc of docs) yield encode(doc);
}

const aggregate: Command = {
  options: ["pipeline", "cursor"],
  run(request) {
    const pipeline = pipelineOf(request);
    checkCursor(request);
    return request.shared.cursors.start(namespaceOf(request), encoded(runPipeline(request, pipeline)), 101);
  },
  explain(request) {
    const pipeline = pipelineOf(request);
    return { query: pipeline, run: (work, plan) => runPipeline(request, pipeline, work, plan) };
  },
};

export const AGGREGATES = commandTable(import.meta.filename, { aggregate });
