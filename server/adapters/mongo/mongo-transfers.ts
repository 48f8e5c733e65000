import { getModelForClass, index, modelOptions, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection, PipelineStage } from "mongoose";
import type { Page, PageRequest } from "../../files/files.ports.js";
import type { TransferState } from "../../kernel/progress.js";
import { DUE_STATES } from "../../transfers/transfer.js";
import type { Transfer } from "../../transfers/transfer.js";
import type {
  NewTransfer,
  TransferFilter,
  TransferLease,
  TransferStore,
  TransferUpdate,
} from "../../transfers/transfers.ports.js";
import { literals } from "./literals.js";
import { findPage } from "./page.js";

/** A transfer whose upload died between recording it and beginning it is looked at after this time. */
const BEGIN_PATIENCE_MS = 60_000;

class ErrorDocument {
  @prop({ type: () => String }) code!: string;
  @prop({ type: () => String }) message!: string;
  @prop({ type: () => Number }) part?: number;
  @prop({ type: () => Date }) nextTryAt?: Date;
}

@modelOptions({ schemaOptions: { collection: "transfers", versionKey: false } })
@index({ dueAt: 1 }, { partialFilterExpression: { dueAt: { $exists: true } } })
@index({ ownerId: 1, _id: 1 })
@index({ fileId: 1 })
@index({ updatedAt: 1 })
class TransferDocument {
  @prop({ type: () => String }) _id!: string;
  @prop({ type: () => String }) fileId!: string;
  @prop({ type: () => String }) blobId!: string;
  @prop({ type: () => String }) ownerId!: string;
  @prop({ type: () => String }) state!: TransferState;
  @prop({ type: () => Number }) partsDone!: number;
  @prop({ type: () => Number }) partsTotal!: number;
  @prop({ type: () => Number }) bytesSent!: number;
  @prop({ type: () => Number }) bytesTotal!: number;
  @prop({ type: () => Number }) bytesPerSecond!: number;
  @prop({ type: () => Number }) attempt!: number;
  @prop({ type: () => Date }) waitingUntil?: Date | null;
  @prop({ type: () => ErrorDocument, _id: false }) error?: ErrorDocument | null;
  @prop({ type: () => Date }) createdAt!: Date;
  @prop({ type: () => Date }) queuedAt!: Date;
  @prop({ type: () => Date }) updatedAt!: Date;
  /**
   * When a worker may take it: now for queued work, the next try after a failure, the lease's end while somebody
   * works. Absent when nothing is to be done. By the database's clock.
   */
  @prop({ type: () => Date }) dueAt?: Date;
  @prop({ type: () => String }) leaseOwner?: string;
  @prop({ type: () => Number }) epoch!: number;
}

export class MongoTransfers implements TransferStore {
  private readonly model: ReturnModelType<typeof TransferDocument>;

  constructor(connection: Connection) {
    this.model = getModelForClass(TransferDocument, {
      existingConnection: connection,
      // Typegoose would otherwise hand out the model of the first connection that this process opened.
      options: { disableCaching: true },
    });
  }

  async syncIndexes(): Promise<void> {
    await this.model.createIndexes();
  }

  async create(transfer: NewTransfer): Promise<void> {
    const { id, ...facts } = transfer;
    const fresh = { ...facts, partsDone: 0, bytesSent: 0, bytesPerSecond: 0, attempt: 0, epoch: 0 };
    const times = { createdAt: "$$NOW", queuedAt: "$$NOW", updatedAt: "$$NOW" };
    const state =
      facts.bytesTotal === 0
        ? { state: "DONE" }
        : { state: "QUEUED", dueAt: { $add: ["$$NOW", BEGIN_PATIENCE_MS] } };
    await this.model.updateOne({ _id: id }, [{ $set: { ...fresh, ...times, ...state } }], {
      upsert: true,
      updatePipeline: true,
    });
  }

  async begin(id: string): Promise<Transfer | undefined> {
    return this.change({ _id: id, state: "QUEUED" }, [{ $set: { dueAt: "$$NOW", updatedAt: "$$NOW" } }]);
  }

  async find(id: string): Promise<Transfer | undefined> {
    const document = await this.model.findById(id).lean<TransferDocument>();
    return document === null ? undefined : toTransfer(document);
  }

  async findMany(ids: readonly string[]): Promise<Transfer[]> {
    const found = await this.model.find({ _id: { $in: ids } }).lean<TransferDocument[]>();
    return found.map(toTransfer);
  }

  list(filter: TransferFilter, page: PageRequest): Promise<Page<Transfer>> {
    return findPage(this.model, toQuery(filter), { field: "_id", descending: true }, page, toTransfer);
  }

  async count(filter: TransferFilter): Promise<number> {
    return this.model.countDocuments(toQuery(filter));
  }

