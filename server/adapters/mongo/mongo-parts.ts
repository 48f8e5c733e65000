import { getModelForClass, index, modelOptions, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection, PipelineStage } from "mongoose";
import type { NewPart, Part, Replica, SendIntent } from "../../vault/blob.js";
import type { PartStore } from "../../vault/vault.ports.js";
import { toBuffer } from "./binary.js";

class ReplicaDocument {
  @prop({ type: () => String }) bot!: string;
  @prop({ type: () => String }) chat!: string;
  @prop({ type: () => Number }) messageId!: number;
  @prop({ type: () => String }) fileId!: string;
  @prop({ type: () => String }) fileUniqueId!: string;
  @prop({ type: () => Number }) sizeBytes!: number;
  @prop({ type: () => String }) sha256!: string;
  @prop({ type: () => Date }) verifiedAt?: Date;
  @prop({ type: () => Date }) suspectAt?: Date;
}

class IntentDocument {
  @prop({ type: () => String }) id!: string;
  @prop({ type: () => String }) bot!: string;
  @prop({ type: () => String }) chat!: string;
  @prop({ type: () => String }) run!: string;
}

@modelOptions({ schemaOptions: { collection: "parts", versionKey: false } })
@index({ blobId: 1, index: 1 }, { unique: true })
class PartDocument {
  @prop({ type: () => String }) blobId!: string;
  @prop({ type: () => Number }) index!: number;
  @prop({ type: () => Number }) sizeBytes!: number;
  @prop({ type: () => Buffer }) blockTags!: Buffer;
  @prop({ type: () => [ReplicaDocument], _id: false, default: [] }) replicas!: ReplicaDocument[];
  @prop({ type: () => [IntentDocument], _id: false, default: [] }) intents!: IntentDocument[];
  /** How many replicas are verified and not suspect, kept with every change of `replicas`. */
  @prop({ type: () => Number, default: 0 }) healthy!: number;
  /** The blob is condemned: nothing is sent for it any more. */
  @prop({ type: () => Boolean }) closed?: boolean;
}

/** `$set` stages for a change of `replicas`, with the kept count after it. */
function replicasChange(replicas: unknown, more: Record<string, unknown> = {}): PipelineStage.Set[] {
  const isSet = (field: string) => ({ $ne: [{ $ifNull: [`$$replica.${field}`, null] }, null] });
  const healthy = { $and: [isSet("verifiedAt"), { $not: [isSet("suspectAt")] }] };
  return [
    { $set: { replicas, ...more } },
    { $set: { healthy: { $size: { $filter: { input: "$replicas", as: "replica", cond: healthy } } } } },
  ];
}

/** A pipeline that rewrites the one replica of a chat's message. */
function replicaChange(replica: Replica, change: Record<string, unknown>): PipelineStage.Set[] {
  const isIt = {
    $and: [{ $eq: ["$$replica.chat", replica.chat] }, { $eq: ["$$replica.messageId", replica.messageId] }],
  };
  const changed = { $cond: [isIt, { $mergeObjects: ["$$replica", change] }, "$$replica"] };
  return replicasChange({ $map: { input: "$replicas", as: "replica", in: changed } });
}

export class MongoParts implements PartStore {
  private readonly model: ReturnModelType<typeof PartDocument>;

  constructor(connection: Connection) {
    this.model = getModelForClass(PartDocument, {
      existingConnection: connection,
      // Typegoose would otherwise hand out the model of the first connection that this process opened.
      options: { disableCaching: true },
    });
  }

  async syncIndexes(): Promise<void> {
    await this.model.createIndexes();
  }

  async add(blobId: string, parts: readonly NewPart[]): Promise<void> {
    if (parts.length === 0) return;
    const documents = parts.map((part) => ({ ...part, blobId, replicas: [], intents: [], healthy: 0 }));
    await this.model.insertMany(documents, { lean: true });
  }

  async removeAll(blobId: string): Promise<void> {
    await this.model.deleteMany({ blobId });
  }

  async range(blobId: string, from: number, to: number): Promise<Part[]> {
    const found = await this.model
      .find({ blobId, index: { $gte: from, $lte: to } })
      .sort({ index: 1 })
      .lean<PartDocument[]>();
    return found.map(toPart);
  }

  async lacking(blobId: string, copies: number, after: number, limit: number): Promise<Part[]> {
    const found = await this.model
      .find({ blobId, index: { $gt: after }, healthy: { $lt: copies } })
      .sort({ index: 1 })
      .limit(limit)
      .lean<PartDocument[]>();
    return found.map(toPart);
  }

