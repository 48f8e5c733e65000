import { Arg, Ctx, Directive, Mutation, Query, Resolver } from "type-graphql";
import type { RequestContext } from "../kernel/context.js";
import type { AccountService } from "./account.service.js";
import { LoginInput, RegisterInput } from "./auth.input.js";
import { AuthPayloadType } from "./auth.type.js";
import { PASSWORD_RULE } from "./password.js";
import type { PasswordResetService } from "./password-reset.service.js";
import type { AuthPayload, SessionService } from "./session.service.js";
import type { User } from "./user.js";
import { UserType } from "./user.type.js";

@Resolver()
export class AuthResolver {
  constructor(
    private readonly accounts: AccountService,
    private readonly sessions: SessionService,
    private readonly resets: PasswordResetService,
  ) {}

  @Mutation(() => AuthPayloadType, {
    description: "Makes an account and signs in to it. A name or address that is taken is a CONFLICT.",
  })
  register(
    @Arg("input", () => RegisterInput, { description: "The new account." }) input: RegisterInput,
    @Ctx() context: RequestContext,
  ): Promise<AuthPayload> {
    return this.accounts.register(input, context);
  }

  @Mutation(() => AuthPayloadType, { description: "Signs in with a password." })
  login(
    @Arg("input", () => LoginInput, { description: "Who signs in." }) input: LoginInput,
    @Ctx() context: RequestContext,
  ): Promise<AuthPayload> {
    return this.accounts.login(input, context);
  }

  @Mutation(() => AuthPayloadType, {
    description:
      "Trades a refresh token for a new pair. For 10 seconds the old one gives the same answer again; " +
      "used later, it ends the session.",
  })
  refreshSession(
    @Arg("refreshToken", () => String, { description: "From the last answer." }) refreshToken: string,
    @Ctx() context: RequestContext,
  ): Promise<AuthPayload> {
    return this.sessions.refresh(refreshToken, context);
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => Boolean, { description: "Ends the session at once: its tokens, links and sockets too." })
  logout(@Ctx() context: RequestContext): Promise<boolean> {
    return this.sessions.end(context.viewer);
  }

  @Mutation(() => Boolean, {
    description: "Mails a link for a new password, if the address belongs to an account. Always true.",
  })
  requestPasswordReset(
    @Arg("email", () => String, { description: "The account's address." }) email: string,
    @Ctx() context: RequestContext,
  ): Promise<boolean> {
    return this.resets.request(email, context);
  }

  @Mutation(() => Boolean, {
    description: "Sets a new password with the token from the mail, once. Ends all sessions of the account.",
  })
  resetPassword(
    @Arg("token", () => String, { description: "The last part of the mailed link." }) token: string,
    @Arg("password", () => String, { description: `The new password. ${PASSWORD_RULE}` }) password: string,
    @Ctx() context: RequestContext,
  ): Promise<boolean> {
    return this.resets.reset(token, password, context);
  }

  @Directive("@auth(requires: FREE)")
  @Query(() => UserType, { description: "Who is signed in." })
  me(@Ctx() context: RequestContext): Promise<User> {
    return this.accounts.me(context.viewer);
  }
}
