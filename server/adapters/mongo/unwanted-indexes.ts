import mongoose from "mongoose";

/** Mongoose types the schema of a model as anything. */
interface Declared {
  schema: { indexes(): [keys: object, options: object][] };
}

const NO_SUCH_COLLECTION = 26;
const NO_SUCH_INDEX = 27;

/** Drops the indexes that an older version made, which every write would go on paying for. */
export async function dropUnwanted(model: Declared & { collection: mongoose.Collection }): Promise<void> {
  const declared = model.schema.indexes().map(([key]) => key);
  const wanted = [{ _id: 1 }, ...declared].map((key) => JSON.stringify(key));
  const unlessGone = (...codes: number[]) => {
    return (error: unknown): [] => {
      const code = error instanceof mongoose.mongo.MongoServerError ? error.code : undefined;
      if (typeof code === "number" && codes.includes(code)) return [];
      throw error;
    };
  };
  const there = await model.collection.listIndexes().toArray().catch(unlessGone(NO_SUCH_COLLECTION));
  for (const { name, key } of there as { name: string; key: object }[]) {
    if (wanted.includes(JSON.stringify(key))) continue;
    // Of several servers that start, another may have been first.
    await model.collection.dropIndex(name).catch(unlessGone(NO_SUCH_INDEX));
  }
}
