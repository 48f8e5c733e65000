import type { FileFilter } from "../../files/files.ports.js";
import { wordsOf } from "../../files/words.js";
import type { FileDocument, FileModel } from "./file-document.js";
import { DERIVED, conditionsOf, listsOf } from "./file-lists.js";

const AT_ONCE = 500;

/** Each list by itself: of one the index alone tells how many it has, and none has a file of another. */
export async function countFiles(model: FileModel, filter: FileFilter): Promise<number> {
  const conditions = conditionsOf(filter);
  const counts = listsOf(filter).map((lists) => model.countDocuments({ lists, ...conditions }));
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
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
