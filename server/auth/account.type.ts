import { Field, ID, ObjectType, registerEnumType } from "type-graphql";
import type { Role } from "../kernel/context.js";
import { DateTime } from "../kernel/scalars.js";
import type { AccountTerms } from "./registration.js";
import type { SentInvite } from "./invite.service.js";
import type { Invite } from "./invite.js";
import type { ListedSession } from "./session.service.js";
import { RoleEnum } from "./user.type.js";

export const RegistrationEnum = { OPEN: "open", INVITE: "invite", CLOSED: "closed" } as const;

registerEnumType(RegistrationEnum, {
  name: "Registration",
  description: "Who may make an account.",
  valuesConfig: {
    OPEN: { description: "Everybody." },
    INVITE: { description: "Whoever an administrator invites." },
    CLOSED: { description: "Nobody." },
  },
});

@ObjectType("Service", { description: "What anybody may know about this service before signing in." })
export class ServiceType implements AccountTerms {
  @Field(() => RegistrationEnum, { description: "Who may make an account." })
  registration: (typeof RegistrationEnum)[keyof typeof RegistrationEnum];

  @Field(() => String, { nullable: true, description: "The page with the terms of use, where there is one." })
  termsUrl: string | undefined;

  @Field(() => String, {
    nullable: true,
    description: "The page with the privacy notice, where there is one.",
  })
  privacyUrl: string | undefined;
}

@ObjectType("Session", { description: "A sign-in on a device." })
export class SessionType implements Pick<
  ListedSession,
  "id" | "device" | "address" | "createdAt" | "lastUsedAt" | "expiresAt" | "isCurrent"
> {
  @Field(() => ID, { description: "Names it for `revokeSession`." })
  id: string;

  @Field(() => String, { description: 'Browser and system, as far as the browser told: "Firefox on Linux".' })
  device: string;

  @Field(() => String, { description: "The network address it was opened from." })
  address: string;

  @Field(() => DateTime, { description: "When somebody signed in." })
  createdAt: Date;

  @Field(() => DateTime, { description: "When it was last used, to the minute." })
  lastUsedAt: Date;

  @Field(() => DateTime, { description: "When it ends by itself if it is not used any more." })
  expiresAt: Date;

  @Field(() => Boolean, { description: "Whether this request was made with it." })
  isCurrent: boolean;
}

@ObjectType("Invite", { description: "Lets one person make one account." })
export class InviteType implements Pick<Invite, "id" | "email" | "role" | "createdAt" | "expiresAt"> {
  @Field(() => ID, { description: "Stays the same when the invitation is replaced." })
  id: string;

  @Field(() => String, {
    description: "Whom it is for, and its name for `revokeInvite`; the account gets this address.",
  })
  email: string;

  @Field(() => RoleEnum, { description: "The account's role." })
  role: Role;

  @Field(() => DateTime, { description: "When it was made." })
  createdAt: Date;

  @Field(() => DateTime, { description: "Until when it can be accepted." })
  expiresAt: Date;
}

@ObjectType("SentInvite", { description: "A new invitation, and how it travels." })
export class SentInviteType extends InviteType implements Pick<SentInvite, "mailed" | "link"> {
  @Field(() => Boolean, { description: "Whether the mail server took the mail with the link." })
  mailed: boolean;

  @Field(() => String, {
    nullable: true,
    description: "The link, when no mail carries it: hand it over yourself. It is shown this once.",
  })
  link: string | undefined;
}
