import { Args, Ctx, Directive, FieldResolver, Resolver, Root } from "type-graphql";
import { ForwardPageArgs, toConnection, toPageRequest } from "../files/connection.type.js";
import type { Connection } from "../files/connection.type.js";
import type { File } from "../files/file.js";
import { FileType } from "../files/file.type.js";
import type { RequestContext } from "../kernel/context.js";
import type { Part } from "../vault/blob.js";
import type { PartsService } from "./parts.service.js";
import { FilePartConnectionType } from "./parts.type.js";

/** What administrators see of a file beyond its owner. */
@Resolver(() => FileType)
export class FilePartsResolver {
  constructor(private readonly service: PartsService) {}

  @Directive("@auth(requires: ADMIN)")
  @FieldResolver(() => FilePartConnectionType, {
    description: "Where its bytes lie in Telegram: its parts in order, each with its copies.",
  })
  async parts(
    @Root() file: File,
    @Args(() => ForwardPageArgs) page: ForwardPageArgs,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Connection<Part>> {
    const found = await this.service.list(viewer, file, toPageRequest(page));
    return toConnection(found, () => this.service.count(viewer, file));
  }
}