  async latestChange(): Promise<Date | undefined> {
    const latest = await this.model.findOne().sort({ updatedAt: -1 }).lean<TransferDocument>();
    return latest?.updatedAt;
  }

  async changedSince(since: Date, limit: number): Promise<Transfer[]> {
    const found = await this.model
      .find({ updatedAt: { $gte: since } })
      .sort({ updatedAt: 1 })
      .limit(limit)
      .lean<TransferDocument[]>();
    return found.map(toTransfer);
  }

  async take(
    id: string,
    owner: string,
    leaseMs: number,
  ): Promise<{ transfer: Transfer; lease: TransferLease } | undefined> {
    const document = await this.model
      .findOneAndUpdate(
        {
          _id: id,
          state: { $in: DUE_STATES },
          dueAt: { $exists: true },
          $expr: { $lte: ["$dueAt", "$$NOW"] },
        },
        [
          {
            $set: {
              state: "RUNNING",
              epoch: { $add: ["$epoch", 1] },
              leaseOwner: owner,
              dueAt: { $add: ["$$NOW", leaseMs] },
              updatedAt: "$$NOW",
              waitingUntil: null,
            },
          },
        ],
        { updatePipeline: true, returnDocument: "after" },
      )
      .lean<TransferDocument>();
    if (document === null) return undefined;
    return { transfer: toTransfer(document), lease: { transferId: id, owner, epoch: document.epoch } };
  }

  async keep(lease: TransferLease, leaseMs: number): Promise<boolean> {
    const { matchedCount } = await this.model.updateOne(
      held(lease),
      [{ $set: { dueAt: { $add: ["$$NOW", leaseMs] } } }],
      { updatePipeline: true },
    );
    return matchedCount === 1;
  }

  update(lease: TransferLease, change: TransferUpdate): Promise<Transfer | undefined> {
    return this.change(held(lease), [{ $set: { ...literals(change), updatedAt: "$$NOW" } }]);
  }

  release(lease: TransferLease, change: TransferUpdate, nextTryMs?: number): Promise<Transfer | undefined> {
    const due =
      nextTryMs === undefined
        ? { $unset: ["leaseOwner", "dueAt"] }
        : { $set: { dueAt: { $add: ["$$NOW", nextTryMs] }, leaseOwner: "$$REMOVE" } };
    return this.change(held(lease), [{ $set: { ...literals(change), updatedAt: "$$NOW" } }, due]);
  }

  requeue(id: string, from: readonly TransferState[]): Promise<Transfer | undefined> {
    const fresh = { state: "QUEUED", attempt: 0, error: null, waitingUntil: null };
    return this.change({ _id: id, state: { $in: from } }, [
      { $set: { ...fresh, dueAt: "$$NOW", queuedAt: "$$NOW", updatedAt: "$$NOW" } },
    ]);
  }

  async due(limit: number): Promise<string[]> {
    const found = await this.model
      .find({ dueAt: { $exists: true }, $expr: { $lte: ["$dueAt", "$$NOW"] } })
      .sort({ dueAt: 1 })
      .limit(limit)
      .select({ _id: 1 })
      .lean<TransferDocument[]>();
    return found.map(({ _id }) => _id);
  }

  async removeOfFile(fileId: string): Promise<void> {
    await this.model.deleteMany({ fileId });
  }

  private async change(
    filter: object,
    pipeline: (PipelineStage.Set | PipelineStage.Unset)[],
  ): Promise<Transfer | undefined> {
    const document = await this.model
      .findOneAndUpdate(filter, pipeline, { updatePipeline: true, returnDocument: "after" })
      .lean<TransferDocument>();
    return document === null ? undefined : toTransfer(document);
  }
}

function held({ transferId, owner, epoch }: TransferLease): object {
  return { _id: transferId, leaseOwner: owner, epoch };
}

function toQuery({ ownerId, fileId, states }: TransferFilter): object {
  return {
    ...(ownerId === undefined ? {} : { ownerId }),
    ...(fileId === undefined ? {} : { fileId }),
    ...(states === undefined ? {} : { state: { $in: states } }),
  };
}

function toTransfer(document: TransferDocument): Transfer {
  const { _id, waitingUntil, error, ...facts } = document;
  return {
    id: _id,
    fileId: facts.fileId,
    blobId: facts.blobId,
    ownerId: facts.ownerId,
    state: facts.state,
    partsDone: facts.partsDone,
    partsTotal: facts.partsTotal,
    bytesSent: facts.bytesSent,
    bytesTotal: facts.bytesTotal,
    bytesPerSecond: facts.bytesPerSecond,
    attempt: facts.attempt,
    waitingUntil: waitingUntil ?? undefined,
    error: error ?? undefined,
    createdAt: facts.createdAt,
    queuedAt: facts.queuedAt,
    updatedAt: facts.updatedAt,
  };
}
