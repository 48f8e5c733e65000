import { getModelForClass, modelOptions, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection, PipelineStage } from "mongoose";
import { newId } from "../../kernel/ids.js";
import type { LaneAddress, LaneSlot, LaneStore, LaneWait } from "../../vault/vault.ports.js";

/** Telegram counts messages over a minute. */
const MAX_WINDOW = 20;
/** A lane remembers this many windows of sends: slots are reserved ahead, by all workers together. */
const WINDOWS_KEPT = 3;
/** Between two sends of a burst: a third of the even gap. Telegram asks for about a second in one chat. */
const BURST = 3;
/** Of a window, how much may go in a burst; what comes after that is spread, so that newcomers find room. */
const BURST_SHARE = 0.6;
/** An even pace is a little faster than what the window lets through: what one send is late, the next ones make up for. */
const SLACK = 0.95;
/** So many windows long it is remembered that there was one. */
const BURST_MEMORY = 1.5;
/** A little more than the window, since clocks and the network are not exact. */
const MARGIN = 1.003;
const MARGIN_MS = 30;

const PACED = { $ifNull: ["$pacedFreeAt", "$nextFreeAt"] };
/** A stage that ends every change of `nextFreeAt`. */
const NEVER_SOONER = { $set: { pacedFreeAt: { $max: [PACED, "$nextFreeAt"] } } };

class Sent {
  @prop({ type: () => String }) id!: string;
  @prop({ type: () => Date }) at!: Date;
}

@modelOptions({ schemaOptions: { collection: "lanes", versionKey: false } })
export class LaneDocument {
  /** `<bot>:<chat>` */
  @prop({ type: () => String }) _id!: string;
  @prop({ type: () => String }) bot!: string;
  @prop({ type: () => String }) chat!: string;
  /** Place in the configured order: the primary chat's lanes come first. */
  @prop({ type: () => Number }) rank!: number;
  /** When Telegram takes the next message. */
  @prop({ type: () => Date }) nextFreeAt!: Date;
  /** When whoever got his share may send again: later, where a burst would be followed by silence. */
  @prop({ type: () => Date }) pacedFreeAt?: Date;
  @prop({ type: () => Date }) blockedUntil?: Date;
  /** What the chat said, when it is blocked because it refused. */
  @prop({ type: () => String }) refusal?: string;
  @prop({ type: () => Number }) gapMs!: number;
  @prop({ type: () => [Sent], _id: false }) recent!: Sent[];
  @prop({ type: () => Date }) slotAt?: Date;
  @prop({ type: () => Date }) reservedAt?: Date;
  /** For operators: how often it was blocked, and when last. */
  @prop({ type: () => Number }) blocks?: number;
  @prop({ type: () => Date }) lastBlockedAt?: Date;
}

export class MongoLanes implements LaneStore {
  private readonly model: ReturnModelType<typeof LaneDocument>;
  private readonly windowCount: number;
  private readonly windowMs: number;
  private readonly evenMs: number;
  private readonly leastGapMs: number;
  private readonly burstCount: number;

  /** @param perMinute messages that one lane may send in a minute */
  constructor(connection: Connection, perMinute: number) {
    this.model = getModelForClass(LaneDocument, {
      existingConnection: connection,
      // Typegoose would otherwise hand out the model of the first connection that this process opened.
      options: { disableCaching: true },
    });
    this.windowCount = Math.min(perMinute, MAX_WINDOW);
    this.windowMs = Math.ceil(((this.windowCount * 60_000) / perMinute) * MARGIN + MARGIN_MS);
    this.evenMs = this.windowMs / this.windowCount;
    this.leastGapMs = Math.ceil(60_000 / perMinute / BURST);
    this.burstCount = Math.max(1, Math.floor(this.windowCount * BURST_SHARE));
  }

  async register(lanes: readonly LaneAddress[]): Promise<void> {
    for (const [rank, lane] of lanes.entries()) {
      await this.model.updateOne(
        { _id: laneId(lane) },
        {
          $set: { ...lane, rank },
          $setOnInsert: { nextFreeAt: new Date(0), recent: [], gapMs: this.leastGapMs },
        },
        { upsert: true },
      );
    }
  }

