import { getModelForClass } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection, PipelineStage } from "mongoose";
import type { Lane, LaneBoard } from "../../admin/operations.ports.js";
import { LaneDocument } from "./mongo-lanes.js";

const MINUTE_MS = 60_000;

type Row = LaneDocument & { now: Date };

/** The lanes as operators read and release them. */
export class MongoLaneBoard implements LaneBoard {
  private readonly model: ReturnModelType<typeof LaneDocument>;

  constructor(connection: Connection) {
    this.model = getModelForClass(LaneDocument, {
      existingConnection: connection,
      // A second model of this class on the connection needs a name of its own.
      options: { disableCaching: true, customName: "LaneBoard" },
    });
  }

  async list(): Promise<Lane[]> {
    return (await this.rows([{ $sort: { rank: 1 } }])).map(toLane);
  }

  async find(id: string): Promise<Lane | undefined> {
    const [row] = await this.rows([{ $match: { _id: id } }]);
    return row === undefined ? undefined : toLane(row);
  }

  async unblock(id: string): Promise<void> {
    // The minute's budget is looked at again when a reserved slot comes up, so freeing it at once is safe.
    await this.model.updateOne(
      { _id: id, blockedUntil: { $exists: true } },
      [{ $set: { blockedUntil: "$$REMOVE", nextFreeAt: "$$NOW", pacedFreeAt: "$$NOW" } }],
      { updatePipeline: true },
    );
  }

  private rows(stages: (PipelineStage.Sort | PipelineStage.Match)[]): Promise<Row[]> {
    return this.model.aggregate<Row>([...stages, { $set: { now: "$$NOW" } }]).exec();
  }
}

function toLane(row: Row): Lane {
  const { _id, bot, chat, rank, nextFreeAt, blockedUntil, gapMs, recent, blocks, lastBlockedAt, now } = row;
  const sends = recent.map(({ at }) => at).filter((at) => at <= now);
  const isBlocked = blockedUntil !== undefined && blockedUntil > now;
  return {
    ...{ id: _id, bot, chat, nextFreeAt, lastBlockedAt },
    isPrimary: rank === 0,
    blockedUntil: isBlocked ? blockedUntil : undefined,
    gapMs: Math.round(gapMs),
    recentSends: sends.filter((at) => now.getTime() - at.getTime() < MINUTE_MS).length,
    lastSentAt: sends.sort((a, b) => a.getTime() - b.getTime()).at(-1),
    blocks: blocks ?? 0,
  };
}
