import type { Collection, Connection } from "mongoose";
import type { Happening, Happenings } from "../../admin/statistics.ports.js";
import type { FileDocument } from "./file-document.js";
import { DERIVED, isMarked } from "./file-lists.js";
import type { TransferDocument } from "./transfer-document.js";

type MarkedFile = Pick<FileDocument, "_id" | "sizeBytes" | "unrecordedUpload" | "due">;
type MarkedTransfer = Pick<TransferDocument, "_id" | "bytesTotal" | "unrecordedEnd">;

export class MongoHappenings implements Happenings {
  private readonly files: Collection<MarkedFile>;
  private readonly transfers: Collection<MarkedTransfer>;

  constructor(connection: Connection) {
    this.files = connection.collection<MarkedFile>("files");
    this.transfers = connection.collection<MarkedTransfer>("transfers");
  }

  async syncIndexes(): Promise<void> {
    // Files with such a mark are found among all that wait for something: see file-lists.ts.
    const mark = "unrecordedEnd.at";
    const partialFilterExpression = { [mark]: { $exists: true } };
    await this.transfers.createIndex({ [mark]: 1 }, { partialFilterExpression });
  }

  async unrecorded(limit: number): Promise<Happening[]> {
    const [files, transfers] = await Promise.all([
      this.files.find(isMarked("unrecordedUpload")).limit(limit).toArray(),
      this.transfers
        .find({ "unrecordedEnd.at": { $exists: true } })
        .limit(limit)
        .toArray(),
    ]);
    return [...files.flatMap(uploadOf), ...transfers.flatMap(endOf)];
  }

  async markRecorded({ of, id, key }: Happening): Promise<void> {
    if (of === "file") await this.files.updateOne({ _id: id }, [{ $unset: ["unrecordedUpload"] }, DERIVED]);
    else
      await this.transfers.updateOne({ _id: id, "unrecordedEnd.key": key }, { $unset: { unrecordedEnd: 1 } });
  }
}

function uploadOf({ _id: id, sizeBytes: uploadedBytes, unrecordedUpload: at }: MarkedFile): Happening[] {
  return at === undefined ? [] : [{ of: "file", id, key: id, at, counts: { uploads: 1, uploadedBytes } }];
}

function endOf({ _id: id, bytesTotal, unrecordedEnd: end }: MarkedTransfer): Happening[] {
  if (end === undefined) return [];
  const done = { transfersDone: 1, transferredBytes: bytesTotal };
  const { key, at, isDone } = end;
  return [{ of: "transfer", id, key, at, counts: isDone ? done : { transfersFailed: 1 } }];
}
