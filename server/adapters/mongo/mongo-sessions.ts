import { getModelForClass, index, modelOptions, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection } from "mongoose";
import type { SessionStore } from "../../auth/auth.ports.js";
import { together } from "../../kernel/loading.js";
import type { Session } from "../../auth/session.js";

const MOST_LISTED = 100;

@modelOptions({ schemaOptions: { collection: "sessions", versionKey: false } })
@index({ userId: 1, lastUsedAt: -1 })
@index({ expiresAt: 1 }, { expireAfterSeconds: 0 })
class SessionDocument {
  @prop({ type: () => String }) _id!: string;
  @prop({ type: () => String }) userId!: string;
  @prop({ type: () => Number }) credentialEpoch!: number;
  @prop({ type: () => String }) seed!: string;
  @prop({ type: () => Number }) rotation!: number;
  @prop({ type: () => Date }) rotatedAt!: Date;
  @prop({ type: () => Date }) createdAt!: Date;
  @prop({ type: () => Date }) lastUsedAt?: Date;
  @prop({ type: () => Date }) expiresAt!: Date;
  @prop({ type: () => String }) userAgent?: string | undefined;
  @prop({ type: () => String }) address!: string;
}

export class MongoSessions implements SessionStore {
  private readonly model: ReturnModelType<typeof SessionDocument>;

  constructor(connection: Connection) {
    this.model = getModelForClass(SessionDocument, {
      existingConnection: connection,
      options: { disableCaching: true },
    });
  }

  async syncIndexes(): Promise<void> {
    await this.model.createIndexes();
  }

  async insert(session: Session): Promise<void> {
    const { id, userAgent, ...facts } = session;
    await this.model.create({ _id: id, ...facts, ...(userAgent && { userAgent }) });
  }

  /** Every request asks whether its session goes on: many at once cost one query. */
  readonly find = together((ids) => this.findMany(ids));

  async findMany(ids: readonly string[]): Promise<Session[]> {
    if (ids.length === 0) return [];
    const query = this.model.find({ _id: { $in: [...ids] } }).lean<SessionDocument[]>();
    return (await query).map(toSession);
  }

  async rotate(
    id: string,
    rotation: number,
    change: { rotatedAt: Date; expiresAt: Date },
  ): Promise<Session | undefined> {
    const update = { $inc: { rotation: 1 }, $set: change };
    const query = this.model.findOneAndUpdate({ _id: id, rotation }, update, { returnDocument: "after" });
    const rotated = await query.lean<SessionDocument>();
    return rotated === null ? undefined : toSession(rotated);
  }

  async listOf(userId: string): Promise<Session[]> {
    const query = this.model.find({ userId }).sort({ lastUsedAt: -1 }).limit(MOST_LISTED);
    return (await query.lean<SessionDocument[]>()).map(toSession);
  }

  async hasFrom(userId: string, address: string): Promise<boolean> {
    return (await this.model.findOne({ userId, address }).select({ _id: 1 }).lean()) !== null;
  }

  async touch({ id, lastUsedAt }: Pick<Session, "id" | "lastUsedAt">, at: Date): Promise<void> {
    const asSeen = { _id: id, lastUsedAt: { $in: [lastUsedAt, null] } };
    await this.model.updateOne(asSeen, { $set: { lastUsedAt: at } });
  }

  async carryOver(id: string, credentialEpoch: number): Promise<void> {
    await this.model.updateOne({ _id: id }, { $set: { credentialEpoch } });
  }

  async remove(id: string, userId?: string): Promise<boolean> {
    const filter = { _id: id, ...(userId !== undefined && { userId }) };
    return (await this.model.deleteOne(filter)).deletedCount === 1;
  }

  async removeAllOf(userId: string, except?: string): Promise<number> {
    const filter = { userId, ...(except !== undefined && { _id: { $ne: except } }) };
    return (await this.model.deleteMany(filter)).deletedCount;
  }
}

function toSession(document: SessionDocument): Session {
  const { _id, userAgent, lastUsedAt = document.createdAt, ...facts } = document;
  return { id: _id, ...facts, lastUsedAt, userAgent };
}
