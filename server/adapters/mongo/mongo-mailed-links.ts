import { getModelForClass, index, modelOptions, prop } from "@typegoose/typegoose";
import type { Connection, Model } from "mongoose";
import type { EmailChange, MailedLink, MailedLinkStore, PasswordReset } from "../../auth/auth.ports.js";

/** One document for each user, so a new link overwrites, and thereby ends, the old one. */
@index({ tokenHash: 1 }, { unique: true })
@index({ expiresAt: 1 }, { expireAfterSeconds: 0 })
class MailedLinkDocument {
  /** The user's id. */
  @prop({ type: () => String }) _id!: string;
  @prop({ type: () => String }) tokenHash!: string;
  @prop({ type: () => Date }) expiresAt!: Date;
}

@modelOptions({ schemaOptions: { collection: "passwordResets", versionKey: false } })
class PasswordResetDocument extends MailedLinkDocument {
  @prop({ type: () => Number }) credentialEpoch!: number;
}

@modelOptions({ schemaOptions: { collection: "emailChanges", versionKey: false } })
class EmailChangeDocument extends MailedLinkDocument {
  @prop({ type: () => String }) from!: string;
  @prop({ type: () => String }) to!: string;
}

class MongoMailedLinks<Link extends MailedLink> implements MailedLinkStore<Link> {
  private readonly model: Model<MailedLinkDocument>;

  constructor(connection: Connection, document: new () => MailedLinkDocument) {
    this.model = getModelForClass(document, {
      existingConnection: connection,
      options: { disableCaching: true },
    });
  }

  async syncIndexes(): Promise<void> {
    await this.model.createIndexes();
  }

  async put({ userId, ...facts }: Link): Promise<void> {
    await this.model.updateOne({ _id: userId }, { $set: facts }, { upsert: true });
  }

  async find(tokenHash: string): Promise<Link | undefined> {
    const found = await this.model.findOne({ tokenHash }).lean<Omit<Link, "userId"> & { _id: string }>();
    if (found === null) return undefined;
    const { _id, ...facts } = found;
    return { userId: _id, ...facts } as unknown as Link;
  }

  async removeOf(userId: string): Promise<void> {
    await this.model.deleteOne({ _id: userId });
  }
}

export class MongoPasswordResets extends MongoMailedLinks<PasswordReset> {
  constructor(connection: Connection) {
    super(connection, PasswordResetDocument);
  }
}

export class MongoEmailChanges extends MongoMailedLinks<EmailChange> {
  constructor(connection: Connection) {
    super(connection, EmailChangeDocument);
  }
}
