import { getModelForClass, index, modelOptions, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection, PipelineStage } from "mongoose";
import type { CopyStep, FolderCopy, FolderCopyState } from "../../files/folder-copy.js";
import type { FolderCopyStore, NewFolderCopy } from "../../files/folder-copy.ports.js";
import { IS_DUE, dueIds, dueIn } from "./due.js";
import { slotOf } from "./file-document.js";
import { literals } from "./literals.js";
import { duplicateKeyOf } from "./mongo-failures.js";

/** Whoever starts a copy makes the folder himself; a worker does it after this time. */
const BEGIN_MS = 10_000;
/** A copy that has ended is remembered for a week. */
const KEPT_SECONDS = 7 * 86_400;

class CopyStepDocument {
  @prop({ type: () => String }) fromId!: string;
  @prop({ type: () => String }) toId!: string;
  @prop({ type: () => String }) name!: string;
  @prop({ type: () => Boolean }) isAtFolders!: boolean;
  @prop({ type: () => String }) cursor?: string;
}

class AwaitedFileDocument {
  @prop({ type: () => String }) fileId!: string;
  @prop({ type: () => String }) toId!: string;
  @prop({ type: () => String }) path!: string;
}

@modelOptions({ schemaOptions: { collection: "folderCopies", versionKey: false } })
@index({ dueAt: 1 }, { partialFilterExpression: { dueAt: { $exists: true } } })
@index({ startedById: 1, state: 1 })
@index({ ownerId: 1, slot: 1 }, { unique: true, partialFilterExpression: { slot: { $exists: true } } })
@index({ finishedAt: 1 }, { expireAfterSeconds: KEPT_SECONDS })
class FolderCopyDocument {
  @prop({ type: () => String }) _id!: string;
  @prop({ type: () => String }) sourceId!: string;
  @prop({ type: () => String }) ownerId!: string;
  @prop({ type: () => String }) name!: string;
  @prop({ type: () => String }) parentId?: string;
  @prop({ type: () => Date }) expiresAt?: Date;
  @prop({ type: () => [String] }) replaces!: string[];
  @prop({ type: () => String }) startedById!: string;
  @prop({ type: () => String }) address?: string;
  @prop({ type: () => Date }) startedAt!: Date;
  @prop({ type: () => String }) state!: FolderCopyState;
  @prop({ type: () => String }) stopped?: string;
  @prop({ type: () => Number }) total!: number;
  @prop({ type: () => Number }) done!: number;
  @prop({ type: () => Number }) failed!: number;
  @prop({ type: () => [AwaitedFileDocument], _id: false, default: undefined })
  awaited?: AwaitedFileDocument[];
  @prop({ type: () => Date }) finishedAt?: Date;
  @prop({ type: () => [CopyStepDocument], _id: false, default: undefined }) way?: CopyStepDocument[];
  /** When a worker may take it, by the database's clock; absent once nothing is left to do. */
  @prop({ type: () => Date }) dueAt?: Date;
  @prop({ type: () => String }) lease?: string;
  /** The name that the new folder is to have, and where: until it is there and seen by whoever asks for that name. */
  @prop({ type: () => String }) slot?: string;
}

type Stages = (PipelineStage.Set | PipelineStage.Unset)[];

export class MongoFolderCopies implements FolderCopyStore {
  private readonly model: ReturnModelType<typeof FolderCopyDocument>;

  constructor(connection: Connection) {
    this.model = getModelForClass(FolderCopyDocument, {
      existingConnection: connection,
      // Typegoose would otherwise hand out the model of the first connection that this process opened.
      options: { disableCaching: true },
    });
  }

  async syncIndexes(): Promise<void> {
    await this.model.createIndexes();
  }

