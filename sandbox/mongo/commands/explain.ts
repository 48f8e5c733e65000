import { Int32 } from "bson";
import { MongoError, notImplemented } from "../errors.js";
import { choosePlan } from "../planner.js";
import type { IndexScan, Plan, Wanted } from "../planner.js";
import type { Work } from "../query.js";
import type { Doc } from "../values.js";
import { AGGREGATES } from "./aggregate.js";
import { checkFields, collectionOf, commandTable, neededDocOf, textOf } from "./command.js";
import type { Command, Explained } from "./command.js";
import { READS } from "./read.js";

function describeScan({ index, ranges, backwards }: IndexScan): Doc {
  return {
    stage: "IXSCAN",
    keyPattern: index.spec.key,
    indexName: index.name,
    isMultiKey: index.arrays.size > 0,
    direction: backwards ? "backward" : "forward",
    ranges: new Int32(ranges.length),
  };
}

function describe(plan: Plan | undefined, { sort, limit }: Wanted): Doc {
  if (!plan) return { stage: "EOF" };
  let stage: Doc = { stage: "COLLSCAN", direction: "forward" };
  if (plan.stage === "IXSCAN") stage = { stage: "FETCH", inputStage: describeScan(plan) };
  else if (plan.stage === "OR")
    stage = { stage: "FETCH", inputStage: { stage: "OR", inputStages: plan.scans.map(describeScan) } };
  if (sort && !plan.sorted) stage = { stage: "SORT", inputStage: stage };
  return limit > 0 ? { stage: "LIMIT", limitAmount: limit, inputStage: stage } : stage;
}

/** Runs the search, changing nothing, and counts what it reads. */
function execute({ query, run }: Explained, plan: Plan | undefined): Doc {
  const work: Work = { keys: 0, docs: 0 };
  const nReturned = [...run(work, plan)].length;
  return {
    nReturned: new Int32(nReturned),
    totalKeysExamined: new Int32(work.keys),
    totalDocsExamined: new Int32(work.docs),
    executionStages: describe(plan, query),
  };
}

const explain: Command = {
  options: ["verbosity"],
  run(request) {
    const body = neededDocOf(request, "explain");
    const verbosity = textOf(request, "verbosity");
    if (verbosity !== "executionStats") throw notImplemented(`The verbosity '${verbosity}'`);
    const name = Object.keys(body)[0] ?? "";
    const command = READS.find(name) ?? AGGREGATES.find(name);
    if (!command?.explain) throw new MongoError(59, `Explain failed due to unknown command: ${name}`);
    checkFields(name, body, command);
    const inner = { ...request, name, body };
    const explained = command.explain(inner);
    const collection = collectionOf(inner);
    const plan = collection && choosePlan(collection, explained.query);
    return {
      queryPlanner: { winningPlan: describe(plan, explained.query), rejectedPlans: [] },
      executionStats: execute(explained, plan),
    };
  },
};

export const EXPLAINS = commandTable(import.meta.filename, { explain });