  async countComplete(blobId: string, copies: number): Promise<{ parts: number; bytes: number }> {
    const [sums] = await this.model.aggregate<{ parts: number; bytes: number }>([
      { $match: { blobId, healthy: { $gte: copies } } },
      { $group: { _id: null, parts: { $sum: 1 }, bytes: { $sum: "$sizeBytes" } } },
    ]);
    return { parts: sums?.parts ?? 0, bytes: sums?.bytes ?? 0 };
  }

  async recordIntent(blobId: string, index: number, intent: SendIntent): Promise<boolean> {
    const { matchedCount } = await this.model.updateOne(
      { blobId, index, closed: { $exists: false } },
      { $push: { intents: intent } },
    );
    return matchedCount === 1;
  }

  async close(blobId: string): Promise<void> {
    await this.model.updateMany({ blobId }, { $set: { closed: true } });
  }

  async countReplicas(blobId: string): Promise<number> {
    const [sums] = await this.model.aggregate<{ copies: number }>([
      { $match: { blobId } },
      { $group: { _id: null, copies: { $sum: { $size: "$replicas" } } } },
    ]);
    return sums?.copies ?? 0;
  }

  async withReplicas(blobId: string, after: number, limit: number): Promise<Part[]> {
    const found = await this.model
      .find({ blobId, index: { $gt: after }, "replicas.0": { $exists: true } })
      .sort({ index: 1 })
      .limit(limit)
      .lean<PartDocument[]>();
    return found.map(toPart);
  }

  async commitReplica(blobId: string, index: number, intentId: string, replica: Replica): Promise<boolean> {
    const isOther = { $ne: ["$$intent.id", intentId] };
    const sameChat = { $elemMatch: { chat: replica.chat, suspectAt: null } };
    return this.change(
      { blobId, index, "intents.id": intentId, replicas: { $not: sameChat } },
      replicasChange(
        { $concatArrays: ["$replicas", [{ $literal: toDocument(replica) }]] },
        { intents: { $filter: { input: "$intents", as: "intent", cond: isOther } } },
      ),
    );
  }

  async withdrawIntent(blobId: string, index: number, intentId: string): Promise<boolean> {
    const { modifiedCount } = await this.model.updateOne(
      { blobId, index, "intents.id": intentId },
      { $pull: { intents: { id: intentId } } },
    );
    return modifiedCount === 1;
  }

  async foreignIntents(blobId: string, run: string): Promise<{ index: number; intent: SendIntent }[]> {
    const found = await this.model
      .find({ blobId, intents: { $elemMatch: { run: { $ne: run } } } })
      .lean<PartDocument[]>();
    return found.flatMap(({ index, intents }) =>
      intents.filter((intent) => intent.run !== run).map((intent) => ({ index, intent })),
    );
  }

  async markVerified(blobId: string, index: number, replica: Replica): Promise<void> {
    const change = { verifiedAt: "$$NOW", suspectAt: null };
    await this.change(holding(blobId, index, replica), replicaChange(replica, change));
  }

  async markSuspect(blobId: string, index: number, replica: Replica): Promise<boolean> {
    const { chat, messageId } = replica;
    return this.change(
      { blobId, index, replicas: { $elemMatch: { chat, messageId, suspectAt: null } } },
      replicaChange(replica, { suspectAt: "$$NOW" }),
    );
  }

  async dropReplica(blobId: string, index: number, replica: Replica): Promise<void> {
    const isOther = {
      $or: [{ $ne: ["$$replica.chat", replica.chat] }, { $ne: ["$$replica.messageId", replica.messageId] }],
    };
    await this.change(
      holding(blobId, index, replica),
      replicasChange({ $filter: { input: "$replicas", as: "replica", cond: isOther } }),
    );
  }

  private async change(filter: object, pipeline: PipelineStage.Set[]): Promise<boolean> {
    const { matchedCount } = await this.model.updateOne(filter, pipeline, { updatePipeline: true });
    return matchedCount === 1;
  }
}

function holding(blobId: string, index: number, { chat, messageId }: Replica): object {
  return { blobId, index, replicas: { $elemMatch: { chat, messageId } } };
}

function toDocument(replica: Replica): ReplicaDocument {
  const { verifiedAt, suspectAt, bot, chat, messageId, fileId, fileUniqueId, sizeBytes, sha256 } = replica;
  return {
    ...{ bot, chat, messageId, fileId, fileUniqueId, sizeBytes, sha256 },
    ...(verifiedAt === undefined ? {} : { verifiedAt }),
    ...(suspectAt === undefined ? {} : { suspectAt }),
  };
}

function toPart(document: PartDocument): Part {
  return {
    blobId: document.blobId,
    index: document.index,
    sizeBytes: document.sizeBytes,
    blockTags: toBuffer(document.blockTags),
    replicas: document.replicas.map((replica) => ({
      ...replica,
      verifiedAt: replica.verifiedAt ?? undefined,
      suspectAt: replica.suspectAt ?? undefined,
    })),
  };
}
