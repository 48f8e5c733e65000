import { Arg, Ctx, Directive, ID, Int, Mutation, Query, Resolver } from "type-graphql";
import type { RequestContext } from "../kernel/context.js";
import type { AccountService } from "./account.service.js";
import { ServiceType, SessionType } from "./account.type.js";
import type { CredentialsService } from "./credentials.service.js";
import { PASSWORD_RULE } from "./password.js";
import type { ListedSession, SessionService } from "./session.service.js";
import type { User } from "./user.js";
import { UserType } from "./user.type.js";

/** What people do with their own accounts. */
@Resolver()
export class AccountResolver {
  constructor(
    private readonly accounts: AccountService,
    private readonly ownSessions: SessionService,
    private readonly credentials: CredentialsService,
  ) {}

  @Query(() => ServiceType, { description: "What anybody may know about this service before signing in." })
  service(): ServiceType {
    return this.accounts.terms;
  }

  @Directive("@auth(requires: FREE)")
  @Query(() => [SessionType], {
    description: "Where the viewer is signed in, the last used first, at most 100.",
  })
  sessions(@Ctx() context: RequestContext): Promise<ListedSession[]> {
    return this.ownSessions.list(context.viewer);
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => Boolean, {
    description: "Ends one of the viewer's sessions at once: its tokens, links and sockets.",
  })
  revokeSession(
    @Arg("id", () => ID, { description: "Which one." }) id: string,
    @Ctx() context: RequestContext,
  ): Promise<boolean> {
    return this.ownSessions.revoke(context.viewer, id);
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => Int, {
    description: "Ends all of the viewer's sessions but this one. Says how many there were.",
  })
  revokeOtherSessions(@Ctx() context: RequestContext): Promise<number> {
    return this.ownSessions.revokeOthers(context.viewer);
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => Boolean, {
    description: "Sets a new password, ends all other sessions, and mails that it happened.",
  })
  changePassword(
    @Arg("current", () => String, { description: "The present password." }) current: string,
    @Arg("new", () => String, { description: `The new password. ${PASSWORD_RULE}` }) next: string,
    @Ctx() context: RequestContext,
  ): Promise<boolean> {
    return this.credentials.changePassword(context.viewer, current, next);
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => UserType, { description: "Changes the viewer's user name. A taken one is a CONFLICT." })
  changeUsername(
    @Arg("username", () => String, { description: "3 to 32 letters, digits, dots, dashes or underscores." })
    username: string,
    @Ctx() context: RequestContext,
  ): Promise<User> {
    return this.credentials.changeUsername(context.viewer, username);
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => Boolean, {
    description:
      "Mails a link to the new address, and word of it to the old one. The address changes when the link is followed.",
  })
  changeEmail(
    @Arg("password", () => String, { description: "The present password." }) password: string,
    @Arg("email", () => String, { description: "The new address." }) email: string,
    @Ctx() context: RequestContext,
  ): Promise<boolean> {
    return this.credentials.changeEmail(context.viewer, password, email);
  }

  @Mutation(() => Boolean, {
    description: "Makes a new address the account's, with the token from the mail, once.",
  })
  confirmEmail(
    @Arg("token", () => String, { description: "The last part of the mailed link." }) token: string,
    @Ctx() context: RequestContext,
  ): Promise<boolean> {
    return this.credentials.confirmEmail(token, context);
  }
}
