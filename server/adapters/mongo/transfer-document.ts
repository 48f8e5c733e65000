import { getModelForClass, index, modelOptions, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection, PipelineStage } from "mongoose";
import type { TransferState, WaitReason } from "../../kernel/progress.js";
import type { Transfer } from "../../transfers/transfer.js";

class ErrorDocument {
  @prop({ type: () => String }) code!: string;
  @prop({ type: () => String }) message!: string;
  @prop({ type: () => String }) forOperators?: string;
  @prop({ type: () => Number }) part?: number;
  @prop({ type: () => Date }) nextTryAt?: Date;
}

class EndDocument {
  @prop({ type: () => String }) key!: string;
  @prop({ type: () => Date }) at!: Date;
  @prop({ type: () => Boolean }) isDone!: boolean;
}

@modelOptions({ schemaOptions: { collection: "transfers", versionKey: false } })
@index({ dueAt: 1 }, { partialFilterExpression: { dueAt: { $exists: true } } })
@index({ cleanUpAt: 1 }, { partialFilterExpression: { cleanUpAt: { $exists: true } } })
@index({ ownerId: 1, queuedAt: 1 }, { partialFilterExpression: { setAside: true } })
@index({ ownerId: 1, _id: 1 })
@index({ fileId: 1 })
@index({ state: 1, _id: 1 })
@index({ updatedAt: 1 })
export class TransferDocument {
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
  @prop({ type: () => String }) waitingFor?: WaitReason | null;
  @prop({ type: () => Boolean }) isSafe?: boolean;
  @prop({ type: () => Boolean }) wasRetried?: boolean;
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
  /** How it ended last, until that is in the statistics. */
  @prop({ type: () => EndDocument, _id: false }) unrecordedEnd?: EndDocument;
  /** Waits until others of its owner have ended; then it has no `dueAt`. */
  @prop({ type: () => Boolean }) setAside?: boolean;
  /** When something of a cancelled transfer is to be removed: its bytes at first, its record later. */
  @prop({ type: () => Date }) cleanUpAt?: Date;
  /** How long the last failed try was put off. */
  @prop({ type: () => Number }) cleanUpWaitMs?: number;
  @prop({ type: () => Boolean }) bytesGone?: boolean;
}

export type TransferModel = ReturnModelType<typeof TransferDocument>;

const models = new WeakMap<Connection, TransferModel>();

/** One model for each connection: several stores share the collection. */
export function transferModel(connection: Connection): TransferModel {
  const known = models.get(connection);
  if (known !== undefined) return known;
  const made = getModelForClass(TransferDocument, {
    existingConnection: connection,
    // Typegoose would otherwise hand out the model of the first connection that this process opened.
    options: { disableCaching: true },
  });
  models.set(connection, made);
  return made;
}

/** One atomic update. @returns the transfer after it; undefined when nothing matched */
export async function changeTransfer(
  model: TransferModel,
  filter: object,
  pipeline: (PipelineStage.Set | PipelineStage.Unset)[],
  sort: Record<string, 1> = {},
): Promise<TransferDocument | undefined> {
  const document = await model
    .findOneAndUpdate(filter, pipeline, { updatePipeline: true, returnDocument: "after", sort })
    .lean<TransferDocument>();
  return document ?? undefined;
}

export function toTransfer(document: TransferDocument): Transfer {
  return {
    id: document._id,
    fileId: document.fileId,
    blobId: document.blobId,
    ownerId: document.ownerId,
    state: document.state,
    partsDone: document.partsDone,
    partsTotal: document.partsTotal,
    bytesSent: document.bytesSent,
    bytesTotal: document.bytesTotal,
    bytesPerSecond: document.bytesPerSecond,
    attempt: document.attempt,
    waitingUntil: document.waitingUntil ?? undefined,
    waitingFor: document.waitingFor ?? undefined,
    isSafe: document.isSafe ?? false,
    wasRetried: document.wasRetried ?? false,
    error: document.error ?? undefined,
    createdAt: document.createdAt,
    queuedAt: document.queuedAt,
    updatedAt: document.updatedAt,
  };
}
