import { Arg, Ctx, Directive, FieldResolver, ID, Mutation, Resolver, Root } from "type-graphql";
import type { RequestContext } from "../kernel/context.js";
import type { QuotaService } from "./quota.service.js";
import { QuotaType, SeenQuotaInput, UserQuotaInput, toOwnQuota, toQuotaType } from "./quota.type.js";
import type { User } from "./user.js";
import { UserType } from "./user.type.js";

@Resolver(() => UserType)
export class QuotaResolver {
  constructor(private readonly quotas: QuotaService) {}

  @FieldResolver(() => QuotaType, {
    description: "What the account may keep and do: its role's numbers, or those an administrator gave it.",
  })
  quota(@Root() user: User): QuotaType {
    return toQuotaType(this.quotas.quotaOf(user));
  }

  @FieldResolver(() => QuotaType, {
    description: "Only the numbers that an administrator gave to this account; the others are its role's.",
  })
  ownQuota(@Root() user: User): QuotaType {
    return {
      bytes: undefined,
      files: undefined,
      fileBytes: undefined,
      transfers: undefined,
      ...user.ownQuota,
    };
  }

  @Directive("@auth(requires: ADMIN)")
  @Mutation(() => UserType, {
    description:
      "Gives an account a quota of its own, beside its role's. An account whose own numbers are not as `seen` any more is a CONFLICT, with what they are in `extensions.changed`.",
  })
  setUserQuota(
    @Arg("id", () => ID, { description: "The account's id." }) id: string,
    @Arg("input", () => UserQuotaInput, { description: "The new numbers." }) input: UserQuotaInput,
    @Arg("seen", () => SeenQuotaInput, {
      nullable: true,
      description: "What the numbers were: nothing is changed when somebody else was faster.",
    })
    seen: SeenQuotaInput | null | undefined,
    @Ctx() { viewer }: RequestContext,
  ): Promise<User> {
    return this.quotas.set(viewer, id, input, seen == null ? undefined : toOwnQuota(seen));
  }
}
