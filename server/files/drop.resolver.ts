import { FieldResolver, Resolver } from "type-graphql";
import { ServiceType } from "../auth/account.type.js";
import type { DropService, DropTerms } from "./drop.service.js";
import { AnonymousUploadsType } from "./drop.type.js";

/** What uploads without an account add to what anybody may know. */
@Resolver(() => ServiceType)
export class DropResolver {
  constructor(private readonly drops: Pick<DropService, "terms">) {}

  @FieldResolver(() => AnonymousUploadsType, {
    nullable: true,
    description:
      "What may be uploaded without an account; null where that is not allowed. `/drop` is a page for it.",
  })
  anonymousUploads(): DropTerms | undefined {
    return this.drops.terms();
  }
}
