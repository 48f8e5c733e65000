import { Arg, Args, Ctx, Directive, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { ForwardPageArgs, toConnection, toPageRequest } from "../files/connection.type.js";
import type { Connection } from "../files/connection.type.js";
import type { RequestContext } from "../kernel/context.js";
import type { PurgeFilter } from "./archives.ports.js";
import type { Purge, PurgedMessage } from "./purge.js";
import type { PurgeService } from "./purge.service.js";
import {
  PurgeConnectionType,
  PurgeResultType,
  PurgeWhereInput,
  PurgedMessageConnectionType,
} from "./purge.type.js";

@Resolver(() => PurgeResultType)
export class PurgeResolver {
  constructor(private readonly purges: PurgeService) {}

  @Directive("@auth(requires: FREE)")
  @Query(() => PurgeResultType, {
    description: "How far a purge of the viewer's is; administrators see everybody's.",
  })
  purge(
    @Arg("id", () => ID, { description: "The id of the purged thing." }) id: string,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Purge> {
    return this.purges.get(viewer, id);
  }

  @Directive("@auth(requires: FREE)")
  @Query(() => PurgeConnectionType, {
    name: "purges",
    description: "The viewer's purges, latest first; administrators see everybody's.",
  })
  async listPurges(
    @Arg("where", () => PurgeWhereInput, { nullable: true, description: "Which purges." })
    where: PurgeWhereInput | null,
    @Args(() => ForwardPageArgs) page: ForwardPageArgs,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Connection<Purge>> {
    const filter: PurgeFilter = where?.state == null ? {} : { states: where.state };
    const found = await this.purges.list(viewer, filter, toPageRequest(page));
    return toConnection(found, () => this.purges.count(viewer, filter));
  }

  @Directive("@auth(requires: FREE)")
  @FieldResolver(() => PurgedMessageConnectionType, {
    name: "messages",
    description:
      "What became of each message of a file. For folders and accounts see the purges of their files.",
  })
  async listMessages(
    @Root() purge: Purge,
    @Args(() => ForwardPageArgs) page: ForwardPageArgs,
  ): Promise<Connection<PurgedMessage>> {
    const found = await this.purges.messages(purge, toPageRequest(page));
    return toConnection(found, () => this.purges.countMessages(purge));
  }
}
