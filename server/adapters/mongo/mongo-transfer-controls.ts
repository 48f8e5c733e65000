import type { Connection, PipelineStage } from "mongoose";
import { RULES } from "../../transfers/control.js";
import type { ControlAction } from "../../transfers/control.js";
import type { Transfer } from "../../transfers/transfer.js";
import type { TransferControls } from "../../transfers/transfers.ports.js";
import { changeTransfer, toTransfer, transferModel } from "./transfer-document.js";
import type { TransferModel } from "./transfer-document.js";

const MAX_CLEAN_UP_WAIT_MS = 600_000;

type Stages = (PipelineStage.Set | PipelineStage.Unset)[];

const NOT_SAFE = { isSafe: { $ne: true } };
/** Takes it away from whoever works on it: his writes match nothing any more. */
const TAKEN_AWAY = {
  epoch: { $add: ["$epoch", 1] },
  ...{ bytesPerSecond: 0, waitingUntil: null, waitingFor: null, updatedAt: "$$NOW" },
};
const NOT_DUE: PipelineStage.Unset = {
  $unset: ["leaseOwner", "dueAt", "setAside", "error.nextTryAt"],
};
const DUE = { dueAt: "$$NOW", updatedAt: "$$NOW", waitingUntil: null, waitingFor: null };

export class MongoTransferControls implements TransferControls {
  private readonly model: TransferModel;

  constructor(connection: Connection) {
    this.model = transferModel(connection);
  }

  pause(id: string): Promise<Transfer | undefined> {
    return this.act("pause", id, [{ $set: { ...TAKEN_AWAY, state: "PAUSED" } }, NOT_DUE]);
  }

  resume(id: string): Promise<Transfer | undefined> {
    return this.act("resume", id, [{ $set: { ...DUE, state: "QUEUED", queuedAt: "$$NOW" } }]);
  }

  async cancel(id: string): Promise<{ transfer: Transfer; epoch: number } | undefined> {
    const document = await changeTransfer(
      this.model,
      { _id: id, $or: [{ state: "FAILED" }, { state: { $in: RULES.cancel.from }, ...NOT_SAFE }] },
      [{ $set: { ...TAKEN_AWAY, state: "CANCELLED", cleanUpAt: "$$NOW" } }, NOT_DUE],
    );
    return document && { transfer: toTransfer(document), epoch: document.epoch };
  }

  retry(id: string): Promise<Transfer | undefined> {
    const fresh = { state: "QUEUED", attempt: 0, error: null, wasRetried: true, isSafe: false };
    return this.act("retry", id, [{ $set: { ...DUE, ...fresh, queuedAt: "$$NOW" } }]);
  }

  async hasten(id: string): Promise<Transfer | undefined> {
    const document = await changeTransfer(
      this.model,
      { _id: id, state: "WAITING", waitingFor: "RETRY", leaseOwner: { $exists: false } },
      [{ $set: { ...DUE, state: "QUEUED", wasRetried: true } }],
    );
    return document && toTransfer(document);
  }

  async hastenAll(): Promise<void> {
    const isForChats = [{ waitingFor: { $ne: "RETRY" } }, { "error.code": "CHAT_REFUSED" }];
    const isIdle = { dueAt: { $exists: true }, leaseOwner: { $exists: false } };
    const waiting: object = { state: "WAITING", ...isIdle, $or: isForChats };
    await this.model.updateMany(waiting, [{ $set: { ...DUE, state: "QUEUED" } }], { updatePipeline: true });
  }

  async uncleaned(limit: number): Promise<string[]> {
    const found = await this.model
      .find({ cleanUpAt: { $exists: true }, $expr: { $lte: ["$cleanUpAt", "$$NOW"] } })
      .sort({ cleanUpAt: 1 })
      .limit(limit)
      .select({ _id: 1 })
      .lean<{ _id: string }[]>();
    return found.map(({ _id }) => _id);
  }

  async takeCleaning(
    id: string,
    leaseMs: number,
  ): Promise<{ transfer: Transfer; epoch: number; bytesGone: boolean } | undefined> {
    const document = await changeTransfer(
      this.model,
      { _id: id, cleanUpAt: { $exists: true }, $expr: { $lte: ["$cleanUpAt", "$$NOW"] } },
      [{ $set: { cleanUpAt: { $add: ["$$NOW", leaseMs] } } }],
    );
    if (document === undefined) return undefined;
    const { epoch, bytesGone = false } = document;
    return { transfer: toTransfer(document), epoch, bytesGone };
  }

  async postponeCleaning(id: string, ms: number): Promise<void> {
    const longer = { $multiply: [2, { $ifNull: ["$cleanUpWaitMs", ms / 2] }] };
    await changeTransfer(this.model, { _id: id, cleanUpAt: { $exists: true } }, [
      { $set: { cleanUpWaitMs: { $min: [longer, MAX_CLEAN_UP_WAIT_MS] } } },
      { $set: { cleanUpAt: { $add: ["$$NOW", "$cleanUpWaitMs"] } } },
    ]);
  }

  async markBytesGone(id: string, listedMs: number): Promise<void> {
    await changeTransfer(this.model, { _id: id, state: "CANCELLED", bytesGone: { $exists: false } }, [
      { $set: { bytesGone: true, cleanUpAt: { $add: ["$$NOW", listedMs] } } },
    ]);
  }

  private async act(action: ControlAction, id: string, stages: Stages): Promise<Transfer | undefined> {
    const document = await changeTransfer(
      this.model,
      { _id: id, state: { $in: RULES[action].from } },
      stages,
    );
    return document && toTransfer(document);
  }
}
