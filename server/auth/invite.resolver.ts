import { Arg, Args, ArgsType, Ctx, Directive, Field, Mutation, Query, Resolver } from "type-graphql";
import type { RequestContext } from "../kernel/context.js";
import { InviteType, SentInviteType } from "./account.type.js";
import { InviteUserInput } from "./auth.input.js";
import { AuthPayloadType } from "./auth.type.js";
import type { Acceptance, InviteService, SentInvite } from "./invite.service.js";
import type { Invite } from "./invite.js";
import { PASSWORD_RULE } from "./password.js";
import type { AuthPayload } from "./session.service.js";

@ArgsType()
class AcceptInviteArgs implements Acceptance {
  @Field(() => String, { description: "The last part of the link." })
  token: string;

  @Field(() => String, { description: "3 to 32 letters, digits, dots, dashes or underscores." })
  username: string;

  @Field(() => String, { description: PASSWORD_RULE })
  password: string;

  @Field(() => Boolean, { description: "Whether the terms of use are accepted. They must be." })
  acceptTerms: boolean;

  @Field(() => Boolean, { description: "Whether the privacy notice is accepted. It must be." })
  acceptPrivacy: boolean;
}

@Resolver()
export class InviteResolver {
  constructor(private readonly service: InviteService) {}

  @Directive("@auth(requires: ADMIN)")
  @Query(() => [InviteType], {
    description: "Invitations that can still be accepted, the newest first, at most 100.",
  })
  invites(@Ctx() context: RequestContext): Promise<Invite[]> {
    return this.service.list(context.viewer);
  }

  @Directive("@auth(requires: ADMIN)")
  @Mutation(() => SentInviteType, {
    description:
      "Mails a link that makes one account, good for 7 days. A second invitation to an address replaces the first.",
  })
  inviteUser(
    @Arg("input", () => InviteUserInput, { description: "Who is invited." }) input: InviteUserInput,
    @Ctx() context: RequestContext,
  ): Promise<SentInvite> {
    return this.service.invite(context.viewer, input);
  }

  @Directive("@auth(requires: ADMIN)")
  @Mutation(() => Boolean, { description: "Makes an invitation's link worthless." })
  revokeInvite(
    @Arg("email", () => String, { description: "Whom it is for." }) email: string,
    @Ctx() context: RequestContext,
  ): Promise<boolean> {
    return this.service.revoke(context.viewer, email);
  }

  @Mutation(() => AuthPayloadType, {
    description: "Makes the account that a link invites to, once, and signs in to it.",
  })
  acceptInvite(
    @Args(() => AcceptInviteArgs) input: AcceptInviteArgs,
    @Ctx() context: RequestContext,
  ): Promise<AuthPayload> {
    return this.service.accept(input, context);
  }
}
