import { Arg, Ctx, Directive, ID, Mutation, Resolver } from "type-graphql";
import type { User } from "../auth/user.js";
import { UserType } from "../auth/user.type.js";
import type { RequestContext } from "../kernel/context.js";
import type { Purge } from "./purge.js";
import { PurgeResultType } from "./purge.type.js";
import type { UserArchiveService } from "./user-archive.service.js";

const IDS = { description: "At most 1000. One that is missing refuses all." };

@Resolver()
export class UserArchiveResolver {
  constructor(private readonly users: UserArchiveService) {}

  @Directive("@auth(requires: ADMIN)")
  @Mutation(() => [UserType], {
    description:
      "Shuts accounts out from their next request on. Their names stay taken, their files stay theirs.",
  })
  archiveUsers(
    @Arg("ids", () => [ID], IDS) ids: string[],
    @Arg("reason", () => String, { nullable: true, description: "Why; kept with the account." })
    reason: string | null,
    @Ctx() { viewer }: RequestContext,
  ): Promise<User[]> {
    return this.users.archive(viewer, ids, reason ?? undefined);
  }

  @Directive("@auth(requires: ADMIN)")
  @Mutation(() => [UserType], { description: "Lets archived accounts in again, with everything they had." })
  restoreUsers(
    @Arg("ids", () => [ID], IDS) ids: string[],
    @Ctx() { viewer }: RequestContext,
  ): Promise<User[]> {
    return this.users.restore(viewer, ids);
  }

  @Directive("@auth(requires: ADMIN)")
  @Mutation(() => [PurgeResultType], {
    description: "Begins to remove archived accounts for good, with their files or after handing these over.",
  })
  purgeUsers(
    @Arg("ids", () => [ID], IDS) ids: string[],
    @Arg("handOverTo", () => ID, {
      nullable: true,
      description:
        "An active account that gets all their files and folders; absent: these are purged too. Of a purge that failed, another one is taken.",
    })
    handOverTo: string | null,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Purge[]> {
    return this.users.purge(viewer, ids, handOverTo ?? undefined);
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => Boolean, {
    description: "Deletes the viewer's own account: it ends at once, and everything it has is purged.",
  })
  deleteAccount(
    @Arg("password", () => String, { description: "The account's password." }) password: string,
    @Ctx() { viewer }: RequestContext,
  ): Promise<boolean> {
    return this.users.deleteOwn(viewer, password);
  }
}
