import { getModelForClass, index, modelOptions, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection } from "mongoose";
import type { InviteStore } from "../../auth/auth.ports.js";
import type { Invite } from "../../auth/invite.js";
import { emailKey } from "../../auth/user.js";
import type { Role } from "../../kernel/context.js";

const MOST_LISTED = 100;

@modelOptions({ schemaOptions: { collection: "invites", versionKey: false } })
@index({ emailKey: 1 }, { unique: true })
@index({ tokenHash: 1 }, { unique: true })
@index({ createdAt: 1 })
@index({ expiresAt: 1 }, { expireAfterSeconds: 0 })
class InviteDocument {
  @prop({ type: () => String }) _id!: string;
  @prop({ type: () => String }) email!: string;
  @prop({ type: () => String }) emailKey!: string;
  @prop({ type: () => String }) role!: Role;
  @prop({ type: () => String }) userId!: string;
  @prop({ type: () => String }) tokenHash!: string;
  @prop({ type: () => String }) invitedBy!: string;
  @prop({ type: () => Date }) createdAt!: Date;
  @prop({ type: () => Date }) expiresAt!: Date;
}

export class MongoInvites implements InviteStore {
  private readonly model: ReturnModelType<typeof InviteDocument>;

  constructor(connection: Connection) {
    this.model = getModelForClass(InviteDocument, {
      existingConnection: connection,
      options: { disableCaching: true },
    });
  }

  async syncIndexes(): Promise<void> {
    await this.model.createIndexes();
  }

  async put({ id, ...facts }: Invite): Promise<Invite> {
    const change = { $set: facts, $setOnInsert: { _id: id } };
    const options = { upsert: true, returnDocument: "after" } as const;
    const query = this.model.findOneAndUpdate({ emailKey: emailKey(facts.email) }, change, options);
    const kept = await query.lean<InviteDocument>();
    if (kept === null) throw new TypeError("An upsert answered without a document.");
    return toInvite(kept);
  }

  async find(tokenHash: string): Promise<Invite | undefined> {
    const found = await this.model.findOne({ tokenHash }).lean<InviteDocument>();
    return found === null ? undefined : toInvite(found);
  }

  async list(now: Date): Promise<Invite[]> {
    const query = this.model
      .find({ expiresAt: { $gt: now } })
      .sort({ createdAt: -1 })
      .limit(MOST_LISTED);
    return (await query.lean<InviteDocument[]>()).map(toInvite);
  }

  async remove(email: string): Promise<Invite | undefined> {
    const removed = await this.model.findOneAndDelete({ emailKey: emailKey(email) }).lean<InviteDocument>();
    return removed === null ? undefined : toInvite(removed);
  }
}

function toInvite(document: InviteDocument): Invite {
  const { _id, email, role, userId, tokenHash, invitedBy, createdAt, expiresAt } = document;
  return { id: _id, email, role, userId, tokenHash, invitedBy, createdAt, expiresAt };
}
