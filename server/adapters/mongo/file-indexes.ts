import type { FileFilter } from "../../files/files.ports.js";
import type { FileModel } from "./file-document.js";
import { conditionsOf, inOrder, listsOf } from "./file-lists.js";

/** Each list by itself: of one the index alone tells how many it has, and none has a file of another. */
export async function countFiles(model: FileModel, filter: FileFilter): Promise<number> {
  if (filter.beside !== undefined) return model.countDocuments(inOrder(filter, "state"));
  const conditions = conditionsOf(filter);
  const counts = listsOf(filter).map((lists) => model.countDocuments({ lists, ...conditions }));
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}
