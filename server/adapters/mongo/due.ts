import type { Model, QueryFilter } from "mongoose";

/** Matches work whose time has come, by the database's clock. Written out in full, so that a partial index serves it. */
export const IS_DUE = { dueAt: { $exists: true }, $expr: { $lte: ["$dueAt", "$$NOW"] } };

/** A `dueAt` from now, for an update that is a pipeline. */
export function dueIn(ms: number): { dueAt: object } {
  return { dueAt: { $add: ["$$NOW", ms] } };
}

/** The ids of what is due, the longest overdue first. */
export async function dueIds<D extends { _id: string }>(model: Model<D>, limit: number): Promise<string[]> {
  const found = await model
    .find(IS_DUE as QueryFilter<D>)
    .sort({ dueAt: 1 })
    .limit(limit)
    .select({ _id: 1 })
    .lean<{ _id: string }[]>();
  return found.map(({ _id }) => _id);
}
