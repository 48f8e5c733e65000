import mongoose from "mongoose";
import type { Connection } from "mongoose";
import type { DatabaseCondition } from "../../admin/checks.ports.js";
import { IS_DUE } from "./due.js";

const MOST_COUNTED = 1_000;
const NO_SUCH_COLLECTION = 26;

/** As much of a model as is looked at; mongoose types the models of a connection as anything. */
interface Declared {
  collection: { name: string };
  schema: { indexes(): [keys: object, options: object][] };
}

/** How the database and what waits in it are. */
export class MongoCondition implements DatabaseCondition {
  constructor(private readonly connection: Connection) {}

  async pingMs(): Promise<number> {
    const begun = performance.now();
    await this.connection.db?.command({ ping: 1 });
    return Math.round(performance.now() - begun);
  }

  async clock(): Promise<Date> {
    const answer = (await this.connection.db?.command({ hello: 1 })) as { localTime?: Date } | undefined;
    return answer?.localTime ?? new Date();
  }

  async missingIndexes(): Promise<string[]> {
    const models = Object.values(this.connection.models) as unknown as Declared[];
    const missing = await Promise.all(
      models.map(async ({ collection, schema }) => {
        const wanted = schema.indexes().map(([key]) => JSON.stringify(key));
        const there = wanted.length === 0 ? [] : await this.indexesOf(collection.name);
        return wanted.filter((key) => !there.includes(key)).map((key) => `${collection.name}: ${key}`);
      }),
    );
    return [...new Set(missing.flat())];
  }

  async oldestDueSeconds(): Promise<number | undefined> {
    const [oldest] = await this.connection
      .collection("transfers")
      .aggregate<{ ms: number }>([
        { $match: IS_DUE },
        { $sort: { dueAt: 1 } },
        { $limit: 1 },
        { $project: { ms: { $subtract: ["$$NOW", "$dueAt"] } } },
      ])
      .toArray();
    return oldest === undefined ? undefined : Math.round(oldest.ms / 1000);
  }

  stagedLeftOvers(): Promise<number> {
    return this.connection
      .collection("blobs")
      .countDocuments({ releaseStaged: true }, { limit: MOST_COUNTED });
  }

  private async indexesOf(name: string): Promise<string[]> {
    const found = await this.connection
      .collection(name)
      .listIndexes()
      .toArray()
      .catch((error: unknown) => {
        if (error instanceof mongoose.mongo.MongoServerError && error.code === NO_SUCH_COLLECTION) return [];
        throw error;
      });
    return found.map(({ key }) => JSON.stringify(key));
  }
}
