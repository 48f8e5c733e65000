import { getModelForClass, modelOptions, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection } from "mongoose";
import { DUE_STATES } from "../../transfers/transfer.js";
import type { Transfer } from "../../transfers/transfer.js";
import type { Turn, TurnQueue, TurnStore } from "../../transfers/transfers.ports.js";
import { IS_DUE } from "./due.js";
import { duplicateKeyOf } from "./mongo-failures.js";
import { changeTransfer, toTransfer, transferModel } from "./transfer-document.js";
import type { TransferDocument, TransferModel } from "./transfer-document.js";

class TakenTurn {
  @prop({ type: () => String }) transferId!: string;
  @prop({ type: () => String }) run!: string;
  @prop({ type: () => Date }) until!: Date;
}

/** One document for each owner, so that a limit holds in one atomic update. */
@modelOptions({ schemaOptions: { collection: "turns", versionKey: false } })
class TurnsDocument {
  /** The owner's id. */
  @prop({ type: () => String }) _id!: string;
  @prop({ type: () => [TakenTurn], _id: false }) taken!: TakenTurn[];
}

export class MongoTurns implements TurnStore, TurnQueue {
  private readonly turns: ReturnModelType<typeof TurnsDocument>;
  private readonly transfers: TransferModel;

  constructor(connection: Connection) {
    this.turns = getModelForClass(TurnsDocument, {
      existingConnection: connection,
      // Typegoose would otherwise hand out the model of the first connection that this process opened.
      options: { disableCaching: true },
    });
    this.transfers = transferModel(connection);
  }

  async take(turn: Turn, limit: number, leaseMs: number): Promise<boolean> {
    const mostThere = Math.min(limit, Number.MAX_SAFE_INTEGER);
    const hasRoom = { $lt: [{ $size: "$taken" }, mostThere] };
    // Woken twice, a transfer has one turn: whoever does not get its lease must not give away the turn of who has it.
    const isThere = { $in: [turn.transferId, "$taken.transferId"] };
    const isNew = { $and: [{ $not: [isThere] }, hasRoom] };
    const pipeline = [
      { $set: { taken: othersThan("run", "") } },
      { $set: { taken: { $cond: [isNew, withTurn(turn, leaseMs), "$taken"] } } },
    ];
    const change = () =>
      this.turns
        .findOneAndUpdate({ _id: turn.ownerId }, pipeline, {
          ...{ updatePipeline: true, upsert: true, returnDocument: "after" },
        })
        .lean<TurnsDocument>();
    const document = await change().catch((error: unknown) => {
      // Two workers made the owner's document at once: it is there now.
      if (duplicateKeyOf(error) === undefined) throw error;
      return change();
    });
    return document?.taken.some(({ transferId }) => transferId === turn.transferId) ?? false;
  }

  async keep(turn: Turn, leaseMs: number): Promise<void> {
    await this.turns.updateOne(
      { _id: turn.ownerId },
      [{ $set: { taken: othersThan("run", turn.run) } }, { $set: { taken: withTurn(turn, leaseMs) } }],
      { updatePipeline: true },
    );
  }

  async giveBack({ ownerId, run }: Turn): Promise<void> {
    await this.turns.updateOne({ _id: ownerId }, { $pull: { taken: { run } } });
  }

  async taken(ownerId: string): Promise<number> {
    const [counted] = await this.turns.aggregate<{ count: number }>([
      { $match: { _id: ownerId } },
      { $project: { count: { $size: othersThan("run", "") } } },
    ]);
    return counted?.count ?? 0;
  }

  async setAside(id: string): Promise<Transfer | undefined> {
    const waiting = { state: "QUEUED", setAside: true, waitingFor: "TURN", waitingUntil: null };
    const document = await changeTransfer(
      this.transfers,
      { _id: id, state: { $in: DUE_STATES }, ...IS_DUE },
      [{ $set: { ...waiting, bytesPerSecond: 0, updatedAt: "$$NOW" } }, { $unset: ["dueAt", "leaseOwner"] }],
    );
    return document && toTransfer(document);
  }

  async admit(ownerId: string): Promise<Transfer | undefined> {
    const admitted = { dueAt: "$$NOW", waitingFor: null, updatedAt: "$$NOW" };
    const first = (which: object) =>
      changeTransfer(
        this.transfers,
        { ownerId, setAside: true, ...which },
        [{ $set: admitted }, { $unset: ["setAside"] }],
        { queuedAt: 1 },
      );
    const document = (await first({ isSafe: { $ne: true } })) ?? (await first({}));
    return document && toTransfer(document);
  }

  async ownerAfter(ownerId: string): Promise<string | undefined> {
    const next = await this.transfers
      .findOne({ ownerId: { $gt: ownerId }, setAside: true })
      .sort({ ownerId: 1 })
      .select({ ownerId: 1 })
      .lean<TransferDocument>();
    return next?.ownerId;
  }
}

/** The turns that have not ended by themselves, without the one of this transfer or run. */
function othersThan(field: "transferId" | "run", value: string): object {
  const isOther = { $ne: [`$$turn.${field}`, { $literal: value }] };
  const cond = { $and: [{ $gt: ["$$turn.until", "$$NOW"] }, isOther] };
  return { $filter: { input: { $ifNull: ["$taken", []] }, as: "turn", cond } };
}

function withTurn({ transferId, run }: Turn, leaseMs: number): object {
  const turn = {
    transferId: { $literal: transferId },
    run: { $literal: run },
    until: { $add: ["$$NOW", leaseMs] },
  };
  return { $concatArrays: ["$taken", [turn]] };
}
