import type { Connection, PipelineStage } from "mongoose";
import type { Page, PageRequest } from "../../files/files.ports.js";
import type { TransferState } from "../../kernel/progress.js";
import { DUE_STATES } from "../../transfers/transfer.js";
import type { Transfer } from "../../transfers/transfer.js";
import type {
  NewTransfer,
  TransferFilter,
  TransferLease,
  TransferStore,
  TransferUpdate,
} from "../../transfers/transfers.ports.js";
import { IS_DUE, dueIds, dueIn } from "./due.js";
import { literals } from "./literals.js";
import { findPage } from "./page.js";
import { changeTransfer, toTransfer, transferModel } from "./transfer-document.js";
import type { TransferDocument, TransferModel } from "./transfer-document.js";

/** A transfer whose upload died between recording it and beginning it is looked at after this time. */
const BEGIN_PATIENCE_MS = 60_000;

export class MongoTransfers implements TransferStore {
  private readonly model: TransferModel;

  constructor(connection: Connection) {
    this.model = transferModel(connection);
  }

  async syncIndexes(): Promise<void> {
    await this.model.createIndexes();
  }

  async create(transfer: NewTransfer): Promise<void> {
    const { id, ...facts } = transfer;
    const fresh = { ...facts, partsDone: 0, bytesSent: 0, bytesPerSecond: 0, attempt: 0, epoch: 0 };
    const times = { createdAt: "$$NOW", queuedAt: "$$NOW", updatedAt: "$$NOW" };
    const state =
      facts.bytesTotal === 0
        ? { state: "DONE", unrecordedEnd: { key: `${id}/0`, at: "$$NOW", isDone: true } }
        : { state: "QUEUED", dueAt: { $add: ["$$NOW", BEGIN_PATIENCE_MS] } };
    await this.model.updateOne({ _id: id }, [{ $set: { ...fresh, ...times, ...state } }], {
      upsert: true,
      updatePipeline: true,
    });
  }

  async begin(id: string): Promise<Transfer | undefined> {
    return this.change({ _id: id, state: "QUEUED" }, [{ $set: { dueAt: "$$NOW", updatedAt: "$$NOW" } }]);
  }

  async find(id: string): Promise<Transfer | undefined> {
    const document = await this.model.findById(id).lean<TransferDocument>();
    return document === null ? undefined : toTransfer(document);
  }

  async findMany(ids: readonly string[]): Promise<Transfer[]> {
    const found = await this.model.find({ _id: { $in: ids } }).lean<TransferDocument[]>();
    return found.map(toTransfer);
  }

  list(filter: TransferFilter, page: PageRequest): Promise<Page<Transfer>> {
    return findPage(this.model, toQuery(filter), { field: "_id", descending: true }, page, toTransfer);
  }

  async count(filter: TransferFilter): Promise<number> {
    return this.model.countDocuments(toQuery(filter));
  }

  async latestChange(): Promise<Date | undefined> {
    const latest = await this.model.findOne().sort({ updatedAt: -1 }).lean<TransferDocument>();
    return latest?.updatedAt;
  }

  async changedSince(since: Date, limit: number): Promise<Transfer[]> {
    const found = await this.model
      .find({ updatedAt: { $gte: since } })
      .sort({ updatedAt: 1 })
      .limit(limit)
      .lean<TransferDocument[]>();
    return found.map(toTransfer);
  }

  async findDue(id: string): Promise<Transfer | undefined> {
    const document = await this.model.findOne(dueNow(id)).lean<TransferDocument>();
    return document === null ? undefined : toTransfer(document);
  }

  async take(
    id: string,
    owner: string,
    leaseMs: number,
  ): Promise<{ transfer: Transfer; lease: TransferLease } | undefined> {
    const document = await changeTransfer(this.model, dueNow(id), [
      {
        $set: {
          ...{ state: "RUNNING", leaseOwner: owner, waitingUntil: null, waitingFor: null },
          epoch: { $add: ["$epoch", 1] },
          dueAt: { $add: ["$$NOW", leaseMs] },
          updatedAt: "$$NOW",
        },
      },
      { $unset: ["setAside"] },
    ]);
    if (document === undefined) return undefined;
    return { transfer: toTransfer(document), lease: { transferId: id, owner, epoch: document.epoch } };
  }

  async standing(ids: readonly string[]): Promise<Map<string, { epoch: number; state: TransferState }>> {
    const found = await this.model
      .find({ _id: { $in: ids } })
      .select({ epoch: 1, state: 1 })
      .lean<TransferDocument[]>();
    return new Map(found.map(({ _id, epoch, state }) => [_id, { epoch, state }]));
  }

  async keep(lease: TransferLease, leaseMs: number): Promise<boolean> {
    const { matchedCount } = await this.model.updateOne(
      held(lease),
      [{ $set: { dueAt: { $add: ["$$NOW", leaseMs] } } }],
      { updatePipeline: true },
    );
    return matchedCount === 1;
  }

  update(lease: TransferLease, change: TransferUpdate): Promise<Transfer | undefined> {
    return this.change(held(lease), [{ $set: { ...literals(change), updatedAt: "$$NOW" } }]);
  }

  release(lease: TransferLease, change: TransferUpdate, nextTryMs?: number): Promise<Transfer | undefined> {
    const due =
      nextTryMs === undefined
        ? { $unset: ["leaseOwner", "dueAt"] }
        : { $set: { ...dueIn(nextTryMs), leaseOwner: "$$REMOVE" } };
    const facts = { ...literals(change), ...endOf(lease, change), updatedAt: "$$NOW" };
    return this.change(held(lease), [{ $set: facts }, due]);
  }

  due(limit: number): Promise<string[]> {
    return dueIds(this.model, limit);
  }

  async removeOfFile(fileId: string): Promise<void> {
    await this.model.deleteMany({ fileId });
  }

  /** Gives the transfers of these files to somebody else. Safe to repeat. */
  async handOver(fileIds: readonly string[], to: string): Promise<void> {
    await this.model.updateMany({ fileId: { $in: [...fileIds] } }, { $set: { ownerId: to } });
  }

  private async change(
    filter: object,
    pipeline: (PipelineStage.Set | PipelineStage.Unset)[],
  ): Promise<Transfer | undefined> {
    const document = await changeTransfer(this.model, filter, pipeline);
    return document && toTransfer(document);
  }
}

function dueNow(id: string): object {
  return { _id: id, state: { $in: DUE_STATES }, ...IS_DUE };
}

/** The end of a transfer leaves a mark for the statistics, in the same step. */
function endOf({ transferId, epoch }: TransferLease, { state }: TransferUpdate): object {
  if (state !== "DONE" && state !== "FAILED") return {};
  const key = { $literal: `${transferId}/${epoch}` };
  return { unrecordedEnd: { key, at: "$$NOW", isDone: { $literal: state === "DONE" } } };
}

function held({ transferId, owner, epoch }: TransferLease): object {
  return { _id: transferId, leaseOwner: owner, epoch };
}

function toQuery({ ownerId, fileId, states }: TransferFilter): object {
  return {
    ...(ownerId === undefined ? {} : { ownerId }),
    ...(fileId === undefined ? {} : { fileId }),
    ...(states === undefined ? {} : { state: { $in: states } }),
  };
}
