import { getModelForClass, index, modelOptions, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection, PipelineStage } from "mongoose";
import type { MarkedThing, PurgeFilter, PurgeStore } from "../../archives/archives.ports.js";
import type { Purge, PurgeKind, PurgeState, PurgedMessage } from "../../archives/purge.js";
import type { Page, PageRequest } from "../../files/files.ports.js";
import { toldOf } from "../../kernel/errors.js";
import type { Told } from "../../kernel/errors.js";
import type { TransferError } from "../../kernel/progress.js";
import type { MessageVerdict } from "../../vault/vault.ports.js";
import { IS_DUE, dueIds, dueIn } from "./due.js";
import { literals } from "./literals.js";
import { findPage } from "./page.js";

class PurgeErrorDocument {
  @prop({ type: () => String }) code!: string;
  @prop({ type: () => String }) message!: string;
  @prop({ type: () => String }) forOperators?: string;
  @prop({ type: () => Date }) nextTryAt?: Date;
}

@modelOptions({ schemaOptions: { collection: "purges", versionKey: false } })
@index({ dueAt: 1 }, { partialFilterExpression: { dueAt: { $exists: true } } })
@index({ parentId: 1, state: 1 })
@index({ ownerId: 1, parentId: 1, requestedAt: 1, _id: 1 })
@index({ parentId: 1, requestedAt: 1, _id: 1 })
class PurgeDocument {
  /** The id of the thing. */
  @prop({ type: () => String }) _id!: string;
  @prop({ type: () => String }) kind!: PurgeKind;
  @prop({ type: () => String }) name!: string;
  @prop({ type: () => String }) ownerId!: string;
  @prop({ type: () => String }) requestedById?: string;
  @prop({ type: () => Date }) requestedAt!: Date;
  @prop({ type: () => String }) state!: PurgeState;
  @prop({ type: () => Number }) copies!: number;
  @prop({ type: () => Number }) removed!: number;
  @prop({ type: () => Number }) attempts!: number;
  @prop({ type: () => Number }) fruitless?: number;
  @prop({ type: () => PurgeErrorDocument, _id: false }) error?: PurgeErrorDocument;
  @prop({ type: () => Date }) finishedAt?: Date;
  @prop({ type: () => String }) parentId?: string;
  @prop({ type: () => String }) handOverTo?: string;
  /** When a worker may take it, by the database's clock; absent once it is done. */
  @prop({ type: () => Date }) dueAt?: Date;
  @prop({ type: () => String }) run?: string;
}

@modelOptions({ schemaOptions: { collection: "purgedMessages", versionKey: false } })
@index({ purgeId: 1, _id: 1 })
@index({ purgeId: 1, removed: 1 })
class PurgedMessageDocument {
  @prop({ type: () => String }) _id!: string;
  @prop({ type: () => String }) purgeId!: string;
  @prop({ type: () => String }) chat!: string;
  @prop({ type: () => Number }) messageId!: number;
  @prop({ type: () => Boolean }) removed!: boolean;
  @prop({ type: () => String }) reason?: string | null;
  @prop({ type: () => String }) forOperators?: string | null;
  @prop({ type: () => Date }) at!: Date;
}

export class MongoPurges implements PurgeStore {
  private readonly model: ReturnModelType<typeof PurgeDocument>;
  private readonly results: ReturnModelType<typeof PurgedMessageDocument>;

  constructor(connection: Connection) {
    const options = { existingConnection: connection, options: { disableCaching: true } };
    this.model = getModelForClass(PurgeDocument, options);
    this.results = getModelForClass(PurgedMessageDocument, options);
  }

  async syncIndexes(): Promise<void> {
    await this.model.createIndexes();
    await this.results.createIndexes();
  }

  async open(purges: readonly (MarkedThing & { kind: PurgeKind })[]): Promise<void> {
    const now = new Date();
    for (const { id, kind, name, ownerId, purgeById, parentId, handOverTo } of purges) {
      const fresh = {
        ...{ kind, name, ownerId, requestedAt: now, dueAt: now },
        ...{ state: "PENDING" as const, copies: 0, removed: 0, attempts: 0 },
        ...(purgeById === undefined ? {} : { requestedById: purgeById }),
        ...(parentId === undefined ? {} : { parentId }),
        ...(handOverTo === undefined ? {} : { handOverTo }),
      };
      await this.model.updateOne({ _id: id }, { $setOnInsert: fresh }, { upsert: true });
    }
  }

  async find(id: string): Promise<Purge | undefined> {
    const document = await this.model.findById(id).lean<PurgeDocument>();
    return document === null ? undefined : toPurge(document);
  }

  async findMany(ids: readonly string[]): Promise<Purge[]> {
    const found = await this.model.find({ _id: { $in: [...ids] } }).lean<PurgeDocument[]>();
    return found.map(toPurge);
  }

  list(where: PurgeFilter, page: PageRequest): Promise<Page<Purge>> {
    return findPage(this.model, toQuery(where), { field: "requestedAt", descending: true }, page, toPurge);
  }

  async count(where: PurgeFilter): Promise<number> {
    return this.model.countDocuments(toQuery(where));
  }

  async take(id: string, run: string, leaseMs: number): Promise<Purge | undefined> {
    const document = await this.model
      .findOneAndUpdate({ _id: id, ...IS_DUE }, [{ $set: { ...dueIn(leaseMs), run } }], {
        updatePipeline: true,
        returnDocument: "after",
      })
      .lean<PurgeDocument>();
    return document === null ? undefined : toPurge(document);
  }

