import { getModelForClass, index, modelOptions, mongoose, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection } from "mongoose";
import type { AuditFilter, AuditLog, AuditRecord } from "../../admin/audit.ports.js";
import type { AccountStore } from "../../auth/auth.ports.js";
import type { Page, PageRequest } from "../../files/files.ports.js";
import type { AuditEntry, AuditTarget, AuditTrail } from "../../kernel/audit.js";
import type { Viewer } from "../../kernel/context.js";
import { newId } from "../../kernel/ids.js";
import type { Logger } from "../../kernel/log.js";
import { findPage } from "./page.js";

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
  @prop({ type: () => String }) actorName?: string;
  @prop({ type: () => String }) address?: string;
  @prop({ type: () => mongoose.Schema.Types.Mixed }) target?: AuditTarget;
  @prop({ type: () => mongoose.Schema.Types.Mixed }) before?: Values;
  @prop({ type: () => mongoose.Schema.Types.Mixed }) after?: Values;
  @prop({ type: () => String }) reason?: string;
}

/** Documents fetched at a time by an export. */
const STREAM_BATCH = 500;

/** Only adds and reads: nothing here changes or removes an entry. */
export class MongoAudit implements AuditTrail, AuditLog {
  private readonly model: ReturnModelType<typeof AuditDocument>;

  constructor(
    connection: Connection,
    private readonly log: Logger,
    private readonly accounts: Pick<AccountStore, "find">,
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
      const name = await this.nameOf(actor);
      const actorName = name === undefined ? {} : { actorName: name };
      await this.model.create({ _id: newId(), at: new Date(), ...who, ...actorName, ...entry });
    } catch (error) {
      this.log.error({ err: error, ...who, ...entry }, "an entry of the audit log could not be written");
    }
  }

  list(filter: AuditFilter, page: PageRequest): Promise<Page<AuditRecord>> {
    return findPage(this.model, toQuery(filter), { field: "at", descending: true }, page, toRecord);
  }

  async count(filter: AuditFilter): Promise<number> {
    return this.model.countDocuments(toQuery(filter));
  }

  async *stream(filter: AuditFilter): AsyncGenerator<AuditRecord> {
    const cursor = this.model
      .find(toQuery(filter))
      .sort({ at: 1, _id: 1 })
      .batchSize(STREAM_BATCH)
      .lean<AuditDocument>()
      .cursor();
    try {
      for await (const document of cursor) yield toRecord(document);
    } finally {
      await cursor.close();
    }
  }

  async actions(): Promise<string[]> {
    return (await this.model.distinct("action")).sort();
  }

  /** The name as it is now; later it may be another one. An entry without a name is better than none. */
  private async nameOf(actor: Viewer | "system"): Promise<string | undefined> {
    if (actor === "system" || actor.kind !== "user") return undefined;
    const account = await this.accounts.find(actor.userId).catch(() => undefined);
    return account?.username;
  }
}

function toQuery({ actorId, targetId, action, after, before }: AuditFilter): object {
  const at = {
    ...(after === undefined ? {} : { $gte: after }),
    ...(before === undefined ? {} : { $lt: before }),
  };
  return {
    ...(actorId === undefined ? {} : { actorId }),
    ...(targetId === undefined ? {} : { "target.id": targetId }),
    ...(action === undefined ? {} : { action }),
    ...(Object.keys(at).length === 0 ? {} : { at }),
  };
}

function toRecord(document: AuditDocument): AuditRecord {
  const { _id, at, action, actorKind, actorId, actorName, address, target, before, after, reason } = document;
  return {
    ...{ id: _id, at, action: action as AuditRecord["action"], actorKind, actorId, actorName, address },
    ...(target !== undefined && { target }),
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
    ...(reason !== undefined && { reason }),
  };
}

function actorOf(viewer: Viewer): { actorKind: Viewer["kind"]; actorId?: string; address?: string } {
  return {
    actorKind: viewer.kind,
    ...(viewer.kind === "user" && { actorId: viewer.userId }),
    ...(viewer.address !== undefined && { address: viewer.address }),
  };
}
