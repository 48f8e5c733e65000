import { getModelForClass, index, modelOptions, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection } from "mongoose";
import type { Blob, NewPart } from "../../vault/blob.js";
import type { BlobStore } from "../../vault/vault.ports.js";
import { toBuffer } from "./binary.js";
import type { MongoParts } from "./mongo-parts.js";
import type { MongoThumbnails } from "./mongo-thumbnails.js";

/**
 * A blob lists its holders instead of counting them: adding and taking away the same file twice changes nothing, so
 * whoever is not sure whether he did it before a crash does it again. The list is bounded, as documents are.
 */
const MAX_HOLDERS = 1_000;
/** Whoever released a blob removes it himself; a sweep takes over after this time. */
const DISPOSAL_PATIENCE_MS = 60_000;
/** A repair that is tried again within this time is not asked for anew. */
const SOON_MS = 60_000;
const PATIENT = { $add: ["$$NOW", DISPOSAL_PATIENCE_MS] };
const RELEASABLE = { releaseStaged: true, $expr: { $lte: [{ $ifNull: ["$releaseAt", "$$NOW"] }, "$$NOW"] } };

class Repair {
  /** When it may be tried, by the database's clock. */
  @prop({ type: () => Date }) dueAt!: Date;
  @prop({ type: () => String }) run?: string;
  /** Asked for while it was under way: it may have passed by what is wrong now. */
  @prop({ type: () => Boolean }) again?: boolean;
}

@modelOptions({ schemaOptions: { collection: "blobs", versionKey: false } })
@index({ releaseStaged: 1 }, { partialFilterExpression: { releaseStaged: true } })
@index({ "repair.dueAt": 1 }, { partialFilterExpression: { "repair.dueAt": { $exists: true } } })
@index({ condemnedAt: 1 }, { partialFilterExpression: { condemnedAt: { $exists: true } } })
class BlobDocument {
  @prop({ type: () => String }) _id!: string;
  /** Ids of the files whose bytes these are. */
  @prop({ type: () => [String] }) holders!: string[];
  /** Since when nobody holds it: it is to be removed, whatever happens. */
  @prop({ type: () => Date }) condemnedAt?: Date;
  /** When a sweep tries to remove it, unless somebody else does before. */
  @prop({ type: () => Date }) disposeAt?: Date;
  @prop({ type: () => Buffer }) tagKey!: Buffer;
  @prop({ type: () => Number }) blocksPerPart!: number;
  @prop({ type: () => Number, default: 0 }) sizeBytes!: number;
  @prop({ type: () => Number, default: 0 }) partsTotal!: number;
  @prop({ type: () => String }) sha256?: string;
  @prop({ type: () => String }) receipt?: string;
  @prop({ type: () => String }) stagedId?: string;
  @prop({ type: () => Boolean }) releaseStaged?: boolean;
  /** When they are to be tried next; absent: at once. */
  @prop({ type: () => Date }) releaseAt?: Date;
  @prop({ type: () => Date }) storedAt?: Date;
  @prop({ type: () => Repair, _id: false }) repair?: Repair;
}

export class MongoBlobs implements BlobStore {
  private readonly model: ReturnModelType<typeof BlobDocument>;

  constructor(
    connection: Connection,
    private readonly parts: MongoParts,
    private readonly thumbnails: MongoThumbnails,
  ) {
    this.model = getModelForClass(BlobDocument, {
      existingConnection: connection,
      // Typegoose would otherwise hand out the model of the first connection that this process opened.
      options: { disableCaching: true },
    });
  }

  async syncIndexes(): Promise<void> {
    await this.model.createIndexes();
  }

  async create({ id, holder, ...facts }: Parameters<BlobStore["create"]>[0]): Promise<void> {
    await this.model.create({ _id: id, holders: [holder], ...facts });
  }