  async reserve(lanes: readonly LaneAddress[], when: "now" | "ahead"): Promise<LaneSlot | undefined> {
    const id = newId();
    const among = { _id: { $in: lanes.map(laneId) } };
    const free = { ...among, $expr: { $lte: [PACED, "$$NOW"] } };
    const slot = await this.take(free, { rank: 1 }, id);
    return slot === undefined && when === "ahead" ? this.take(among, { nextFreeAt: 1 }, id) : slot;
  }

  /** The window counts from the end of a send, when Telegram has the whole document. */
  async sent(slot: LaneSlot): Promise<void> {
    const ended = { $cond: [{ $eq: ["$$sent.id", slot.id] }, { id: "$$sent.id", at: "$$NOW" }, "$$sent"] };
    const narrower = { $multiply: ["$gapMs", 0.97] };
    await this.model.updateOne(
      { _id: laneId(slot) },
      [
        {
          $set: {
            recent: { $map: { input: "$recent", as: "sent", in: ended } },
            gapMs: { $max: [this.leastGapMs, narrower] },
          },
        },
        { $set: { nextFreeAt: { $max: ["$nextFreeAt", this.windowEnd()] } } },
        NEVER_SOONER,
      ],
      { updatePipeline: true },
    );
  }

  async giveBack(slot: LaneSlot): Promise<void> {
    const others = { $filter: { input: "$recent", as: "sent", cond: { $ne: ["$$sent.id", slot.id] } } };
    const afterLast = { $add: [{ $max: "$recent.at" }, "$gapMs"] };
    await this.model.updateOne(
      { _id: laneId(slot), "recent.id": slot.id },
      [
        { $set: { recent: others } },
        { $set: { nextFreeAt: { $max: ["$blockedUntil", afterLast, this.windowEnd()] } } },
        { $set: { pacedFreeAt: { $subtract: [PACED, this.evenMs * SLACK] } } },
        NEVER_SOONER,
      ],
      { updatePipeline: true },
    );
  }

  async freeIn(lanes: readonly LaneAddress[], when: "now" | "ahead"): Promise<LaneWait | undefined> {
    const found = await this.model.aggregate<{ ms: number; blockedMs: number; refusal?: string }>([
      { $match: { _id: { $in: lanes.map(laneId) } } },
      {
        $project: {
          refusal: 1,
          ms: { $subtract: [when === "ahead" ? "$nextFreeAt" : PACED, "$$NOW"] },
          blockedMs: { $subtract: [{ $ifNull: ["$blockedUntil", "$$NOW"] }, "$$NOW"] },
        },
      },
      { $sort: { ms: 1 } },
    ]);
    const [first] = found;
    if (first === undefined) return undefined;
    const areRefusing = found.every(({ blockedMs, refusal }) => blockedMs > 0 && refusal !== undefined);
    return {
      waitMs: Math.max(first.ms, 0),
      isBlocked: first.blockedMs > 0,
      refusal: areRefusing ? first.refusal : undefined,
    };
  }

  async hindrance(slot: LaneSlot): Promise<{ blockedMs: number; fullMs: number }> {
    const place = { $indexOfArray: ["$recent.id", slot.id] };
    const before = { $arrayElemAt: ["$recent.at", { $subtract: ["$place", this.windowCount] }] };
    const isFull = { $gte: ["$place", this.windowCount] };
    const until = { $cond: [isFull, { $add: [before, this.windowMs] }, "$$NOW"] };
    const [found] = await this.model.aggregate<{ blockedMs: number; fullMs: number }>([
      { $match: { _id: laneId(slot) } },
      { $project: { recent: 1, blockedUntil: 1, place } },
      {
        $project: {
          blockedMs: { $subtract: [{ $ifNull: ["$blockedUntil", "$$NOW"] }, "$$NOW"] },
          fullMs: { $subtract: [until, "$$NOW"] },
        },
      },
    ]);
    return { blockedMs: Math.max(found?.blockedMs ?? 0, 0), fullMs: Math.max(found?.fullMs ?? 0, 0) };
  }

  async block(lane: LaneAddress, ms: number, refusal?: string): Promise<void> {
    const widest = this.leastGapMs * BURST * 2;
    await this.model.updateOne(
      { _id: laneId(lane) },
      [
        {
          $set: {
            blockedUntil: { $max: ["$blockedUntil", { $add: ["$$NOW", ms] }] },
            gapMs: { $min: [{ $multiply: ["$gapMs", 1.5] }, widest] },
            blocks: { $add: [{ $ifNull: ["$blocks", 0] }, 1] },
            lastBlockedAt: "$$NOW",
            refusal: refusal === undefined ? "$$REMOVE" : { $literal: refusal },
          },
        },
        { $set: { nextFreeAt: { $max: ["$nextFreeAt", "$blockedUntil"] } } },
        NEVER_SOONER,
      ],
      { updatePipeline: true },
    );
  }

