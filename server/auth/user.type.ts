import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { ROLES } from "../kernel/context.js";
import type { Role } from "../kernel/context.js";
import { ByteSize, DateTime } from "../kernel/scalars.js";
import type { User } from "./user.js";

export const RoleEnum = Object.fromEntries(ROLES.map((role) => [role, role])) as { [R in Role]: R };

registerEnumType(RoleEnum, {
  name: "Role",
  description: "What an account may do. Each role includes the ones before it.",
  valuesConfig: {
    FREE: { description: "Anyone signed in." },
    PREMIUM: { description: "An account with larger limits." },
    ADMIN: { description: "An operator of this service." },
  },
});

@ObjectType("User", { description: "An account." })
export class UserType implements Omit<User, "ownQuota"> {
  @Field(() => ID, { description: "Stays the same for ever." })
  id: string;

  @Field(() => String, { description: "Unique without regard to case." })
  username: string;

  @Field(() => String, { description: "Unique without regard to case." })
  email: string;

  @Field(() => RoleEnum, { description: "What the account may do." })
  role: Role;

  @Field(() => DateTime, { description: "When the account was made." })
  createdAt: Date;

  @Field(() => DateTime, {
    nullable: true,
    description: "Since when the account is archived: it cannot sign in until it is restored.",
  })
  archivedAt: Date | undefined;

  @Field(() => ByteSize, { description: "The size of all files of this account together." })
  bytesUsed: number;

  @Field(() => Int, { description: "How many files this account has." })
  fileCount: number;

  @Field(() => ByteSize, { description: "What uploads under way have reserved beside that." })
  bytesReserved: number;

  @Field(() => Int, { description: "How many uploads are under way." })
  filesReserved: number;
}
