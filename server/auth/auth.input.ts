import { Field, InputType } from "type-graphql";
import type { Role } from "../kernel/context.js";
import { PASSWORD_RULE } from "./password.js";
import { RoleEnum } from "./user.type.js";

@InputType({ description: "A new account." })
export class RegisterInput {
  @Field(() => String, { description: "3 to 32 letters, digits, dots, dashes or underscores." })
  username: string;

  @Field(() => String, { description: "Where a forgotten password's link goes." })
  email: string;

  @Field(() => String, { description: PASSWORD_RULE })
  password: string;

  @Field(() => Boolean, { description: "Whether the terms of use are accepted. They must be." })
  acceptTerms: boolean;

  @Field(() => Boolean, { description: "Whether the privacy notice is accepted. It must be." })
  acceptPrivacy: boolean;
}

@InputType({ description: "Who signs in, and the proof." })
export class LoginInput {
  @Field(() => String, { description: "The e-mail address or the user name." })
  login: string;

  @Field(() => String, { description: "The account's password." })
  password: string;

  @Field(() => String, {
    nullable: true,
    description:
      "A one-time code. No account has a second factor so far, so one that is sent is refused: nobody is to think it was checked.",
  })
  otp?: string | null;
}

@InputType({ description: "Who is invited." })
export class InviteUserInput {
  @Field(() => String, { description: "Where the link goes; the account gets this address." })
  email: string;

  @Field(() => RoleEnum, { defaultValue: "FREE", description: "The account's role." })
  role: Role;
}
