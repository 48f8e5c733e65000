import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionType } from "../files/connection.type.js";
import { DateTime } from "../kernel/scalars.js";
import type { BulkDeed, BulkState } from "./bulk-run.js";

const BulkDeedEnum = { ARCHIVE: "ARCHIVE", RESTORE: "RESTORE", PURGE: "PURGE" } as const satisfies {
  [D in BulkDeed]: D;
};

registerEnumType(BulkDeedEnum, {
  name: "BulkDeed",
  description: "What is done to all files that match.",
  valuesConfig: {
    ARCHIVE: { description: "They are archived." },
    RESTORE: { description: "They are restored." },
    PURGE: { description: "Their purges are begun; follow these by `purges`." },
  },
});

const BulkStateEnum = { RUNNING: "RUNNING", DONE: "DONE", CANCELLED: "CANCELLED" } as const satisfies {
  [S in BulkState]: S;
};

registerEnumType(BulkStateEnum, {
  name: "BulkState",
  description: "How far a run is.",
  valuesConfig: {
    RUNNING: { description: "It waits for a worker, or is under way." },
    DONE: { description: "Every file that matched was dealt with." },
    CANCELLED: { description: "It was stopped early; what was done stays done." },
  },
});

@ObjectType("BulkRun", { description: "One deed done to all files that match a filter, in the background." })
export class BulkRunType {
  @Field(() => ID, { description: "Its id." })
  id: string;

  @Field(() => BulkDeedEnum, { description: "What is done." })
  deed: BulkDeed;

  @Field(() => BulkStateEnum, { description: "How far it is." })
  state: BulkState;

  @Field(() => String, { nullable: true, description: "Why, as given." })
  reason: string | undefined;

  @Field(() => Int, { description: "Files that matched when it began." })
  total: number;

  @Field(() => Int, { description: "Files that it was done to so far." })
  done: number;

  @Field(() => Int, { description: "Files that refused so far; `results` says why." })
  failed: number;

  @Field(() => DateTime, { description: "When it began. Files that came later are left alone." })
  startedAt: Date;

  @Field(() => DateTime, { nullable: true, description: "When it ended." })
  finishedAt: Date | undefined;

  @Field(() => String, { nullable: true, description: "Why it ended early, when nobody cancelled it." })
  stopped: string | undefined;
}

export const BulkRunConnectionType = connectionType(() => BulkRunType, "BulkRun", ["run", "runs"]);

@ObjectType("BulkResult", { description: "What a run did about one file." })
export class BulkResultType {
  @Field(() => ID, { description: "The file." })
  fileId: string;

  @Field(() => String, { nullable: true, description: "What it was called; null when it was gone." })
  name: string | undefined;

  @Field(() => Boolean, { description: "Whether it was done." })
  done: boolean;

  @Field(() => String, { nullable: true, description: "Why not." })
  reason: string | undefined;
}

export const BulkResultConnectionType = connectionType(() => BulkResultType, "BulkResult", [
  "result",
  "results",
]);
