import { Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionType } from "../files/connection.type.js";
import { TRANSFER_STATES, WAIT_REASONS } from "../kernel/progress.js";
import type { TransferState, WaitReason } from "../kernel/progress.js";
import { ByteSize, DateTime } from "../kernel/scalars.js";
import type { TransferFilter } from "./transfers.ports.js";

export const TransferStateEnum = Object.fromEntries(TRANSFER_STATES.map((state) => [state, state])) as {
  [S in TransferState]: S;
};

const WaitReasonEnum = Object.fromEntries(WAIT_REASONS.map((reason) => [reason, reason])) as {
  [R in WaitReason]: R;
};

registerEnumType(WaitReasonEnum, {
  name: "WaitReason",
  description: "What a transfer waits for.",
  valuesConfig: {
    FLOOD_LIMIT: { description: "Telegram asked to wait before the next message to its chats." },
    PACE: { description: "The pace that keeps below Telegram's limits: the next slot of a chat." },
    RETRY: { description: "The next try after a failure; `error` says which." },
    TURN: { description: "Other transfers of the same owner, as many as the owner's role allows at once." },
  },
});

registerEnumType(TransferStateEnum, {
  name: "TransferState",
  description: "What a transfer is doing.",
  valuesConfig: {
    QUEUED: { description: "Waits for a worker, or for its turn; see waitingFor." },
    RUNNING: { description: "Parts are being sent." },
    WAITING: { description: "Waits for a known time; see waitingUntil and waitingFor." },
    PAUSED: { description: "Somebody paused it; it goes on when it is resumed." },
    VERIFYING: { description: "Everything is sent; the last parts are being read back." },
    DONE: { description: "Every part has all its copies, read back." },
    FAILED: { description: "It gave up; the bytes are still staged, and it can be tried again." },
    CANCELLED: {
      description: "Somebody cancelled it; its bytes are removed, its file is listed for a week.",
    },
  },
});

@ObjectType("TransferError", { description: "Why a transfer's last try failed." })
export class TransferErrorType {
  @Field(() => String, { description: "A stable code." })
  code: string;

  @Field(() => Int, { nullable: true, description: "The part concerned, from 0." })
  part?: number | undefined;

  @Field(() => DateTime, { nullable: true, description: "When it is tried again by itself." })
  nextTryAt?: Date | undefined;
}

@ObjectType("Transfer", { description: "The move of one file's bytes from the staging area into Telegram." })
export class TransferType {
  @Field(() => ID, { description: "Stays the same for ever." })
  id: string;

  @Field(() => TransferStateEnum, { description: "What it is doing." })
  state: TransferState;

  @Field(() => Int, { description: "Parts that have all their copies, read back." })
  partsDone: number;

  @Field(() => Int, { description: "Parts in all; 0 for an empty file." })
  partsTotal: number;

  @Field(() => ByteSize, { description: "Bytes of the parts done." })
  bytesSent: number;

  @Field(() => ByteSize, { description: "Bytes of the file." })
  bytesTotal: number;

  @Field(() => Int, { description: "Failed tries in a row." })
  attempt: number;

  @Field(() => DateTime, { nullable: true, description: "While WAITING: until when." })
  waitingUntil: Date | undefined;

  @Field(() => WaitReasonEnum, { nullable: true, description: "While WAITING or QUEUED: what for." })
  waitingFor: WaitReason | undefined;

  @Field(() => TransferErrorType, { nullable: true, description: "Why the last try failed." })
  error: TransferErrorType | undefined;

  @Field(() => DateTime, { description: "When the file was staged." })
  createdAt: Date;

  fileId: string;
}

@ObjectType("TransferProgress", { description: "How a transfer stands, at most four times a second." })
export class TransferProgressType {
  @Field(() => ID, { description: "The file." })
  fileId: string;

  @Field(() => ID, { description: "The transfer." })
  transferId: string;

  @Field(() => TransferStateEnum, { description: "What it is doing." })
  state: TransferState;

  @Field(() => Int, { description: "Parts that have all their copies, read back." })
  partsDone: number;

  @Field(() => Int, { description: "Parts in all." })
  partsTotal: number;

  @Field(() => ByteSize, { description: "Bytes of the parts done." })
  bytesSent: number;

  @Field(() => ByteSize, { description: "Bytes of the file." })
  bytesTotal: number;

  @Field(() => Float, { description: "Smoothed speed." })
  bytesPerSecond: number;

  @Field(() => Float, { nullable: true, description: "Seconds left at this speed." })
  etaSeconds?: number | undefined;

  @Field(() => DateTime, { nullable: true, description: "While WAITING: until when." })
  waitingUntil?: Date | undefined;

  @Field(() => WaitReasonEnum, { nullable: true, description: "While WAITING or QUEUED: what for." })
  waitingFor?: WaitReason | undefined;

  @Field(() => TransferErrorType, { nullable: true, description: "Why the last try failed." })
  error?: TransferErrorType | undefined;
}

export const TransferConnectionType = connectionType(() => TransferType, "Transfer", [
  "transfer",
  "transfers",
]);

@InputType("TransferWhere", { description: "Which transfers; all conditions hold at once." })
export class TransferWhereInput {
  @Field(() => [TransferStateEnum], { nullable: true, description: "One of these states." })
  state?: TransferState[] | null;

  @Field(() => ID, { nullable: true, description: "Of this file." })
  fileId?: string | null;

  @Field(() => ID, { nullable: true, description: "This user's; for administrators, or one's own id." })
  ownerId?: string | null;
}

export function toTransferFilter(where: TransferWhereInput | null | undefined): TransferFilter {
  const { state, fileId, ownerId } = where ?? {};
  return {
    ...(state == null ? {} : { states: state }),
    ...(fileId == null ? {} : { fileId }),
    ...(ownerId == null ? {} : { ownerId }),
  };
}