  async acquire(blobId: string, holder: string): Promise<boolean> {
    const hasRoom = { $expr: { $lt: [{ $size: "$holders" }, MAX_HOLDERS] } };
    const { matchedCount } = await this.model.updateOne(
      {
        _id: blobId,
        condemnedAt: { $exists: false },
        "holders.0": { $exists: true },
        $or: [{ holders: holder }, hasRoom],
      },
      { $addToSet: { holders: holder } },
    );
    return matchedCount === 1;
  }

  async release(blobId: string, holder: string): Promise<boolean> {
    const others = { $filter: { input: "$holders", as: "one", cond: { $ne: ["$$one", holder] } } };
    const isFree = { $eq: [{ $size: "$holders" }, 0] };
    const document = await this.model
      .findOneAndUpdate(
        { _id: blobId },
        [
          { $set: { holders: others } },
          {
            $set: {
              condemnedAt: { $cond: [isFree, { $ifNull: ["$condemnedAt", "$$NOW"] }, "$$REMOVE"] },
              disposeAt: { $cond: [isFree, { $ifNull: ["$disposeAt", PATIENT] }, "$$REMOVE"] },
            },
          },
        ],
        { updatePipeline: true, returnDocument: "after" },
      )
      .lean<BlobDocument>();
    return document === null || document.condemnedAt !== undefined;
  }

  async condemned(limit: number): Promise<string[]> {
    // What an older version condemned has no time of its own.
    const isDue = { $lte: [{ $ifNull: ["$disposeAt", "$condemnedAt"] }, "$$NOW"] };
    const found = await this.model
      .find({ condemnedAt: { $exists: true }, $expr: isDue })
      .sort({ disposeAt: 1 })
      .limit(limit)
      .select({ _id: 1 })
      .lean<BlobDocument[]>();
    return found.map(({ _id }) => _id);
  }

  async postponeDisposal(blobId: string, ms: number): Promise<void> {
    await this.model.updateOne(
      { _id: blobId, condemnedAt: { $exists: true } },
      [{ $set: { disposeAt: { $add: ["$$NOW", ms] } } }],
      { updatePipeline: true },
    );
  }

  async recordReceipt(blobId: string, receipt: string): Promise<void> {
    await this.model.updateOne({ _id: blobId }, { $set: { receipt } });
  }

  addParts(blobId: string, parts: readonly NewPart[]): Promise<void> {
    return this.parts.add(blobId, parts);
  }

  async commit(
    blobId: string,
    facts: { sizeBytes: number; sha256: string; partsTotal: number; stagedId?: string },
  ): Promise<void> {
    await this.model.updateOne({ _id: blobId }, { $set: facts, $unset: { receipt: 1 } });
  }

  async find(blobId: string): Promise<Blob | undefined> {
    const document = await this.model.findById(blobId).lean<BlobDocument>();
    return document === null ? undefined : toBlob(document);
  }

  async markStored(blobId: string): Promise<void> {
    const isStaged = { $ne: [{ $type: "$stagedId" }, "missing"] };
    const change = {
      storedAt: { $ifNull: ["$storedAt", "$$NOW"] },
      releaseStaged: { $cond: [isStaged, true, "$$REMOVE"] },
    };
    await this.model.updateOne({ _id: blobId }, [{ $set: change }], { updatePipeline: true });
  }

  async releasable(limit: number): Promise<{ id: string; stagedId: string }[]> {
    const found = await this.model
      .find(RELEASABLE)
      .sort({ releaseAt: 1 })
      .limit(limit)
      .lean<BlobDocument[]>();
    return found.map(({ _id, stagedId }) => ({ id: _id, stagedId: stagedId ?? "" }));
  }

  takeRelease(blobId: string, leaseMs: number): Promise<boolean> {
    return this.releaseLater({ _id: blobId, ...RELEASABLE }, leaseMs);
  }

  async keepRelease(blobId: string, leaseMs: number): Promise<void> {
    await this.releaseLater({ _id: blobId, releaseStaged: true }, leaseMs);
  }

  private async releaseLater(filter: object, ms: number): Promise<boolean> {
    const { matchedCount } = await this.model.updateOne(
      filter,
      [{ $set: { releaseAt: { $add: ["$$NOW", ms] } } }],
      { updatePipeline: true },
    );
    return matchedCount === 1;
  }