  async rest(lane: LaneAddress, ms: number): Promise<void> {
    await this.model.updateOne(
      { _id: laneId(lane) },
      [{ $set: { nextFreeAt: { $max: ["$nextFreeAt", { $add: ["$$NOW", ms] }] } } }, NEVER_SOONER],
      { updatePipeline: true },
    );
  }

  private async take(filter: object, sort: Record<string, 1>, id: string): Promise<LaneSlot | undefined> {
    const pipeline: PipelineStage.Set[] = [
      { $set: { slotAt: { $max: ["$nextFreeAt", "$$NOW"] }, reservedAt: "$$NOW" } },
      {
        $set: {
          recent: {
            $slice: [
              { $concatArrays: ["$recent", [{ id, at: "$slotAt" }]] },
              -this.windowCount * WINDOWS_KEPT,
            ],
          },
        },
      },
      { $set: { nextFreeAt: { $max: [{ $add: ["$slotAt", "$gapMs"] }, this.windowEnd()] } } },
      { $set: { pacedFreeAt: { $cond: [this.mayBurst(), "$nextFreeAt", this.spread()] } } },
      NEVER_SOONER,
    ];
    const lane = await this.model
      .findOneAndUpdate(filter, pipeline, { updatePipeline: true, sort, returnDocument: "after" })
      .lean<LaneDocument>();
    if (lane?.slotAt === undefined || lane.reservedAt === undefined) return undefined;
    const { bot, chat, slotAt, reservedAt, blockedUntil } = lane;
    const isBlocked = blockedUntil !== undefined && blockedUntil > reservedAt;
    return { id, bot, chat, waitMs: slotAt.getTime() - reservedAt.getTime(), isBlocked };
  }

  /** Whether few were sent lately. */
  private mayBurst(): object {
    const isFew = { $lt: [{ $size: "$recent" }, this.burstCount] };
    const since = { $subtract: ["$slotAt", this.windowMs * BURST_MEMORY] };
    return { $or: [isFew, { $lt: [{ $arrayElemAt: ["$recent.at", -this.burstCount] }, since] }] };
  }

  /**
   * The next send of somebody who sends on and on: as far from this one as makes the room that is left in the window
   * last until the oldest send leaves it, and never nearer than an even pace. A send that was a little late does not
   * make the next ones late; one that somebody else had before it was due leaves less room for those that are planned.
   */
  private spread(): object {
    const { evenMs } = this;
    const since = { $subtract: ["$slotAt", this.windowMs] };
    const inWindow = { $filter: { input: "$recent.at", as: "at", cond: { $gt: ["$$at", since] } } };
    const room = { $max: [1, { $subtract: [this.windowCount, { $size: "$$inWindow" }] }] };
    const untilLeft = { $subtract: [{ $arrayElemAt: ["$$inWindow", 0] }, since] };
    const planned = { $ifNull: ["$pacedFreeAt", "$slotAt"] };
    const lateMs = { $subtract: ["$slotAt", planned] };
    const isOnPlan = { $and: [{ $gte: [lateMs, 0] }, { $lt: [lateMs, evenMs] }] };
    const gap = { $let: { vars: { inWindow }, in: { $divide: [untilLeft, room] } } };
    const begin = { $cond: [isOnPlan, planned, "$slotAt"] };
    const next = { $add: [begin, { $max: ["$gapMs", { $multiply: [SLACK, { $max: [evenMs, gap] }] }] }] };
    return { $max: [planned, next] };
  }

  /** When the oldest of a full window leaves it; before the window is full, any time. */
  private windowEnd(): object {
    const isFull = { $gte: [{ $size: "$recent" }, this.windowCount] };
    const oldest = { $arrayElemAt: ["$recent.at", -this.windowCount] };
    return { $cond: [isFull, { $add: [oldest, this.windowMs] }, "$$NOW"] };
  }
}

function laneId({ bot, chat }: LaneAddress): string {
  return `${bot}:${chat}`;
}
