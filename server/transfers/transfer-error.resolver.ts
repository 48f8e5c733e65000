import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import type { RequestContext } from "../kernel/context.js";
import type { TransferError } from "../kernel/progress.js";
import { toldTo } from "../kernel/telling.js";
import { TransferErrorType } from "./transfer.type.js";

@Resolver(() => TransferErrorType)
export class TransferErrorResolver {
  @FieldResolver(() => String, {
    description: "What happened, and what to do. Administrators are told what the operator does about it.",
  })
  message(@Root() error: TransferError, @Ctx() { viewer }: RequestContext): string {
    return toldTo(viewer, error);
  }
}
