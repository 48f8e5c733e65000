import {
  Arg,
  Args,
  Ctx,
  Directive,
  FieldResolver,
  ID,
  Int,
  Mutation,
  Query,
  Resolver,
  Root,
} from "type-graphql";
import type { IssuedLink } from "../auth/password-reset.service.js";
import type { User } from "../auth/user.js";
import { UserType } from "../auth/user.type.js";
import { PageArgs, toConnection, toPageRequest } from "../files/connection.type.js";
import type { Connection } from "../files/connection.type.js";
import type { RequestContext } from "../kernel/context.js";
import { perRequest } from "../kernel/loading.js";
import { DateTime } from "../kernel/scalars.js";
import {
  CreateUserInput,
  SeenUserInput,
  toUserChange,
  toUserFilter,
  toUserOrder,
  UpdateUserInput,
  UserOrderInput,
  UserWhereInput,
} from "./users.input.js";
import type { FileStateCount, UserDetails, UserDirectory, UserFileStates } from "./users.ports.js";
import type { UsersService } from "./users.service.js";
import { CreatedUserType, FileStateCountType, PasswordLinkType, UserConnectionType } from "./users.type.js";

@Resolver(() => UserType)
export class UsersResolver {
  private readonly detailsOf: (context: RequestContext, id: string) => Promise<UserDetails | undefined>;
  private readonly statesOf: (context: RequestContext, id: string) => Promise<UserFileStates | undefined>;

  constructor(
    private readonly users: UsersService,
    directory: Pick<UserDirectory, "details" | "filesByState">,
  ) {
    this.detailsOf = perRequest((ids) => directory.details(ids));
    this.statesOf = perRequest((ids) => directory.filesByState(ids));
  }

  @Directive("@auth(requires: ADMIN)")
  @Query(() => UserConnectionType, { name: "users", description: "All users, by name unless told." })
  async listUsers(
    @Arg("where", () => UserWhereInput, { nullable: true, description: "Which users." })
    where: UserWhereInput | null,
    @Arg("orderBy", () => UserOrderInput, { nullable: true, description: "Sorted how." })
    orderBy: UserOrderInput | null,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Connection<User>> {
    const filter = toUserFilter(where);
    const found = await this.users.list(viewer, filter, toUserOrder(orderBy), toPageRequest(page));
    return toConnection(found, () => this.users.count(viewer, filter));
  }

  @Directive("@auth(requires: ADMIN)")
  @Query(() => UserType, { description: "One user, archived or not." })
  user(
    @Arg("id", () => ID, { description: "The user's id." }) id: string,
    @Ctx() { viewer }: RequestContext,
  ): Promise<User> {
    return this.users.get(viewer, id);
  }

  @Directive("@auth(requires: ADMIN)")
  @Mutation(() => CreatedUserType, {
    description: "Makes an account. Its owner gets a link for choosing a password; nobody else chooses it.",
  })
  createUser(
    @Arg("input", () => CreateUserInput, { description: "The new account." }) input: CreateUserInput,
    @Ctx() { viewer }: RequestContext,
  ): Promise<CreatedUserType> {
    return this.users.create(viewer, input);
  }

  @Directive("@auth(requires: ADMIN)")
  @Mutation(() => UserType, {
    description:
      "Changes an account. A name or address that is taken is a CONFLICT; so is an account that does not look as `seen` any more, with what it looks like in `extensions.changed`.",
  })
  updateUser(
    @Arg("id", () => ID, { description: "The user's id." }) id: string,
    @Arg("input", () => UpdateUserInput, { description: "What to change." }) input: UpdateUserInput,
    @Arg("seen", () => SeenUserInput, {
      nullable: true,
      description: "What the account looked like: nothing is changed when somebody else was faster.",
    })
    seen: SeenUserInput | null,
    @Ctx() { viewer }: RequestContext,
  ): Promise<User> {
    return this.users.update(viewer, id, toUserChange(input), seen ?? undefined);
  }

  @Directive("@auth(requires: ADMIN)")
  @Mutation(() => PasswordLinkType, {
    description:
      "Mails a user a link for choosing a new password; answers with it when there is no mail server.",
  })
  startPasswordReset(
    @Arg("userId", () => ID, { description: "The user's id." }) userId: string,
    @Ctx() { viewer }: RequestContext,
  ): Promise<IssuedLink> {
    return this.users.startPasswordReset(viewer, userId);
  }

  @Directive("@auth(requires: ADMIN)")
  @FieldResolver(() => DateTime, {
    nullable: true,
    description:
      "When the terms and the privacy notice were accepted; absent where an operator made the account.",
  })
  async consentedAt(@Root() user: User, @Ctx() context: RequestContext): Promise<Date | undefined> {
    return (await this.detailsOf(context, user.id))?.consentedAt;
  }

  @Directive("@auth(requires: ADMIN)")
  @FieldResolver(() => Int, { description: "Sign-ins that have not ended." })
  async sessionCount(@Root() user: User, @Ctx() context: RequestContext): Promise<number> {
    return (await this.detailsOf(context, user.id))?.sessionCount ?? 0;
  }

  @Directive("@auth(requires: ADMIN)")
  @FieldResolver(() => DateTime, {
    nullable: true,
    description: "When the newest sign-in that has not ended began.",
  })
  async lastSignInAt(@Root() user: User, @Ctx() context: RequestContext): Promise<Date | undefined> {
    return (await this.detailsOf(context, user.id))?.lastSignInAt;
  }

  @Directive("@auth(requires: ADMIN)")
  @FieldResolver(() => DateTime, {
    nullable: true,
    description: "When a sign-in that has not ended was used last, to within a token's lifetime.",
  })
  async lastSeenAt(@Root() user: User, @Ctx() context: RequestContext): Promise<Date | undefined> {
    return (await this.detailsOf(context, user.id))?.lastSeenAt;
  }

  @Directive("@auth(requires: ADMIN)")
  @FieldResolver(() => [FileStateCountType], { description: "How many files are in each state." })
  async filesByState(@Root() user: User, @Ctx() context: RequestContext): Promise<FileStateCount[]> {
    return (await this.statesOf(context, user.id))?.states ?? [];
  }
}
