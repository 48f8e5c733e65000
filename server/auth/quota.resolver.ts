import { Arg, Ctx, Directive, FieldResolver, ID, Mutation, Resolver, Root } from "type-graphql";
import type { RequestContext } from "../kernel/context.js";
import type { QuotaService } from "./quota.service.js";
import { QuotaType, UserQuotaInput, toQuotaType } from "./quota.type.js";
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
  @Mutation(() => UserType, { description: "Gives an account a quota of its own, beside its role's." })
  setUserQuota(
    @Arg("id", () => ID, { description: "The account's id." }) id: string,
    @Arg("input", () => UserQuotaInput, { description: "The new numbers." }) input: UserQuotaInput,
    @Ctx() { viewer }: RequestContext,
  ): Promise<User> {
    return this.quotas.set(viewer, id, input);
  }
}
