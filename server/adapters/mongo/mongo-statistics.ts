import type { Collection, Connection } from "mongoose";
import type {
  Day,
  DayCounts,
  Happening,
  StatisticsStore,
  Totals,
  TransferCounts,
} from "../../admin/statistics.ports.js";
import { ANONYMOUS_OWNERS } from "../../kernel/anonymous.js";
import { FILE_STATES } from "../../files/file.js";
import type { FileState } from "../../files/file.js";
import { ROLES } from "../../kernel/context.js";
import type { Role } from "../../kernel/context.js";
import { SETTLED_STATES, TRANSFER_STATES } from "../../kernel/progress.js";
import { literals } from "./literals.js";
import { duplicateKeyOf } from "./mongo-failures.js";

/**
 * How many of the last happenings a day remembers, so that none is counted twice. A second recording comes, if at
 * all, from the next sweep after a crash: only if so many others came in between, the one is counted twice.
 */
const REMEMBERED = 500;
const FRESH_MS = 1_000;
/** A count of totals is good for this many times as long as it took. */
const COUNTING_SHARE = 20;
/** Their bytes count for nobody, as in the accounts' own sums. */
const WITHOUT_BYTES: readonly FileState[] = ["RECEIVING", "CANCELLED"];
const UNDER_WAY = TRANSFER_STATES.filter((state) => !SETTLED_STATES.includes(state));
const NOTHING: DayCounts = {
  ...{ uploads: 0, uploadedBytes: 0 },
  ...{ transfersDone: 0, transferredBytes: 0, transfersFailed: 0 },
};

type DayDocument = { _id: string; counted: string[] } & DayCounts;
type TotalsDocument = Totals & { _id: string; freshMs: number };

interface UserGroup {
  _id: { role: Role; archived: boolean };
  count: number;
}

interface FileGroup {
  _id: { state: FileState; archived: boolean; owned: boolean; kind: string; hidden: boolean };
  count: number;
  bytes: number;
}

export class MongoStatistics implements StatisticsStore {
  private readonly dayCounts: Collection<DayDocument>;
  private readonly keptTotals: Collection<TotalsDocument>;

  constructor(private readonly connection: Connection) {
    this.dayCounts = connection.collection<DayDocument>("days");
    this.keptTotals = connection.collection<TotalsDocument>("totals");
  }

  /** What is counted often is counted by an index; all files are read for the totals, which are kept. */
  async syncIndexes(): Promise<void> {
    await this.connection.collection("transfers").createIndex({ state: 1, _id: 1 });
  }

  async record({ key, at, counts }: Happening): Promise<void> {
    const day = at.toISOString().slice(0, 10);
    const add = () =>
      this.dayCounts.updateOne(
        { _id: day, counted: { $ne: key } },
        { $inc: counts, $push: { counted: { $each: [key], $slice: -REMEMBERED } } },
      );
    if ((await add()).matchedCount === 1) return;
    // Either it is counted already, or it is the first of its day.
    try {
      await this.dayCounts.insertOne({ _id: day, ...NOTHING, counted: [] });
    } catch (error) {
      if (duplicateKeyOf(error) === undefined) throw error;
    }
    await add();
  }

  async freshTotals(): Promise<Totals | undefined> {
    const isFresh = { $gt: [{ $add: ["$asOf", "$freshMs"] }, "$$NOW"] };
    const kept = await this.keptTotals.findOne({ _id: "totals", $expr: isFresh });
    return kept === null ? undefined : toTotals(kept);
  }

  async recount(): Promise<Totals> {
    const began = performance.now();
    const [users, files] = await Promise.all([this.userGroups(), this.fileGroups()]);
    const freshMs = Math.max(FRESH_MS, Math.ceil(COUNTING_SHARE * (performance.now() - began)));
    const facts = literals({ ...sumsOfUsers(users), ...sumsOfFiles(files), freshMs });
    const kept = await this.keptTotals.findOneAndUpdate(
      { _id: "totals" },
      [{ $set: { ...facts, asOf: "$$NOW" } }],
      { upsert: true, returnDocument: "after" },
    );
    if (kept === null) throw new Error("an upsert answered with nothing");
    return toTotals(kept);
  }

