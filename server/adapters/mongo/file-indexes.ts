import mongoose from "mongoose";
import type { FileFilter } from "../../files/files.ports.js";
import { wordsOf } from "../../files/words.js";
import type { FileDocument, FileModel } from "./file-document.js";
import { DERIVED, conditionsOf, listsOf } from "./file-lists.js";

/** Mongoose types the schema of a model as anything. */
interface Declared {
  schema: { indexes(): [keys: object, options: object][] };
}

const NO_SUCH_COLLECTION = 26;
const NO_SUCH_INDEX = 27;
const AT_ONCE = 500;

/** Each list by itself: of one the index alone tells how many it has, and none has a file of another. */
export async function countFiles(model: FileModel, filter: FileFilter): Promise<number> {
  const conditions = conditionsOf(filter);
  const counts = listsOf(filter).map((lists) => model.countDocuments({ lists, ...conditions }));
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

/** Drops the indexes that an older version made, which every write would go on paying for. */
export async function dropUnwanted(model: FileModel): Promise<void> {
  const declared = (model as unknown as Declared).schema.indexes().map(([key]) => key);
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

/** Gives the files of an older version what lists find them by. Safe to repeat, and beside others. */
export async function deriveMissing(model: FileModel): Promise<void> {
  for (;;) {
    const found = await model
      .find({ lists: null } as object)
      .limit(AT_ONCE)
      .select({ name: 1 })
      .lean<FileDocument[]>();
    if (found.length === 0) return;
    await model.bulkWrite(
      found.map(({ _id, name }) => ({
        updateOne: {
          // Unless it has just got another name.
          filter: { _id, name },
          update: [{ $set: { words: { $literal: wordsOf(name) } } }, DERIVED],
        },
      })),
      { ordered: false },
    );
  }
}
