import { Field, ObjectType } from "type-graphql";
import { DateTime } from "../kernel/scalars.js";
import type { AuthPayload } from "./session.service.js";
import type { User } from "./user.js";
import { UserType } from "./user.type.js";

@ObjectType("AuthPayload", { description: "The answer to every way of signing in." })
export class AuthPayloadType implements AuthPayload {
  @Field(() => String, {
    description: "Goes into the header `Authorization: Bearer …`. Good for 15 minutes.",
  })
  accessToken: string;

  @Field(() => String, { description: "Buys the next pair from `refreshSession`, once. Keep it secret." })
  refreshToken: string;

  @Field(() => DateTime, { description: "When the access token ends." })
  expiresAt: Date;

  @Field(() => UserType, { description: "Who is signed in." })
  user: User;
}
