import type mongoose from "mongoose";
import type { mongo } from "mongoose";

/** A command as it was sent. */
export type Command = mongo.Document;

/** What MongoDB says of a query that it has run. */
export interface Explained {
  queryPlanner: { winningPlan: object };
  executionStats: { nReturned: number; totalDocsExamined: number };
}

/**
 * Explains the queries of a collection that some work sends, as they were sent.
 * @param sent where the connection's commands are gathered
 */
export async function explain(
  connection: mongoose.Connection,
  collection: string,
  sent: Command[],
  work: () => Promise<unknown>,
): Promise<Explained[]> {
  sent.length = 0;
  await work();
  const reads = ["find", "aggregate", "update", "findAndModify"];
  const commands = sent.filter((command) => reads.some((name) => command[name] === collection));
  return Promise.all(
    commands.map(async ({ lsid: _, $db: __, ...command }) => {
      const answer = await connection.db?.command({ explain: command, verbosity: "executionStats" });
      return answer as unknown as Explained;
    }),
  );
}

/** Which indexes a plan reads; COLLSCAN where it reads none. */
export function indexesOf(plan: object): string[] {
  const text = JSON.stringify(plan);
  const names = [...text.matchAll(/"indexName":"([^"]+)"/g)].map(([, name]) => name ?? "");
  return text.includes("COLLSCAN") ? ["COLLSCAN"] : [...new Set(names)];
}
