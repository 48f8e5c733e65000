import { getModelForClass, index, modelOptions, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection } from "mongoose";
import type { EmailChange, EmailChangeStore } from "../../auth/auth.ports.js";

/** One document for each user, so a new request overwrites, and thereby ends, the old one. */
@modelOptions({ schemaOptions: { collection: "emailChanges", versionKey: false } })
@index({ tokenHash: 1 }, { unique: true })
@index({ expiresAt: 1 }, { expireAfterSeconds: 0 })
class EmailChangeDocument {
  /** The user's id. */
  @prop({ type: () => String }) _id!: string;
  @prop({ type: () => String }) tokenHash!: string;
  @prop({ type: () => String }) from!: string;
  @prop({ type: () => String }) to!: string;
  @prop({ type: () => Date }) expiresAt!: Date;
}

export class MongoEmailChanges implements EmailChangeStore {
  private readonly model: ReturnModelType<typeof EmailChangeDocument>;

  constructor(connection: Connection) {
    this.model = getModelForClass(EmailChangeDocument, {
      existingConnection: connection,
      options: { disableCaching: true },
    });
  }

  async syncIndexes(): Promise<void> {
    await this.model.createIndexes();
  }

  async put({ userId, ...facts }: EmailChange): Promise<void> {
    await this.model.updateOne({ _id: userId }, { $set: facts }, { upsert: true });
  }

  async find(tokenHash: string): Promise<EmailChange | undefined> {
    const query = this.model.findOne({ tokenHash }).lean<EmailChangeDocument>();
    const found = await query;
    if (found === null) return undefined;
    const { _id, ...facts } = found;
    return { userId: _id, ...facts };
  }

  async removeOf(userId: string): Promise<void> {
    await this.model.deleteOne({ _id: userId });
  }
}
