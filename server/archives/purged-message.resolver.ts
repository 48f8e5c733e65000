import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import type { RequestContext } from "../kernel/context.js";
import { toldTo } from "../kernel/telling.js";
import type { PurgedMessage } from "./purge.js";
import { PurgedMessageType } from "./purge.type.js";

@Resolver(() => PurgedMessageType)
export class PurgedMessageResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description: "Why not. Administrators are told what the operator does about it.",
  })
  reason(@Root() { why }: PurgedMessage, @Ctx() { viewer }: RequestContext): string | undefined {
    return why && toldTo(viewer, why);
  }
}
