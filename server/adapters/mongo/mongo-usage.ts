import type { Collection, Connection, mongo } from "mongoose";
import type { Room, UsageStore } from "../../auth/auth.ports.js";
import type { Quota } from "../../auth/quota.js";

/** How many of the files taken away last are remembered, so that none is taken away twice. */
const MAX_TAKEN = 50;
const LONG_MS = 60_000;

/** Room that an upload has taken before its bytes are there. */
export interface ReservationDocument {
  /** The file's id. */
  key: string;
  bytes: number;
  at: Date;
}

/** The part of an account's document that holds its counts: quota and use change in one atomic update. */
interface UsageDocument {
  _id: string;
  bytesUsed: number;
  fileCount: number;
  reserved?: ReservationDocument[];
  /** The ids of the files taken away last. */
  takenAway?: string[];
}

const RESERVED = { $ifNull: ["$reserved", []] };
const IS_LONG = { $lte: ["$$this.at", { $subtract: ["$$NOW", LONG_MS] }] };

export class MongoUsage implements UsageStore {
  private readonly users: Collection<UsageDocument>;

  constructor(connection: Connection) {
    this.users = connection.collection<UsageDocument>("users");
  }

  async reserve(
    userId: string,
    room: Room,
    limit: Pick<Quota, "bytes" | "files">,
  ): Promise<number | undefined> {
    const { key } = room;
    const taken = { $add: ["$bytesUsed", { $sum: "$reserved.bytes" }] };
    const files = { $add: ["$fileCount", { $size: RESERVED }, 1] };
    const entry = { key, bytes: granted(room, taken, limit.bytes), at: "$$NOW" };
    const document = await this.users.findOneAndUpdate(
      {
        _id: userId,
        "reserved.key": { $ne: key },
        ...holds([
          [taken, limit.bytes - room.neededBytes],
          [files, limit.files],
        ]),
      },
      [{ $set: { reserved: { $concatArrays: [RESERVED, [entry]] } } }],
      { returnDocument: "after" },
    );
    return bytesOf(document ?? (await this.reserveAgain(userId, key)), key);
  }

  /** Whoever asks again, for the answer was lost, finds the room that was taken before; it is not an old one any more. */
  private reserveAgain(userId: string, key: string): Promise<UsageDocument | null> {
    return this.users.findOneAndUpdate(
      { _id: userId, "reserved.key": key },
      [changed(key, { at: "$$NOW" })],
      { returnDocument: "after" },
    );
  }

  async extend(userId: string, room: Room, limit: Pick<Quota, "bytes">): Promise<number | undefined> {
    const { key } = room;
    const others = { $filter: { input: RESERVED, cond: { $ne: ["$$this.key", key] } } };
    const bytes = { $map: { input: others, in: "$$this.bytes" } };
    const taken = { $add: ["$bytesUsed", { $sum: bytes }] };
    const document = await this.users.findOneAndUpdate(
      { _id: userId, "reserved.key": key, ...holds([[taken, limit.bytes - room.neededBytes]]) },
      [changed(key, { bytes: granted(room, taken, limit.bytes) })],
      { returnDocument: "after" },
    );
    return bytesOf(document, key);
  }

  async trim(userId: string, key: string, bytes: number): Promise<void> {
    await this.users.updateOne({ _id: userId, "reserved.key": key }, [changed(key, { bytes })]);
  }

  async release(userId: string, key: string): Promise<void> {
    await this.users.updateOne({ _id: userId, "reserved.key": key }, { $pull: { reserved: { key } } });
  }

  async releaseLong(userId: string, key: string): Promise<void> {
    const isLong = { $and: [{ $eq: ["$$this.key", key] }, IS_LONG] };
    const others = { $filter: { input: RESERVED, cond: { $not: [isLong] } } };
    await this.users.updateOne({ _id: userId, "reserved.key": key }, [{ $set: { reserved: others } }]);
  }

  async keepReserved(userId: string, key: string): Promise<void> {
    await this.reserveAgain(userId, key);
  }

  async longReserved(limit: number): Promise<{ userId: string; key: string }[]> {
    const found = await this.users
      .aggregate<{ _id: string; old: ReservationDocument[] }>([
        { $match: { "reserved.at": { $gt: new Date(0) } } },
        { $project: { old: { $filter: { input: "$reserved", cond: IS_LONG } } } },
        { $match: { "old.0": { $exists: true } } },
        { $limit: limit },
      ])
      .toArray();
    return found.flatMap(({ _id: userId, old }) => old.map(({ key }) => ({ userId, key })));
  }

  async count(userId: string, key: string, bytes: number): Promise<void> {
    await this.users.updateOne(
      { _id: userId, "reserved.key": key },
      { $inc: { bytesUsed: bytes, fileCount: 1 }, $pull: { reserved: { key } } },
    );
  }

  async takeAway(userId: string, key: string, bytes: number): Promise<void> {
    await this.users.updateOne(
      { _id: userId, takenAway: { $ne: key } },
      {
        $inc: { bytesUsed: -bytes, fileCount: -1 },
        $push: { takenAway: { $each: [key], $slice: -MAX_TAKEN } },
      },
    );
  }
}

/** What a reservation gets of the room that is left. */
function granted({ wantedBytes }: Room, taken: object, limitBytes: number): number | object {
  return limitBytes === Infinity ? wantedBytes : { $min: [wantedBytes, { $subtract: [limitBytes, taken] }] };
}

/** Each sum within its limit; what has no limit is not asked. */
function holds(sums: readonly [sum: object, limit: number][]): mongo.Filter<UsageDocument> {
  const limited = sums.filter(([, limit]) => limit !== Infinity);
  return limited.length === 0 ? {} : { $expr: { $and: limited.map((pair) => ({ $lte: pair })) } };
}

function changed(key: string, facts: object): { $set: object } {
  const entry = { $mergeObjects: ["$$this", facts] };
  const one = { $cond: [{ $eq: ["$$this.key", key] }, entry, "$$this"] };
  return { $set: { reserved: { $map: { input: RESERVED, in: one } } } };
}

function bytesOf(document: UsageDocument | null, key: string): number | undefined {
  return document?.reserved?.find((entry) => entry.key === key)?.bytes;
}
