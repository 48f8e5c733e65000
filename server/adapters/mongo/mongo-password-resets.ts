import { getModelForClass, index, modelOptions, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection } from "mongoose";
import type { PasswordReset, PasswordResetStore } from "../../auth/auth.ports.js";

/** One document for each user, so a new request overwrites, and thereby ends, the old one. */
@modelOptions({ schemaOptions: { collection: "passwordResets", versionKey: false } })
@index({ tokenHash: 1 }, { unique: true })
@index({ expiresAt: 1 }, { expireAfterSeconds: 0 })
class PasswordResetDocument {
  /** The user's id. */
  @prop({ type: () => String }) _id!: string;
  @prop({ type: () => String }) tokenHash!: string;
  @prop({ type: () => Number }) credentialEpoch!: number;
  @prop({ type: () => Date }) expiresAt!: Date;
}

export class MongoPasswordResets implements PasswordResetStore {
  private readonly model: ReturnModelType<typeof PasswordResetDocument>;

  constructor(connection: Connection) {
    this.model = getModelForClass(PasswordResetDocument, {
      existingConnection: connection,
      options: { disableCaching: true },
    });
  }

  async syncIndexes(): Promise<void> {
    await this.model.createIndexes();
  }

  async put({ userId, ...facts }: PasswordReset): Promise<void> {
    await this.model.updateOne({ _id: userId }, { $set: facts }, { upsert: true });
  }

  async find(tokenHash: string): Promise<PasswordReset | undefined> {
    const query = this.model.findOne({ tokenHash }).lean<PasswordResetDocument>();
    const found = await query;
    if (found === null) return undefined;
    const { _id, ...facts } = found;
    return { userId: _id, ...facts };
  }

  async removeOf(userId: string): Promise<void> {
    await this.model.deleteOne({ _id: userId });
  }
}
