import { Field, InputType, Int, ObjectType } from "type-graphql";
import { ByteSize } from "../kernel/scalars.js";
import { QUOTA_NAMES } from "./quota.js";
import type { OwnQuota, Quota, QuotaChange } from "./quota.js";

@ObjectType("Quota", {
  description: "What an account may keep and do. A number that is absent has no limit.",
})
export class QuotaType {
  @Field(() => ByteSize, { nullable: true, description: "All its files together." })
  bytes: number | undefined;

  @Field(() => Int, { nullable: true, description: "How many files." })
  files: number | undefined;

  @Field(() => ByteSize, { nullable: true, description: "Its largest file." })
  fileBytes: number | undefined;

  @Field(() => Int, { nullable: true, description: "How many of its transfers run at once." })
  transfers: number | undefined;
}

/** No limit is shown as no number. */
export function toQuotaType(quota: Quota): QuotaType {
  const shown = (number: number): number | undefined => (number === Infinity ? undefined : number);
  return {
    bytes: shown(quota.bytes),
    files: shown(quota.files),
    fileBytes: shown(quota.fileBytes),
    transfers: shown(quota.transfers),
  };
}

@InputType({
  description:
    "An account's own numbers, instead of its role's. Null gives the role's number back; what is left out stays.",
})
export class UserQuotaInput implements QuotaChange {
  @Field(() => ByteSize, { nullable: true, description: "All its files together." })
  bytes?: number | null;

  @Field(() => Int, { nullable: true, description: "How many files." })
  files?: number | null;

  @Field(() => ByteSize, { nullable: true, description: "Its largest file; never more than MAX_FILE_BYTES." })
  fileBytes?: number | null;

  @Field(() => Int, { nullable: true, description: "How many of its transfers run at once, at least 1." })
  transfers?: number | null;
}

@InputType({
  description:
    "An account's own numbers when a change of them was decided on, as in `ownQuota`. Null or left out: it had its role's.",
})
export class SeenQuotaInput {
  @Field(() => ByteSize, { nullable: true, description: "All its files together." })
  bytes?: number | null;

  @Field(() => Int, { nullable: true, description: "How many files." })
  files?: number | null;

  @Field(() => ByteSize, { nullable: true, description: "Its largest file." })
  fileBytes?: number | null;

  @Field(() => Int, { nullable: true, description: "How many of its transfers run at once." })
  transfers?: number | null;
}

export function toOwnQuota(seen: SeenQuotaInput): OwnQuota {
  return Object.fromEntries(
    QUOTA_NAMES.map((name) => [name, seen[name]] as const).filter(([, number]) => number != null),
  );
}
