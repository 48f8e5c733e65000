import { Field, Int, ObjectType } from "type-graphql";
import { RoleEnum } from "../auth/user.type.js";
import { FILE_STATES } from "../files/file.js";
import type { FileState } from "../files/file.js";
import { FileStateEnum } from "../files/file.type.js";
import { ROLES } from "../kernel/context.js";
import type { Role } from "../kernel/context.js";
import { ByteSize, DateTime } from "../kernel/scalars.js";
import type { Counters, Day, Totals, TransferCounts } from "./statistics.ports.js";

@ObjectType("RoleCount", { description: "How many accounts have a role." })
export class RoleCountType {
  @Field(() => RoleEnum, { description: "The role." })
  role: Role;

  @Field(() => Int, { description: "Accounts that are not archived." })
  users: number;
}

@ObjectType("FileTotal", { description: "How many files are in a state." })
export class FileTotalType {
  @Field(() => FileStateEnum, { description: "The state." })
  state: FileState;

  @Field(() => Int, { description: "Files that are not archived." })
  files: number;
}

@ObjectType("TypeCount", { description: "How many files are of a kind." })
export class TypeCountType {
  @Field(() => String, { description: "The first half of their MIME types, `image` for example." })
  name: string;

  @Field(() => Int, { description: "How many, archived ones included." })
  files: number;

  @Field(() => ByteSize, { description: "Their size together." })
  bytes: number;
}

@ObjectType("Totals", { description: "How much there is." })
export class TotalsType {
  @Field(() => DateTime, {
    description: "When this was counted: seconds ago, or longer where there is very much.",
  })
  asOf: Date;

  @Field(() => Int, { description: "Accounts that are not archived." })
  users: number;

  @Field(() => [RoleCountType], { description: "The same by role." })
  usersByRole: RoleCountType[];

  @Field(() => Int, { description: "Archived accounts." })
  archivedUsers: number;

  @Field(() => Int, { description: "Files that are not archived, in whatever state." })
  files: number;

  @Field(() => [FileTotalType], { description: "The same by state." })
  filesByState: FileTotalType[];

  @Field(() => Int, { description: "Archived files." })
  archivedFiles: number;

  @Field(() => Int, { description: "Files without an owner that are not archived." })
  anonymousFiles: number;

  @Field(() => ByteSize, {
    description: "The size of all files together, archived ones included; not of those that were cancelled.",
  })
  bytes: number;
}

@ObjectType("TransferCounts", { description: "How many transfers need Telegram or somebody's attention." })
export class TransferCountsType implements TransferCounts {
  @Field(() => Int, { description: "Queued, running, waiting, paused or being verified." })
  underWay: number;

  @Field(() => Int, { description: "Failed, and not tried again." })
  failed: number;
}

@ObjectType("Day", { description: "What happened in a day, counted once each." })
export class DayType implements Day {
  @Field(() => String, { description: "The day in UTC, such as `2026-11-22`." })
  name: string;

  @Field(() => Int, { description: "Files uploaded, whatever became of them." })
  uploads: number;

  @Field(() => ByteSize, { description: "Their size together." })
  uploadedBytes: number;

  @Field(() => Int, { description: "Transfers that were done." })
  transfersDone: number;

  @Field(() => ByteSize, { description: "The size of their files together." })
  transferredBytes: number;

  @Field(() => Int, { description: "Transfers that failed for good; again when a retry failed." })
  transfersFailed: number;
}

@ObjectType("Counters", { description: "The numbers that change while somebody looks." })
export class CountersType {
  @Field(() => TotalsType, { description: "How much there is." })
  totals: TotalsType;

  @Field(() => TransferCountsType, { description: "Transfers under way and failed." })
  transfers: TransferCountsType;

  @Field(() => DayType, { description: "What happened today." })
  today: DayType;
}

@ObjectType("Stats", {
  description: "Kept statistics. Their counting never takes more than a twentieth of the time.",
})
export class StatsType extends CountersType {
  @Field(() => [TypeCountType], { description: "Files by kind, the most bytes first." })
  types: TypeCountType[];
}

export function toCountersType({ totals, transfers, today }: Counters): CountersType {
  return { totals: toTotalsType(totals), transfers, today };
}

export function toStatsType(counters: Counters): StatsType {
  return { ...toCountersType(counters), types: counters.totals.types };
}

function toTotalsType({ usersByRole, filesByState, ...rest }: Totals): TotalsType {
  return {
    ...rest,
    users: sum(Object.values(usersByRole)),
    usersByRole: ROLES.map((role) => ({ role, users: usersByRole[role] })),
    files: sum(Object.values(filesByState)),
    filesByState: FILE_STATES.map((state) => ({ state, files: filesByState[state] })),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
