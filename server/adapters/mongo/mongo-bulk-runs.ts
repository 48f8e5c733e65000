import { Severity, getModelForClass, index, modelOptions, mongoose, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection, PipelineStage } from "mongoose";
import type { BulkDeed, BulkResult, BulkRun, BulkState } from "../../archives/bulk-run.js";
import type { FilePage } from "../../archives/archives.ports.js";
import type { BulkRunStore, NewBulkRun } from "../../archives/bulk-run.ports.js";
import type { FileFilter, Page, PageRequest } from "../../files/files.ports.js";
import { IS_DUE, dueIds, dueIn } from "./due.js";
import { literals } from "./literals.js";
import { findPage } from "./page.js";

@modelOptions({
  schemaOptions: { collection: "bulkRuns", versionKey: false },
  options: { allowMixed: Severity.ALLOW },
})
@index({ dueAt: 1 }, { partialFilterExpression: { dueAt: { $exists: true } } })
@index({ startedById: 1, startedAt: 1, _id: 1 })
@index({ startedAt: 1, _id: 1 })
class BulkRunDocument {
  @prop({ type: () => String }) _id!: string;
  @prop({ type: () => String }) deed!: BulkDeed;
  @prop({ type: () => mongoose.Schema.Types.Mixed }) filter!: FileFilter;
  @prop({ type: () => String }) reason?: string;
  @prop({ type: () => String }) startedById!: string;
  @prop({ type: () => String }) address?: string;
  @prop({ type: () => Date }) startedAt!: Date;
  @prop({ type: () => String }) state!: BulkState;
  @prop({ type: () => Number }) total!: number;
  @prop({ type: () => Number }) done!: number;
  @prop({ type: () => Number }) failed!: number;
  @prop({ type: () => Date }) finishedAt?: Date;
  @prop({ type: () => String }) stopped?: string;
  @prop({ type: () => String }) cursor!: string;
  @prop({ type: () => [String], default: undefined }) page?: string[];
  /** What the cursor is once the page is dealt with. */
  @prop({ type: () => String }) pageCursor?: string;
  /** When a worker may take it, by the database's clock; absent once nothing is left to do. */
  @prop({ type: () => Date }) dueAt?: Date;
  @prop({ type: () => String }) lease?: string;
}

@modelOptions({ schemaOptions: { collection: "bulkResults", versionKey: false } })
@index({ runId: 1, _id: 1 })
@index({ runId: 1, done: 1, _id: 1 })
class BulkResultDocument {
  @prop({ type: () => String }) _id!: string;
  @prop({ type: () => String }) runId!: string;
  @prop({ type: () => String }) fileId!: string;
  @prop({ type: () => String }) name?: string;
  @prop({ type: () => Boolean }) done!: boolean;
  @prop({ type: () => String }) reason?: string;
}

type Stages = (PipelineStage.Set | PipelineStage.Unset)[];

export class MongoBulkRuns implements BulkRunStore {
  private readonly model: ReturnModelType<typeof BulkRunDocument>;
  private readonly outcomes: ReturnModelType<typeof BulkResultDocument>;

  constructor(connection: Connection) {
    const options = { existingConnection: connection, options: { disableCaching: true } };
    this.model = getModelForClass(BulkRunDocument, options);
    this.outcomes = getModelForClass(BulkResultDocument, options);
  }

  async syncIndexes(): Promise<void> {
    await this.model.createIndexes();
    await this.outcomes.createIndexes();
  }

  async create({ id, reason, address, ...facts }: NewBulkRun): Promise<BulkRun> {
    const fresh = {
      ...{ ...facts, state: "RUNNING", done: 0, failed: 0, cursor: "" },
      ...(reason === undefined ? {} : { reason }),
      ...(address === undefined ? {} : { address }),
    };
    const document = await this.model
      .findOneAndUpdate({ _id: id }, [{ $set: { ...literals(fresh), startedAt: "$$NOW", dueAt: "$$NOW" } }], {
        updatePipeline: true,
        returnDocument: "after",
        upsert: true,
      })
      .lean<BulkRunDocument>();
    return toRun(document);
  }

  async find(id: string): Promise<BulkRun | undefined> {
    const document = await this.model.findById(id).lean<BulkRunDocument>();
    return document === null ? undefined : toRun(document);
  }

  list(startedById: string | undefined, page: PageRequest): Promise<Page<BulkRun>> {
    const filter = startedById === undefined ? {} : { startedById };
    return findPage(this.model, filter, { field: "startedAt", descending: true }, page, toRun);
  }

  async count(startedById: string | undefined): Promise<number> {
    return this.model.countDocuments(startedById === undefined ? {} : { startedById });
  }