  async redirect(id: string, handOverTo: string | undefined): Promise<boolean> {
    const heir = handOverTo === undefined ? "$$REMOVE" : { $literal: handOverTo };
    const { matchedCount } = await this.model.updateOne(
      { _id: id, kind: "USER", state: "FAILED", run: { $exists: false } },
      [{ $set: { handOverTo: heir, ...dueIn(0) } }],
      { updatePipeline: true },
    );
    return matchedCount === 1;
  }

  async keep(id: string, run: string, leaseMs: number): Promise<boolean> {
    return this.change(id, run, [{ $set: dueIn(leaseMs) }]);
  }

  async recordMessages(id: string, verdicts: readonly MessageVerdict[]): Promise<void> {
    if (verdicts.length === 0) return;
    const at = new Date();
    const operations = verdicts.map(({ chat, messageId, removed, reason = null, forOperators = null }) => ({
      updateOne: {
        filter: { _id: `${id} ${chat}/${messageId}` },
        update: {
          $set: { purgeId: id, chat, messageId, removed, at, reason, forOperators },
        },
        upsert: true,
      },
    }));
    await this.results.bulkWrite(operations, { ordered: false });
  }

  messages(id: string, page: PageRequest): Promise<Page<PurgedMessage>> {
    const sort = { field: "_id", descending: false };
    return findPage(
      this.results,
      { purgeId: id },
      sort,
      page,
      ({ chat, messageId, removed, reason, forOperators, at }) => {
        const why = reason == null ? undefined : { message: reason, forOperators: forOperators ?? undefined };
        return { chat, messageId, removed, why, at };
      },
    );
  }

  async markAllRemoved(id: string): Promise<void> {
    const gone = { removed: true, at: new Date(), reason: null, forOperators: null };
    await this.results.updateMany({ purgeId: id, removed: false }, { $set: gone });
  }

  async countMessages(id: string): Promise<{ all: number; removed: number }> {
    const [all, removed] = await Promise.all([
      this.results.countDocuments({ purgeId: id }),
      this.results.countDocuments({ purgeId: id, removed: true }),
    ]);
    return { all, removed };
  }

  async setCounts(
    id: string,
    run: string,
    { copies, removed }: { copies: number; removed: number },
  ): Promise<void> {
    await this.change(id, run, [{ $set: { copies, removed } }]);
  }

  async sums(
    parentId: string,
  ): Promise<{ copies: number; removed: number; failed: number; why: Told | undefined }> {
    const rows = await this.model.aggregate<{
      _id: PurgeState;
      copies: number;
      removed: number;
      count: number;
    }>([
      { $match: { parentId } },
      {
        $group: {
          _id: "$state",
          copies: { $sum: "$copies" },
          removed: { $sum: "$removed" },
          count: { $sum: 1 },
        },
      },
    ]);
    const failed = rows.find((row) => row._id === "FAILED")?.count ?? 0;
    const one =
      failed === 0 ? null : await this.model.findOne({ parentId, state: "FAILED" }).lean<PurgeDocument>();
    return {
      copies: rows.reduce((sum, row) => sum + row.copies, 0),
      removed: rows.reduce((sum, row) => sum + row.removed, 0),
      failed,
      why: one?.error && toldOf(one.error),
    };
  }

  finish(id: string, run: string): Promise<boolean> {
    return this.change(id, run, [
      { $set: { state: "DONE", finishedAt: "$$NOW" } },
      { $unset: ["dueAt", "run", "error"] },
    ]);
  }

  async postpone(
    id: string,
    run: string,
    nextTryMs: number,
    failure?: { error: TransferError; fruitless: number },
  ): Promise<void> {
    const failed =
      failure === undefined
        ? {}
        : { state: "FAILED", ...literals(failure), attempts: { $add: ["$attempts", 1] } };
    await this.change(id, run, [{ $set: { ...dueIn(nextTryMs), ...failed } }, { $unset: ["run"] }]);
  }

  due(limit: number): Promise<string[]> {
    return dueIds(this.model, limit);
  }

  private async change(
    id: string,
    run: string,
    stages: (PipelineStage.Set | PipelineStage.Unset)[],
  ): Promise<boolean> {
    const { matchedCount } = await this.model.updateOne({ _id: id, run }, stages, { updatePipeline: true });
    return matchedCount === 1;
  }
}

function toQuery({ ownerId, states }: PurgeFilter) {
  return {
    parentId: { $exists: false },
    ...(ownerId === undefined ? {} : { ownerId, kind: { $in: ["FILE" as const, "FOLDER" as const] } }),
    ...(states === undefined ? {} : { state: { $in: [...states] } }),
  };
}

function toPurge(document: PurgeDocument): Purge {
  const {
    kind,
    name,
    ownerId,
    requestedAt,
    state,
    copies,
    removed,
    attempts,
    fruitless = 0,
    error,
  } = document;
  return {
    id: document._id,
    ...{ kind, name, ownerId, requestedAt, state, copies, removed, attempts, fruitless },
    error: error ?? undefined,
    requestedById: document.requestedById,
    finishedAt: document.finishedAt,
    parentId: document.parentId,
    handOverTo: document.handOverTo,
  };
}
