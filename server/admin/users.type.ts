import { Field, Int, ObjectType } from "type-graphql";
import type { User } from "../auth/user.js";
import { UserType } from "../auth/user.type.js";
import { connectionType } from "../files/connection.type.js";
import { FileStateEnum } from "../files/file.type.js";
import type { FileState } from "../files/file.js";
import { ByteSize, DateTime } from "../kernel/scalars.js";

export const UserConnectionType = connectionType(() => UserType, "User", ["user", "users"]);

@ObjectType("FileStateCount", { description: "How many files are in one state." })
export class FileStateCountType {
  @Field(() => FileStateEnum, { description: "The state." })
  state: FileState;

  @Field(() => Int, { description: "How many files are in it." })
  files: number;

  @Field(() => ByteSize, { name: "size", description: "Their size together." })
  sizeBytes: number;
}

@ObjectType("PasswordLink", { description: "A link for choosing a password, which works once." })
export class PasswordLinkType {
  @Field(() => String, {
    nullable: true,
    description:
      "The link, when it could not be mailed: give it to the user yourself. Absent when it was mailed.",
  })
  url: string | undefined;

  @Field(() => DateTime, { description: "When the link ends." })
  expiresAt: Date;
}

@ObjectType("CreatedUser", { description: "A new account, and how its owner gets in." })
export class CreatedUserType {
  @Field(() => UserType, { description: "The account." })
  user: User;

  @Field(() => PasswordLinkType, { description: "The link for choosing its password." })
  link: PasswordLinkType;
}
