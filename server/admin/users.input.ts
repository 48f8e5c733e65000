import { Field, ID, InputType, registerEnumType } from "type-graphql";
import { RoleEnum } from "../auth/user.type.js";
import { DirectionEnum } from "../files/file.input.js";
import type { Direction } from "../files/file.input.js";
import type { Role } from "../kernel/context.js";
import type { SeenUser, UserChange, UserFilter, UserOrder, UserOrderField } from "./users.ports.js";

const UserOrderFieldEnum = {
  NAME: "NAME",
  CREATED_AT: "CREATED_AT",
  USAGE: "USAGE",
} as const satisfies { [F in UserOrderField]: F };

registerEnumType(UserOrderFieldEnum, {
  name: "UserOrderField",
  description: "What a list of users can be sorted by.",
  valuesConfig: {
    NAME: { description: "By user name, without regard to case." },
    CREATED_AT: { description: "By when the account was made." },
    USAGE: { description: "By the size of all files." },
  },
});

@InputType("UserWhere", { description: "Which users; all conditions hold at once." })
export class UserWhereInput {
  @Field(() => String, {
    nullable: true,
    description:
      "What the user name, the e-mail address or a word of them begins with, without regard to case and accents.",
  })
  search?: string | null;

  @Field(() => RoleEnum, { nullable: true, description: "With exactly this role." })
  role?: Role | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: "Those that are archived, instead of those that are not.",
  })
  archived?: boolean | null;

  @Field(() => ID, { nullable: true, description: "Only archived ones that this account archived." })
  archivedById?: string | null;
}

@InputType("UserOrder", { description: "How a list of users is sorted." })
export class UserOrderInput {
  @Field(() => UserOrderFieldEnum, { description: "By what." })
  field: UserOrderField;

  @Field(() => DirectionEnum, { description: "Which way." })
  direction: Direction;
}

@InputType("CreateUserInput", { description: "An account that an administrator makes for somebody." })
export class CreateUserInput {
  @Field(() => String, { description: "3 to 32 letters, digits, dots, dashes or underscores." })
  username: string;

  @Field(() => String, { description: "Where the link for choosing a password goes." })
  email: string;

  @Field(() => RoleEnum, { defaultValue: "FREE", description: "What the account may do." })
  role: Role;
}

@InputType("UpdateUserInput", { description: "What to change of an account; what is absent stays." })
export class UpdateUserInput {
  @Field(() => String, { nullable: true, description: "The new user name." })
  username?: string | null;

  @Field(() => String, { nullable: true, description: "The new e-mail address." })
  email?: string | null;

  @Field(() => RoleEnum, {
    nullable: true,
    description: "The new role. The last administrator cannot be made something else.",
  })
  role?: Role | null;
}

@InputType("SeenUserInput", {
  description: "What an account looked like when a change of it was decided on.",
})
export class SeenUserInput implements SeenUser {
  @Field(() => String, { description: "The user name." })
  username: string;

  @Field(() => String, { description: "The e-mail address." })
  email: string;

  @Field(() => RoleEnum, { description: "The role." })
  role: Role;
}

export function toUserFilter(where: UserWhereInput | null | undefined): UserFilter {
  const { search, role, archived, archivedById } = where ?? {};
  return {
    archived: archivedById == null ? (archived ?? false) : true,
    ...(archivedById == null ? {} : { archivedById }),
    ...(search == null || search.trim() === "" ? {} : { search }),
    ...(role == null ? {} : { role }),
  };
}

/** By name unless told. */
export function toUserOrder(order: UserOrderInput | null | undefined): UserOrder {
  return { field: order?.field ?? "NAME", descending: order?.direction === "DESC" };
}

export function toUserChange({ username, email, role }: UpdateUserInput): UserChange {
  return {
    ...(username == null ? {} : { username }),
    ...(email == null ? {} : { email }),
    ...(role == null ? {} : { role }),
  };
}
