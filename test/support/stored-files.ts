import type { Collection, Document, Filter } from "mongodb";
import { DERIVED } from "../../server/adapters/mongo/file-lists.js";
import { literals } from "../../server/adapters/mongo/literals.js";
import { nameKey } from "../../server/files/names.js";
import { wordsOf } from "../../server/files/words.js";

/** As much of a file's document as has to be said; the rest is what an ordinary stored file has. */
export type StoredFile = { _id: string; name: string } & Record<string, unknown>;

const AT_ONCE = 5_000;

/** Puts files straight into the database, as the server itself would have left them. */
export async function putFiles<D extends Document>(
  files: Collection<D>,
  documents: readonly StoredFile[],
): Promise<void> {
  const all = files as unknown as Collection<StoredFile>;
  for (let at = 0; at < documents.length; at += AT_ONCE) {
    const some = documents.slice(at, at + AT_ONCE);
    await all.insertMany(
      some.map(({ _id, name, ...facts }) => ({
        ...{ _id, name, nameKey: nameKey(name), words: wordsOf(name), mimeType: "text/plain", kind: "text" },
        ...{ sizeBytes: 1, state: "STORED", createdAt: new Date(), folderIds: [], transferEpoch: 1 },
        ...facts,
      })),
    );
    await all.updateMany({ lists: null }, [DERIVED]);
  }
}

/** Changes one file's document, and what is derived from it. */
export async function changeFile<D extends Document>(
  files: Collection<D>,
  id: string,
  facts: Record<string, unknown>,
): Promise<void> {
  await files.updateOne({ _id: id } as unknown as Filter<D>, [{ $set: literals(facts) }, DERIVED]);
}
