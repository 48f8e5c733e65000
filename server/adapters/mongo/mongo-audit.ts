import { getModelForClass, index, modelOptions, mongoose, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection } from "mongoose";
import type { AuditEntry, AuditTarget, AuditTrail } from "../../kernel/audit.js";
import type { Viewer } from "../../kernel/context.js";
import { newId } from "../../kernel/ids.js";
import type { Logger } from "../../kernel/log.js";

type Values = NonNullable<AuditEntry["after"]>;

@modelOptions({
  schemaOptions: { collection: "audit", versionKey: false },
  options: { allowMixed: 0 },
})
@index({ at: 1, _id: 1 })
@index({ actorId: 1, at: 1, _id: 1 })
@index({ "target.id": 1, at: 1, _id: 1 })
@index({ action: 1, at: 1, _id: 1 })
class AuditDocument {
  @prop({ type: () => String }) _id!: string;
  @prop({ type: () => Date }) at!: Date;
  @prop({ type: () => String }) action!: string;
  /** Absent for the system itself and for somebody not signed in. */
  @prop({ type: () => String }) actorId?: string;
  @prop({ type: () => String }) actorKind!: "system" | Viewer["kind"];
  @prop({ type: () => String }) address?: string;
  @prop({ type: () => mongoose.Schema.Types.Mixed }) target?: AuditTarget;
  @prop({ type: () => mongoose.Schema.Types.Mixed }) before?: Values;
  @prop({ type: () => mongoose.Schema.Types.Mixed }) after?: Values;
  @prop({ type: () => String }) reason?: string;
}

export class MongoAudit implements AuditTrail {
  private readonly model: ReturnModelType<typeof AuditDocument>;

  constructor(
    connection: Connection,
    private readonly log: Logger,
  ) {
    this.model = getModelForClass(AuditDocument, {
      existingConnection: connection,
      options: { disableCaching: true },
    });
  }

  async syncIndexes(): Promise<void> {
    await this.model.createIndexes();
  }

  async record(actor: Viewer | "system", entry: AuditEntry): Promise<void> {
    const who = actor === "system" ? { actorKind: actor } : actorOf(actor);
    try {
      await this.model.create({ _id: newId(), at: new Date(), ...who, ...entry });
    } catch (error) {
      this.log.error({ err: error, ...who, ...entry }, "an entry of the audit log could not be written");
    }
  }
}

function actorOf(viewer: Viewer): { actorKind: Viewer["kind"]; actorId?: string; address?: string } {
  return {
    actorKind: viewer.kind,
    ...(viewer.kind === "user" && { actorId: viewer.userId }),
    ...(viewer.address !== undefined && { address: viewer.address }),
  };
}
