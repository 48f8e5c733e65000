import { Field, ID, InputType, ObjectType, registerEnumType } from "type-graphql";
import { connectionType } from "../files/connection.type.js";
import { DateTime } from "../kernel/scalars.js";
import type { AuditFilter, AuditRecord } from "./audit.ports.js";

const ActorKindEnum = { SYSTEM: "SYSTEM", ANONYMOUS: "ANONYMOUS", USER: "USER" } as const;
type ActorKind = keyof typeof ActorKindEnum;

registerEnumType(ActorKindEnum, {
  name: "ActorKind",
  description: "What kind of actor did something.",
  valuesConfig: {
    SYSTEM: { description: "The service itself, asked by nobody." },
    ANONYMOUS: { description: "Somebody who was not signed in." },
    USER: { description: "A signed-in account." },
  },
});

@ObjectType("AuditChange", { description: "A value that an action changed or concerned." })
export class AuditChangeType {
  @Field(() => String, { description: "Which." })
  field: string;

  @Field(() => String, { nullable: true, description: "Before, as text; absent where nothing was." })
  before: string | undefined;

  @Field(() => String, { nullable: true, description: "After, as text; absent where nothing is." })
  after: string | undefined;
}

@ObjectType("AuditEntry", { description: "Something that was done. Entries are never changed or removed." })
export class AuditEntryType {
  @Field(() => ID, { description: "Stays the same for ever." })
  id: string;

  @Field(() => DateTime, { description: "When." })
  at: Date;

  @Field(() => String, { description: "What: `noun.verb` in the past tense, such as `user.updated`." })
  action: string;

  @Field(() => ActorKindEnum, { description: "What kind of actor did it." })
  actorKind: ActorKind;

  @Field(() => ID, { nullable: true, description: "Who did it, where an account did." })
  actorId: string | undefined;

  @Field(() => String, { nullable: true, description: "The actor's user name at that time." })
  actorName: string | undefined;

  @Field(() => String, { nullable: true, description: "The address it was asked for from." })
  address: string | undefined;

  @Field(() => String, { nullable: true, description: "To what kind of thing: user, file, lane and so on." })
  targetKind: string | undefined;

  @Field(() => ID, { nullable: true, description: "To which thing." })
  targetId: string | undefined;

  @Field(() => String, { nullable: true, description: "What the thing was called at that time." })
  targetName: string | undefined;

  @Field(() => [AuditChangeType], { description: "What it changed." })
  changes: AuditChangeType[];

  @Field(() => String, { nullable: true, description: "Why, as the actor put it." })
  reason: string | undefined;
}

export const AuditConnectionType = connectionType(() => AuditEntryType, "Audit", ["entry", "entries"]);

@InputType("AuditWhere", { description: "Which entries; all conditions hold at once." })
export class AuditWhereInput {
  @Field(() => ID, { nullable: true, description: "Done by this account." })
  actorId?: string | null;

  @Field(() => ID, { nullable: true, description: "Done to this thing." })
  targetId?: string | null;

  @Field(() => String, { nullable: true, description: "Exactly this action." })
  action?: string | null;

  @Field(() => DateTime, { nullable: true, description: "At or after this time." })
  after?: Date | null;

  @Field(() => DateTime, { nullable: true, description: "Before this time." })
  before?: Date | null;
}

export function toAuditFilter(where: AuditWhereInput | null | undefined): AuditFilter {
  const given = Object.entries(where ?? {}).filter(([, value]) => value != null);
  return Object.fromEntries(given);
}

export function toAuditEntry(record: AuditRecord): AuditEntryType {
  const { id, at, action, actorId, actorName, address, target, before = {}, after = {}, reason } = record;
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return {
    ...{ id, at, action, actorId, actorName, address, reason },
    actorKind: record.actorKind.toUpperCase() as ActorKind,
    targetKind: target?.kind,
    targetId: target?.id,
    targetName: target?.name,
    changes: fields.map((field) => ({ field, before: asText(before[field]), after: asText(after[field]) })),
  };
}

function asText(value: string | number | boolean | null | undefined): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}
