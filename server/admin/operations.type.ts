import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { DateTime } from "../kernel/scalars.js";
import type { CheckReport, CheckResult } from "./checks.service.js";
import type { DeadLetter, DeadLetterKind, JobRecord, Lane, LaneHealth } from "./operations.ports.js";

export const JobStateEnum = {
  WAITING: "WAITING",
  DUE: "DUE",
  RUNNING: "RUNNING",
  STALLED: "STALLED",
} as const;
export const DeadLetterKindEnum = {
  TRANSFER: "TRANSFER",
  REPAIR: "REPAIR",
  REMOVAL: "REMOVAL",
  PURGE: "PURGE",
} as const;
export const CheckStatusEnum = { OK: "OK", WARN: "WARN", FAIL: "FAIL" } as const;

registerEnumType(JobStateEnum, {
  name: "JobState",
  description: "What a job does.",
  valuesConfig: {
    WAITING: { description: "Its time has not come." },
    DUE: { description: "A worker may take it." },
    RUNNING: { description: "A worker holds it." },
    STALLED: { description: "Its worker does not answer any more; another one may take it." },
  },
});
registerEnumType(DeadLetterKindEnum, {
  name: "DeadLetterKind",
  description: "What failed.",
  valuesConfig: {
    TRANSFER: { description: "A transfer that gave up; its bytes are staged still." },
    REPAIR: { description: "Making a missing copy again; it is tried again by itself." },
    REMOVAL: { description: "Removing a message; it is tried again by itself." },
    PURGE: { description: "Purging a file, folder or account; it is tried again by itself." },
  },
});
registerEnumType(CheckStatusEnum, {
  name: "CheckStatus",
  description: "How a check ended.",
  valuesConfig: {
    OK: { description: "All is well." },
    WARN: { description: "It works, but something should be changed." },
    FAIL: { description: "It does not work." },
  },
});

@ObjectType("Lane", { description: "A bot and a chat it posts to, with the pace of that pair." })
export class LaneType implements Lane {
  @Field(() => ID, { description: "`<bot>:<chat>`" }) id: string;
  @Field(() => String, { description: "The bot's number." }) bot: string;
  @Field(() => String, { description: "The chat's number." }) chat: string;
  @Field(() => Boolean, { description: "Whether it is preferred for the first copy of each part." })
  isPrimary: boolean;
  @Field(() => DateTime, { description: "When the next document may be sent." }) nextFreeAt: Date;
  @Field(() => DateTime, {
    nullable: true,
    description: "Until when nothing is sent; absent when it is free.",
  })
  blockedUntil: Date | undefined;
  @Field(() => Int, { description: "Milliseconds between two documents of a burst." }) gapMs: number;
  @Field(() => Int, { description: "Documents of the last minute." }) recentSends: number;
  @Field(() => DateTime, { nullable: true, description: "When the last document was sent." })
  lastSentAt: Date | undefined;
  @Field(() => Int, { description: "How often Telegram asked to wait, or refused." }) blocks: number;
  @Field(() => DateTime, { nullable: true, description: "When that happened last." })
  lastBlockedAt: Date | undefined;
}

@ObjectType("LaneHealth", { description: "What a bot may do in a chat, asked just now." })
export class LaneHealthType implements LaneHealth {
  @Field(() => String, { description: "The bot's number." }) bot: string;
  @Field(() => String, { description: "The chat's number." }) chat: string;
  @Field(() => String, { nullable: true, description: "The bot's user name." }) botName: string | undefined;
  @Field(() => String, { nullable: true, description: "The chat's title." }) chatTitle: string | undefined;
  @Field(() => Boolean, { nullable: true, description: "Whether it may post; absent when nobody tells." })
  mayPost: boolean | undefined;
  @Field(() => Boolean, { nullable: true, description: "Whether it may delete; absent when nobody tells." })
  mayDelete: boolean | undefined;
  @Field(() => Boolean, { nullable: true, description: "Whether it may pin; absent when nobody tells." })
  mayPin: boolean | undefined;
  @Field(() => String, {
    nullable: true,
    description: "What is wrong and what to do; absent when all is well.",
  })
  problem: string | undefined;
}

@ObjectType("Job", {
  description: "A document that wakes a worker. What is due is kept elsewhere; losing one loses nothing.",
})
export class JobType implements JobRecord {
  @Field(() => ID, { description: "Its id." }) id: string;
  @Field(() => String, { description: "What it does, `noun.verb`." }) name: string;
  @Field(() => ID, { nullable: true, description: "What it is about, such as a transfer." })
  subjectId: string | undefined;
  @Field(() => JobStateEnum, { description: "What it does now." }) state: JobRecord["state"];
  @Field(() => DateTime, { nullable: true, description: "When it runs next." }) nextRunAt: Date | undefined;
  @Field(() => DateTime, { nullable: true, description: "When its worker last said that it lives." })
  lockedAt: Date | undefined;
  @Field(() => DateTime, { nullable: true, description: "When it ran last." }) lastRunAt: Date | undefined;
  @Field(() => Int, { description: "How often it failed." }) failures: number;
  @Field(() => String, { nullable: true, description: "Why it failed last." }) failReason: string | undefined;
}

@ObjectType("DeadLetter", { description: "Work that failed, with its reason." })
export class DeadLetterType implements DeadLetter {
  @Field(() => DeadLetterKindEnum, { description: "What failed." }) kind: DeadLetterKind;
  @Field(() => ID, { description: "The transfer, the stored bytes or the message concerned." }) id: string;
  @Field(() => ID, { nullable: true, description: "The file concerned, where there is one." })
  fileId: string | undefined;
  @Field(() => String, { description: "What people call it." }) title: string;
  @Field(() => String, { nullable: true, description: "A stable code, where there is one." })
  code: string | undefined;
  @Field(() => String, { description: "What happened." }) reason: string;
  @Field(() => Int, { description: "How often it was tried." }) attempts: number;
  @Field(() => DateTime, { description: "Since when." }) since: Date;
  @Field(() => DateTime, {
    nullable: true,
    description: "When it is tried again by itself; absent when never.",
  })
  nextTryAt: Date | undefined;
}

@ObjectType("SystemCheck", { description: "What looking at one part of the system found." })
export class SystemCheckType implements CheckResult {
  @Field(() => String, { description: "Which part." }) name: string;
  @Field(() => CheckStatusEnum, { description: "How it is." }) status: CheckResult["status"];
  @Field(() => String, { description: "What was found, in one sentence." }) found: string;
  @Field(() => String, {
    nullable: true,
    description: "What to do, in one sentence; absent when all is well.",
  })
  fix?: string;
  @Field(() => Int, { description: "Milliseconds that it took." }) ms: number;
}

@ObjectType("SystemReport", { description: "What looking at every part of the system found." })
export class SystemReportType implements CheckReport {
  @Field(() => DateTime, { description: "When." }) at: Date;
  @Field(() => [SystemCheckType], { description: "One for each part." }) checks: SystemCheckType[];
}