  async countRunning(startedById: string): Promise<number> {
    return this.model.countDocuments({ startedById, state: "RUNNING" });
  }

  cancel(id: string): Promise<BulkRun | undefined> {
    return this.change({ _id: id, state: "RUNNING" }, [
      { $set: { state: "CANCELLED", finishedAt: "$$NOW" } },
    ]);
  }

  take(id: string, lease: string, leaseMs: number): Promise<BulkRun | undefined> {
    return this.change({ _id: id, $or: [IS_DUE, { lease }] }, [{ $set: { ...dueIn(leaseMs), lease } }]);
  }

  async keep(id: string, lease: string, leaseMs: number): Promise<boolean> {
    return (await this.change({ _id: id, lease }, [{ $set: dueIn(leaseMs) }])) !== undefined;
  }

  beginPage(id: string, lease: string, { ids, cursor }: FilePage): Promise<BulkRun | undefined> {
    return this.change({ _id: id, lease, state: "RUNNING", page: { $exists: false } }, [
      { $set: literals({ page: [...ids], pageCursor: cursor }) },
    ]);
  }

  async recordResults(id: string, results: readonly BulkResult[]): Promise<void> {
    const operations = results.map(({ fileId, name, done, reason }) => ({
      updateOne: {
        filter: { _id: `${id} ${fileId}` },
        update: [{ $set: literals({ runId: id, fileId, done, name, reason }) }],
        upsert: true,
      },
    }));
    await this.outcomes.bulkWrite(operations, { ordered: false });
  }

  endPage(
    id: string,
    lease: string,
    { done, failed }: { done: number; failed: number },
  ): Promise<BulkRun | undefined> {
    return this.change({ _id: id, lease, page: { $exists: true } }, [
      {
        $set: {
          cursor: { $ifNull: ["$pageCursor", ""] },
          done: { $add: ["$done", done] },
          failed: { $add: ["$failed", failed] },
        },
      },
      { $unset: ["page", "pageCursor"] },
    ]);
  }

  async finish(id: string, lease: string, stopped?: string): Promise<void> {
    const isRunning = { $eq: ["$state", "RUNNING"] };
    const end = stopped === undefined ? "DONE" : "CANCELLED";
    await this.change({ _id: id, lease }, [
      {
        $set: {
          state: { $cond: [isRunning, end, "$state"] },
          finishedAt: { $cond: [isRunning, "$$NOW", "$finishedAt"] },
          ...(stopped === undefined ? {} : { stopped: { $literal: stopped } }),
        },
      },
      { $unset: ["dueAt", "lease", "page"] },
    ]);
  }

  async postpone(id: string, lease: string, nextTryMs: number): Promise<void> {
    await this.change({ _id: id, lease }, [{ $set: dueIn(nextTryMs) }, { $unset: ["lease"] }]);
  }

  due(limit: number): Promise<string[]> {
    return dueIds(this.model, limit);
  }

  results(id: string, done: boolean | undefined, page: PageRequest): Promise<Page<BulkResult>> {
    const sort = { field: "_id", descending: false };
    return findPage(this.outcomes, resultsOf(id, done), sort, page, (document) => ({
      fileId: document.fileId,
      name: document.name,
      done: document.done,
      reason: document.reason,
    }));
  }

  async countResults(id: string, done: boolean | undefined): Promise<number> {
    return this.outcomes.countDocuments(resultsOf(id, done));
  }

  async removeAllOf(startedById: string): Promise<void> {
    const runs = await this.model.find({ startedById }).select({ _id: 1 }).lean<BulkRunDocument[]>();
    const ids = runs.map(({ _id }) => _id);
    // Whatever still works on one finds it gone, and begins nothing new.
    await this.model.deleteMany({ _id: { $in: ids } });
    await this.outcomes.deleteMany({ runId: { $in: ids } });
  }

  private async change(filter: object, stages: Stages): Promise<BulkRun | undefined> {
    const document = await this.model
      .findOneAndUpdate(filter, stages, { updatePipeline: true, returnDocument: "after" })
      .lean<BulkRunDocument>();
    return document === null ? undefined : toRun(document);
  }
}

function resultsOf(runId: string, done: boolean | undefined) {
  return { runId, ...(done === undefined ? {} : { done }) };
}

function toRun({ _id, page, ...document }: BulkRunDocument): BulkRun {
  const { deed, filter, startedById, startedAt, state, total, done, failed, cursor } = document;
  const { reason, address, finishedAt, stopped } = document;
  return {
    id: _id,
    ...{ deed, filter, startedById, startedAt, state, total, done, failed, cursor },
    ...{ reason, address, finishedAt, stopped, page },
  };
}
