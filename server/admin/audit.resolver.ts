import { Arg, Args, Ctx, Directive, Query, Resolver } from "type-graphql";
import { PageArgs, toConnection, toPageRequest } from "../files/connection.type.js";
import type { Connection } from "../files/connection.type.js";
import type { RequestContext } from "../kernel/context.js";
import type { AuditService } from "./audit.service.js";
import { AuditConnectionType, AuditWhereInput, toAuditEntry, toAuditFilter } from "./audit.type.js";
import type { AuditEntryType } from "./audit.type.js";

@Resolver()
export class AuditResolver {
  constructor(private readonly audit: AuditService) {}

  @Directive("@auth(requires: ADMIN)")
  @Query(() => AuditConnectionType, { description: "Who did what, newest first." })
  async auditLog(
    @Arg("where", () => AuditWhereInput, { nullable: true, description: "Which entries." })
    where: AuditWhereInput | null,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Connection<AuditEntryType>> {
    const filter = toAuditFilter(where);
    const { items, ...rest } = await this.audit.list(viewer, filter, toPageRequest(page));
    const entries = items.map(({ cursor, node }) => ({ cursor, node: toAuditEntry(node) }));
    return toConnection({ items: entries, ...rest }, () => this.audit.count(viewer, filter));
  }

  @Directive("@auth(requires: ADMIN)")
  @Query(() => [String], { description: "The actions that occur in the audit log, for choosing one." })
  auditActions(@Ctx() { viewer }: RequestContext): Promise<string[]> {
    return this.audit.actions(viewer);
  }
}
