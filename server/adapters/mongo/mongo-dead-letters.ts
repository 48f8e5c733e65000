import { operatorText } from "../../kernel/errors.js";
import type { Collection, Document } from "mongodb";
import type { Connection } from "mongoose";
import type { DeadLetter, DeadLetterKind, DeadLetters } from "../../admin/operations.ports.js";

interface TransferRow extends Document {
  _id: string;
  fileId: string;
  attempt: number;
  error?: { code: string; message: string } | null;
  updatedAt: Date;
}

interface OrphanRow extends Document {
  _id: string;
  chat: string;
  messageId: number;
  reason?: string;
  forOperators?: string;
  attempts?: number;
  foundAt: Date;
  dueAt: Date;
}

interface PurgeRow extends Document {
  _id: string;
  kind: string;
  name: string;
  requestedAt: Date;
  attempts: number;
  error?: { code: string; message: string };
  dueAt?: Date;
}

interface BlobRow extends Document {
  _id: string;
  holders: string[];
  storedAt: Date;
  repair: { dueAt: Date };
}

/** Where the failed work of a kind is, the time it is due, and who works on it. */
const RETRIED = {
  REMOVAL: { rows: "orphans", dueAt: "dueAt", run: undefined },
  REPAIR: { rows: "blobs", dueAt: "repair.dueAt", run: "repair.run" },
  PURGE: { rows: "purges", dueAt: "dueAt", run: "run" },
} as const;

/** What failed, read from where it failed. */
export class MongoDeadLetters implements DeadLetters {
  constructor(private readonly connection: Connection) {}

  async list(limit: number): Promise<DeadLetter[]> {
    const letters = await Promise.all([
      this.transfers(limit),
      this.removals(limit),
      this.repairs(limit),
      this.purges(limit),
    ]);
    return letters.flat().sort((a, b) => b.since.getTime() - a.since.getTime());
  }

  async retry(kind: Exclude<DeadLetterKind, "TRANSFER">, id: string): Promise<boolean> {
    const { rows, dueAt, run } = RETRIED[kind];
    const idle = { [dueAt]: { $exists: true }, ...(run && { [run]: { $exists: false } }) };
    const { matchedCount } = await this.rows(rows).updateOne({ _id: id, ...idle }, [
      { $set: { [dueAt]: "$$NOW" } },
    ]);
    return matchedCount === 1;
  }

  private async transfers(limit: number): Promise<DeadLetter[]> {
    const found = await this.rows<TransferRow>("transfers")
      .find({ state: "FAILED" } as object)
      .sort({ _id: -1 })
      .limit(limit)
      .toArray();
    const names = await this.namesOf(found.map(({ fileId }) => fileId));
    return found.map(({ _id, fileId, attempt, error, updatedAt }) => ({
      kind: "TRANSFER",
      id: _id,
      fileId,
      title: names.get(fileId) ?? "A file that is gone",
      code: error?.code,
      reason: error ? operatorText(error) : "No reason was kept.",
      attempts: attempt,
      since: updatedAt,
      nextTryAt: undefined,
    }));
  }

  private async removals(limit: number): Promise<DeadLetter[]> {
    const found = await this.rows<OrphanRow>("orphans")
      .find({ dueAt: { $exists: true }, reason: { $exists: true } } as object)
      .sort({ dueAt: -1 })
      .limit(limit)
      .toArray();
    return found.map(({ _id, chat, messageId, reason, forOperators, attempts, foundAt, dueAt }) => ({
      kind: "REMOVAL",
      id: _id,
      fileId: undefined,
      title: `Message ${messageId} in chat ${chat}`,
      code: undefined,
      reason: forOperators ?? reason ?? "No reason was kept.",
      attempts: attempts ?? 0,
      since: foundAt,
      nextTryAt: dueAt,
    }));
  }

  private async purges(limit: number): Promise<DeadLetter[]> {
    const found = await this.rows<PurgeRow>("purges")
      .find({ state: "FAILED", dueAt: { $exists: true } } as object)
      .sort({ dueAt: -1 })
      .limit(limit)
      .toArray();
    return found.map(({ _id, kind, name, requestedAt, attempts, error, dueAt }) => ({
      kind: "PURGE",
      id: _id,
      // What is purged answers nobody any more.
      fileId: undefined,
      title: `${kind.toLowerCase()} ${name}`,
      code: error?.code,
      reason: error ? operatorText(error) : "No reason was kept.",
      attempts,
      since: requestedAt,
      nextTryAt: dueAt,
    }));
  }

  /** A repair that ended and is still due did not succeed. */
  private async repairs(limit: number): Promise<DeadLetter[]> {
    const found = await this.rows<BlobRow>("blobs")
      .find({ "repair.dueAt": { $gt: new Date() }, "repair.run": { $exists: false } } as object)
      .limit(limit)
      .toArray();
    const files = await this.rows<{ _id: string; name: string; blobId: string }>("files")
      .find({ _id: { $in: found.flatMap(({ holders }) => holders.slice(0, 1)) } } as object)
      .toArray();
    return found.map(({ _id, storedAt, repair }) => {
      const file = files.find(({ blobId }) => blobId === _id);
      return {
        kind: "REPAIR",
        id: _id,
        fileId: file?._id,
        title: file?.name ?? "Bytes that no file names",
        code: undefined,
        reason: "A copy is missing or damaged and could not be made again yet.",
        attempts: 1,
        since: storedAt,
        nextTryAt: repair.dueAt,
      };
    });
  }

  private async namesOf(fileIds: readonly string[]): Promise<Map<string, string>> {
    const found = await this.rows<{ _id: string; name: string }>("files")
      .find({ _id: { $in: [...fileIds] } } as object)
      .toArray();
    return new Map(found.map(({ _id, name }) => [_id, name]));
  }

  private rows<T extends Document & { _id: string }>(name: string): Collection<T> {
    return this.connection.collection(name) as unknown as Collection<T>;
  }
}
