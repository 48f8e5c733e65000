import { Int32 } from "bson";
import { MongoError } from "../errors.js";
import type { Collection } from "../collection.js";
import { choosePlan } from "../planner.js";
import type { IndexScan, Plan } from "../planner.js";
import { find } from "../query.js";
import type { Query, Work } from "../query.js";
import { field, isDoc } from "../values.js";
import type { Doc } from "../values.js";
import { leadingQuery, runPipeline } from "./aggregate.js";
import { collectionName, docsOf } from "./command.js";
import type { Command, Commands, Request } from "./command.js";
import { findQuery, plainQuery } from "./read.js";
import { modifyQuery, statementQuery } from "./write.js";

/** The query of a command that can be explained. */
const QUERIES: Readonly<Record<string, (request: Request) => Query>> = {
  find: findQuery,
  count: plainQuery,
  distinct: plainQuery,
  aggregate: (request) => leadingQuery(request).query,
  findAndModify: modifyQuery,
  update: (request) =>
    statementQuery(request, docsOf(request, "updates")[0]!, docsOf(request, "updates")[0]!.multi === true),
  delete: (request) =>
    statementQuery(
      request,
      docsOf(request, "deletes")[0]!,
      Number(docsOf(request, "deletes")[0]!.limit) === 0,
    ),
};

function describeScan({ index, ranges, backwards }: IndexScan): Doc {
  return {
    stage: "IXSCAN",
    keyPattern: index.spec.key,
    indexName: index.name,
    isMultiKey: index.multikey,
    isUnique: index.unique,
    isSparse: index.sparse,
    isPartial: index.partial !== undefined,
    direction: backwards ? "backward" : "forward",
    ranges: new Int32(ranges.length),
  };
}

function describe(plan: Plan | undefined, query: Query): Doc {
  if (!plan) return { stage: "EOF" };
  let stage: Doc = { stage: "COLLSCAN", direction: "forward" };
  if (plan.stage === "IXSCAN") stage = { stage: "FETCH", inputStage: describeScan(plan) };
  else if (plan.stage === "OR") {
    stage = { stage: "FETCH", inputStage: { stage: "OR", inputStages: plan.scans.map(describeScan) } };
  }
  if (query.sort && !plan.sorted) stage = { stage: "SORT", inputStage: stage };
  if (query.skip > 0) stage = { stage: "SKIP", skipAmount: query.skip, inputStage: stage };
  if (query.limit > 0) stage = { stage: "LIMIT", limitAmount: query.limit - query.skip, inputStage: stage };
  return stage;
}

/** Runs the search, changing nothing, and counts what it reads. */
function execute(
  request: Request,
  collection: Collection | undefined,
  query: Query,
  plan: Plan | undefined,
): Doc {
  const work: Work = { keys: 0, docs: 0 };
  const start = performance.now();
  let nReturned = 0;
  if (collection && plan) {
    const results =
      request.name === "aggregate" ? runPipeline(request, work, plan) : find(collection, query, work, plan);
    for (const each of results) nReturned += each === undefined ? 0 : 1;
  }
  return {
    executionSuccess: true,
    nReturned: new Int32(nReturned),
    executionTimeMillis: new Int32(Math.round(performance.now() - start)),
    totalKeysExamined: new Int32(work.keys),
    totalDocsExamined: new Int32(work.docs),
    executionStages: describe(plan, query),
  };
}

const explain: Command = {
  fields: ["verbosity"],
  run(request) {
    const body = field(request.body, "explain");
    if (!isDoc(body))
      throw new MongoError(14, "BSON field 'explain.explain' is the wrong type, expected type 'object'");
    const verbosity = field(request.body, "verbosity") ?? "allPlansExecution";
    if (!["queryPlanner", "executionStats", "allPlansExecution"].some((known) => known === verbosity)) {
      throw new MongoError(
        2,
        "verbosity string must be one of {'queryPlanner', 'executionStats', 'allPlansExecution'}",
      );
    }
    const name = Object.keys(body)[0] ?? "";
    if (!Object.hasOwn(QUERIES, name))
      throw new MongoError(59, `Explain failed due to unknown command: ${name}`);
    const inner = { ...request, name, body };
    const query = QUERIES[name]!(inner);
    const collection = request.shared.store.find(request.database, collectionName(inner));
    const plan = collection && choosePlan(collection, query);
    const namespace = `${request.database}.${collectionName(inner)}`;
    return {
      queryPlanner: { namespace, winningPlan: describe(plan, query), rejectedPlans: [] },
      ...(verbosity === "queryPlanner" ? {} : { executionStats: execute(inner, collection, query, plan) }),
      command: body,
      serverInfo: { host: request.shared.host, version: "7.0.0" },
    };
  },
};

export const EXPLAINS: Commands = { explain };