  async create(copy: NewFolderCopy): Promise<FolderCopy | undefined> {
    const { id, parentId, expiresAt, address, ...facts } = copy;
    const fresh = {
      slot: slotOf(parentId, facts.name),
      ...{ ...facts, state: "RUNNING", done: 0, failed: 0 },
      ...(parentId === undefined ? {} : { parentId }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(address === undefined ? {} : { address }),
    };
    const values = { ...literals(fresh), startedAt: "$$NOW", ...dueIn(BEGIN_MS) };
    const options = { updatePipeline: true, returnDocument: "after", upsert: true } as const;
    try {
      return toCopy(
        await this.model
          .findOneAndUpdate({ _id: id }, [{ $set: values }], options)
          .lean<FolderCopyDocument>(),
      );
    } catch (error) {
      if (duplicateKeyOf(error)?.includes("slot")) return undefined;
      throw error;
    }
  }

  async isReserved(ownerId: string, parentId: string | undefined, name: string): Promise<boolean> {
    return (await this.model.exists({ ownerId, slot: slotOf(parentId, name) })) !== null;
  }

  async findMany(ids: readonly string[]): Promise<FolderCopy[]> {
    const found = await this.model.find({ _id: { $in: [...ids] } }).lean<FolderCopyDocument[]>();
    return found.map(toCopy);
  }

  async countRunning(startedById: string): Promise<number> {
    return this.model.countDocuments({ startedById, state: "RUNNING" });
  }

  async begin(id: string, first: CopyStep): Promise<FolderCopy | undefined> {
    const isNew = { _id: id, state: "RUNNING", way: { $exists: false } };
    const begun = await this.change(isNew, [
      { $set: { ...literals({ way: [kept(first)] }), ...dueIn(0) } },
      { $unset: ["slot"] },
    ]);
    return begun ?? (await this.findMany([id]))[0];
  }

  take(id: string, lease: string, leaseMs: number): Promise<FolderCopy | undefined> {
    return this.change({ _id: id, ...IS_DUE }, [{ $set: { ...dueIn(leaseMs), lease } }]);
  }

  async keep(id: string, lease: string, leaseMs: number): Promise<boolean> {
    return (await this.change({ _id: id, lease }, [{ $set: dueIn(leaseMs) }])) !== undefined;
  }

  advance(
    id: string,
    lease: string,
    { way, done, failed, awaited }: Parameters<FolderCopyStore["advance"]>[2],
  ): Promise<FolderCopy | undefined> {
    return this.change({ _id: id, lease, state: "RUNNING" }, [
      {
        $set: {
          ...literals({ way: way.map(kept), ...(awaited === undefined ? {} : { awaited }) }),
          done: { $add: ["$done", done] },
          failed: { $add: ["$failed", failed] },
        },
      },
    ]);
  }

  async finish(id: string, lease: string, stopped?: string): Promise<void> {
    await this.change({ _id: id, lease }, ended(stopped));
  }

  async abandon(id: string, stopped: string): Promise<void> {
    await this.change({ _id: id, state: "RUNNING", way: { $exists: false } }, ended(stopped));
  }

  async postpone(id: string, lease: string, nextTryMs: number): Promise<void> {
    await this.change({ _id: id, lease }, [{ $set: dueIn(nextTryMs) }, { $unset: ["lease"] }]);
  }

  due(limit: number): Promise<string[]> {
    return dueIds(this.model, limit);
  }

  private async change(filter: object, stages: Stages): Promise<FolderCopy | undefined> {
    const document = await this.model
      .findOneAndUpdate(filter, stages, { updatePipeline: true, returnDocument: "after" })
      .lean<FolderCopyDocument>();
    return document === null ? undefined : toCopy(document);
  }
}

function ended(stopped: string | undefined): Stages {
  const facts = stopped === undefined ? { state: "DONE" } : { state: "STOPPED", stopped };
  return [{ $set: { ...literals(facts), finishedAt: "$$NOW" } }, { $unset: ["dueAt", "lease", "slot"] }];
}

function kept({ cursor, ...step }: CopyStep): CopyStepDocument {
  return { ...step, ...(cursor === undefined ? {} : { cursor }) };
}

function toCopy({ _id, way, ...document }: FolderCopyDocument): FolderCopy {
  const { sourceId, ownerId, name, parentId, expiresAt, replaces, startedById, address } = document;
  const { startedAt, state, stopped, total, done, failed, awaited = [], finishedAt } = document;
  return {
    id: _id,
    ...{ sourceId, ownerId, name, parentId, expiresAt, replaces, startedById, address },
    ...{ startedAt, state, stopped, total, done, failed, awaited, finishedAt },
    way: way?.map(({ cursor, ...step }) => ({ ...step, cursor })),
  };
}