  async transfers(): Promise<TransferCounts> {
    const transfers = this.connection.collection("transfers");
    const [underWay, failed] = await Promise.all([
      transfers.countDocuments({ state: { $in: UNDER_WAY } }),
      transfers.countDocuments({ state: "FAILED" }),
    ]);
    return { underWay, failed };
  }

  async days(first: string, last: string): Promise<Day[]> {
    const found = await this.dayCounts
      .find({ _id: { $gte: first, $lte: last } })
      .sort({ _id: 1 })
      .toArray();
    return found.map(({ _id: name, counted: _, ...counts }) => ({ name, ...counts }));
  }

  private userGroups(): Promise<UserGroup[]> {
    // An index has both of them.
    const archived = { $eq: ["$shown", "ARCHIVED"] };
    return this.connection
      .collection("users")
      .aggregate<UserGroup>([
        { $match: { role: { $in: [...ROLES] } } },
        { $group: { _id: { role: "$role", archived }, count: { $sum: 1 } } },
      ])
      .toArray();
  }

  private fileGroups(): Promise<FileGroup[]> {
    const { from, before } = ANONYMOUS_OWNERS;
    const isAnonymous = [{ $gte: ["$ownerId", from] }, { $lt: ["$ownerId", before] }];
    const group = {
      state: "$state",
      archived: { $gt: ["$archivedAt", null] },
      owned: { $not: [{ $and: isAnonymous }] },
      kind: { $ifNull: ["$kind", "other"] },
      hidden: { $or: [{ $gt: ["$givenUp", null] }, { $gt: ["$purgingAt", null] }] },
    };
    return this.connection
      .collection("files")
      .aggregate<FileGroup>([
        { $match: { state: { $in: [...FILE_STATES] } } },
        { $group: { _id: group, count: { $sum: 1 }, bytes: { $sum: "$sizeBytes" } } },
      ])
      .toArray();
  }
}

function sumsOfUsers(users: readonly UserGroup[]) {
  const active = users.filter(({ _id }) => !_id.archived);
  return {
    usersByRole: byName(ROLES, (role) => countOf(active.filter(({ _id }) => _id.role === role))),
    archivedUsers: countOf(users.filter(({ _id }) => _id.archived)),
  };
}

function sumsOfFiles(groups: readonly FileGroup[]) {
  const files = groups.filter(({ _id }) => !_id.hidden);
  const active = files.filter(({ _id }) => !_id.archived);
  const kept = files.filter(({ _id }) => !WITHOUT_BYTES.includes(_id.state));
  const kinds = [...new Set(kept.map(({ _id }) => _id.kind))];
  const types = kinds.map((name) => {
    const ofKind = kept.filter(({ _id }) => _id.kind === name);
    return { name, files: countOf(ofKind), bytes: bytesOf(ofKind) };
  });
  return {
    filesByState: byName(FILE_STATES, (state) => countOf(active.filter(({ _id }) => _id.state === state))),
    archivedFiles: countOf(files.filter(({ _id }) => _id.archived)),
    anonymousFiles: countOf(active.filter(({ _id }) => !_id.owned)),
    bytes: bytesOf(kept),
    types: types.sort((a, b) => b.bytes - a.bytes || a.name.localeCompare(b.name)),
  };
}

function byName<N extends string>(names: readonly N[], count: (name: N) => number): Record<N, number> {
  return Object.fromEntries(names.map((name) => [name, count(name)])) as Record<N, number>;
}

function countOf(groups: readonly { count: number }[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}

function bytesOf(groups: readonly { bytes: number }[]): number {
  return groups.reduce((sum, { bytes }) => sum + bytes, 0);
}

function toTotals({ _id, freshMs: _, ...totals }: TotalsDocument): Totals {
  return totals;
}
