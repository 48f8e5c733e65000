import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { DateTime } from "../kernel/scalars.js";
import { FOLDER_COPY_STATES } from "./folder-copy.js";
import type { FolderCopyState } from "./folder-copy.js";

export const FolderCopyStateEnum = Object.fromEntries(FOLDER_COPY_STATES.map((state) => [state, state])) as {
  [S in FolderCopyState]: S;
};

registerEnumType(FolderCopyStateEnum, {
  name: "FolderCopyState",
  description: "How far the copying of a folder is.",
  valuesConfig: {
    RUNNING: { description: "Files are still being copied." },
    DONE: { description: "Everything was dealt with." },
    STOPPED: { description: "It ended before everything was copied." },
  },
});

@ObjectType("FolderCopy", { description: "How a folder is copied from another one." })
export class FolderCopyType {
  @Field(() => FolderCopyStateEnum, { description: "How far it is." })
  state: FolderCopyState;

  @Field(() => Int, { description: "Files that were in the original at the beginning, at any depth." })
  total: number;

  @Field(() => Int, { description: "Files copied so far." })
  done: number;

  @Field(() => Int, {
    description: "Files and folders that could not be copied; the first 100 are in `failedUploads`.",
  })
  failed: number;

  @Field(() => Int, {
    description: "Files still on their way to Telegram: each is copied as soon as it is stored, for a day.",
  })
  awaited: number;

  @Field(() => DateTime, { description: "When it began." })
  startedAt: Date;

  @Field(() => DateTime, { nullable: true, description: "When it ended." })
  finishedAt: Date | undefined;

  @Field(() => String, { nullable: true, description: "Why it ended before everything was copied." })
  stopped: string | undefined;
}