  async clearStaged(blobId: string): Promise<void> {
    await this.model.updateOne(
      { _id: blobId },
      { $unset: { stagedId: 1, releaseStaged: 1, releaseAt: 1, receipt: 1 } },
    );
  }

  async stagedTraces(blobId: string): Promise<{ receipt: string | undefined; stagedId: string | undefined }> {
    const document = await this.model.findById(blobId).lean<BlobDocument>();
    return { receipt: document?.receipt, stagedId: document?.stagedId };
  }

  async remove(blobId: string): Promise<void> {
    await this.parts.removeAll(blobId);
    await this.thumbnails.removeAll(blobId);
    await this.model.deleteOne({ _id: blobId });
  }

  async requestRepair(blobId: string, isNews = true): Promise<boolean> {
    const soon = { $add: ["$$NOW", SOON_MS] };
    const isLater = { "repair.run": { $exists: false }, $expr: { $gt: ["$repair.dueAt", soon] } };
    const isNone = { repair: { $exists: false } };
    const { modifiedCount } = await this.model.updateOne(
      { _id: blobId, $or: isNews ? [isNone, isLater] : [isNone] },
      [{ $set: { repair: { dueAt: "$$NOW" } } }],
      { updatePipeline: true },
    );
    if (modifiedCount === 1) return true;
    await this.model.updateOne(
      { _id: blobId, "repair.run": { $exists: true } },
      { $set: { "repair.again": true } },
    );
    return false;
  }

  async needingRepair(limit: number): Promise<string[]> {
    const due = await this.model
      .find({
        "repair.dueAt": { $exists: true },
        storedAt: { $exists: true },
        condemnedAt: { $exists: false },
        $expr: { $lte: ["$repair.dueAt", "$$NOW"] },
      })
      .sort({ "repair.dueAt": 1 })
      .limit(limit)
      .select({ _id: 1 })
      .lean<BlobDocument[]>();
    return due.map(({ _id }) => _id);
  }

  async takeRepair(blobId: string, run: string, leaseMs: number): Promise<Blob | undefined> {
    const document = await this.model
      .findOneAndUpdate(
        {
          _id: blobId,
          storedAt: { $exists: true },
          condemnedAt: { $exists: false },
          "repair.dueAt": { $exists: true },
          $expr: { $lte: ["$repair.dueAt", "$$NOW"] },
        },
        [{ $set: { repair: { dueAt: { $add: ["$$NOW", leaseMs] }, run, again: "$$REMOVE" } } }],
        { updatePipeline: true, returnDocument: "after" },
      )
      .lean<BlobDocument>();
    return document === null ? undefined : toBlob(document);
  }

  async keepRepair(blobId: string, run: string, leaseMs: number): Promise<boolean> {
    const { matchedCount } = await this.model.updateOne(
      { _id: blobId, "repair.run": run },
      [{ $set: { "repair.dueAt": { $add: ["$$NOW", leaseMs] } } }],
      { updatePipeline: true },
    );
    return matchedCount === 1;
  }

  async endRepair(blobId: string, run: string, nextTryMs: number | undefined): Promise<void> {
    const mine = { _id: blobId, "repair.run": run };
    const isOver = { ...mine, "repair.again": { $exists: false } };
    if (nextTryMs === undefined) await this.model.updateOne(isOver, { $unset: { repair: 1 } });
    const later = { dueAt: { $add: ["$$NOW", nextTryMs ?? 0] }, run: "$$REMOVE", again: "$$REMOVE" };
    await this.model.updateOne(mine, [{ $set: { repair: later } }], { updatePipeline: true });
  }
}

function toBlob(document: BlobDocument): Blob {
  return {
    id: document._id,
    sizeBytes: document.sizeBytes,
    sha256: document.sha256,
    tagKey: toBuffer(document.tagKey),
    blocksPerPart: document.blocksPerPart,
    partsTotal: document.partsTotal,
    stagedId: document.stagedId,
    storedAt: document.storedAt,
  };
}
