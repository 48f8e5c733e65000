import { getModelForClass, index, modelOptions, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection } from "mongoose";
import type { Told } from "../../kernel/errors.js";
import type { OrphanStore, RemovalResult } from "../../vault/vault.ports.js";
import { IS_DUE } from "./due.js";
import { literals } from "./literals.js";

@modelOptions({ schemaOptions: { collection: "orphans", versionKey: false } })
@index({ dueAt: 1 }, { partialFilterExpression: { dueAt: { $exists: true } } })
@index({ blobId: 1 })
class OrphanDocument {
  /** The intent's id, or `<chat>/<message>` for a copy that came back wrong. */
  @prop({ type: () => String }) _id!: string;
  @prop({ type: () => String }) blobId!: string;
  @prop({ type: () => Number }) index!: number;
  @prop({ type: () => String }) bot!: string;
  @prop({ type: () => String }) chat!: string;
  /** Absent while nobody knows whether a message was posted, and which. */
  @prop({ type: () => Number }) messageId?: number;
  @prop({ type: () => Date }) foundAt!: Date;
  @prop({ type: () => Date }) dueAt?: Date;
  @prop({ type: () => Number }) attempts?: number;
  @prop({ type: () => String }) reason?: string;
  @prop({ type: () => String }) forOperators?: string;
}

export class MongoOrphans implements OrphanStore {
  private readonly model: ReturnModelType<typeof OrphanDocument>;

  constructor(connection: Connection) {
    this.model = getModelForClass(OrphanDocument, {
      existingConnection: connection,
      // Typegoose would otherwise hand out the model of the first connection that this process opened.
      options: { disableCaching: true },
    });
  }

  async syncIndexes(): Promise<void> {
    await this.model.createIndexes();
  }

  async addUnknown(orphan: Parameters<OrphanStore["addUnknown"]>[0]): Promise<void> {
    const { intentId, blobId, index, bot, chat } = orphan;
    const facts = { blobId, index, bot, chat, foundAt: new Date() };
    await this.model.updateOne({ _id: intentId }, { $setOnInsert: facts }, { upsert: true });
  }

  async addMessage(orphan: Parameters<OrphanStore["addMessage"]>[0]): Promise<void> {
    const { intentId, blobId, index, bot, chat, messageId } = orphan;
    const facts = literals({ blobId, index, bot, chat, messageId, attempts: 0 });
    await this.model.updateOne(
      { _id: intentId },
      [{ $set: { ...facts, foundAt: { $ifNull: ["$foundAt", "$$NOW"] }, dueAt: "$$NOW" } }],
      { upsert: true, updatePipeline: true },
    );
  }

  async removable(
    limit: number,
  ): Promise<{ id: string; bot: string; chat: string; messageId: number; attempts: number }[]> {
    const due = await this.model.find(IS_DUE).sort({ dueAt: 1 }).limit(limit).lean<OrphanDocument[]>();
    return due.map(({ _id, bot, chat, messageId, attempts }) => {
      return { id: _id, bot, chat, messageId: messageId ?? 0, attempts: attempts ?? 0 };
    });
  }

  async settle(id: string, result: RemovalResult, nextTryMs: number): Promise<void> {
    if (result.removed) {
      await this.model.deleteOne({ _id: id });
      return;
    }
    const { reason, forOperators } = result;
    const later = { dueAt: { $add: ["$$NOW", nextTryMs] }, attempts: { $add: ["$attempts", 1] } };
    const why = {
      reason: { $literal: reason },
      forOperators: forOperators === undefined ? "$$REMOVE" : { $literal: forOperators },
    };
    await this.model.updateOne({ _id: id }, [{ $set: { ...later, ...why } }], { updatePipeline: true });
  }

  async standingOf(blobId: string): Promise<{ count: number; why: Told | undefined }> {
    const known = { blobId, messageId: { $exists: true } };
    const [count, refused] = await Promise.all([
      this.model.countDocuments(known),
      this.model.findOne({ ...known, reason: { $exists: true } }).lean<OrphanDocument>(),
    ]);
    const { reason, forOperators } = refused ?? {};
    return { count, why: reason === undefined ? undefined : { message: reason, forOperators } };
  }

  async forget(intentId: string): Promise<void> {
    await this.model.deleteOne({ _id: intentId, messageId: { $exists: false } });
  }
}
