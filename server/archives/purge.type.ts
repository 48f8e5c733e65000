import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionType } from "../files/connection.type.js";
import { DateTime } from "../kernel/scalars.js";
import { TransferErrorType } from "../transfers/transfer.type.js";
import type { PurgeKind, PurgeState } from "./purge.js";

const PurgeStateEnum = { PENDING: "PENDING", DONE: "DONE", FAILED: "FAILED" } as const satisfies {
  [S in PurgeState]: S;
};

registerEnumType(PurgeStateEnum, {
  name: "PurgeState",
  description: "How far a purge is.",
  valuesConfig: {
    PENDING: { description: "It waits for its turn, or is under way." },
    DONE: { description: "Nothing is left: every message is confirmed to be gone." },
    FAILED: { description: "The last try left something; it is tried again by itself, see error.nextTryAt." },
  },
});

const PurgeKindEnum = { FILE: "FILE", FOLDER: "FOLDER", USER: "USER" } as const satisfies {
  [K in PurgeKind]: K;
};

registerEnumType(PurgeKindEnum, {
  name: "PurgeKind",
  description: "What is purged.",
  valuesConfig: {
    FILE: { description: "A file." },
    FOLDER: { description: "A folder with all that is in it." },
    USER: { description: "An account." },
  },
});

@ObjectType("PurgeResult", { description: "The removal of a thing for good. It has the id of the thing." })
export class PurgeResultType {
  @Field(() => ID, { description: "The id that the thing had." })
  id: string;

  @Field(() => PurgeKindEnum, { description: "What it was." })
  kind: PurgeKind;

  @Field(() => String, { description: "What it was called." })
  name: string;

  @Field(() => PurgeStateEnum, { description: "How far it is." })
  state: PurgeState;

  @Field(() => Int, { description: "Messages in Telegram that held its bytes, as far as they are known." })
  copies: number;

  @Field(() => Int, { description: "How many of them are confirmed to be gone." })
  removed: number;

  @Field(() => TransferErrorType, {
    nullable: true,
    description: "Why the last try left something, and when the next one is made.",
  })
  error: TransferErrorType | undefined;

  @Field(() => DateTime, { description: "When it was asked for." })
  requestedAt: Date;

  @Field(() => DateTime, { nullable: true, description: "When nothing was left." })
  finishedAt: Date | undefined;
}

export const PurgeConnectionType = connectionType(() => PurgeResultType, "Purge", ["purge", "purges"]);

@InputType("PurgeWhere", { description: "Which purges." })
export class PurgeWhereInput {
  @Field(() => [PurgeStateEnum], { nullable: true, description: "One of these states." })
  state?: PurgeState[] | null;
}

@ObjectType("PurgedMessage", { description: "What became of one message in one chat." })
export class PurgedMessageType {
  @Field(() => String, { description: "The chat's id." })
  chat: string;

  @Field(() => Int, { description: "The message's id in it." })
  messageId: number;

  @Field(() => Boolean, { description: "Whether its bytes are confirmed to be gone." })
  removed: boolean;

  @Field(() => DateTime, { description: "When this was found out." })
  at: Date;
}

export const PurgedMessageConnectionType = connectionType(() => PurgedMessageType, "PurgedMessage", [
  "message",
  "messages",
]);
