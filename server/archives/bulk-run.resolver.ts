import { Arg, Args, Ctx, Directive, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { ForwardPageArgs, toConnection, toPageRequest } from "../files/connection.type.js";
import type { Connection } from "../files/connection.type.js";
import { FileWhereInput, toFileFilter } from "../files/file.input.js";
import type { RequestContext } from "../kernel/context.js";
import type { BulkResult, BulkRun } from "./bulk-run.js";
import type { BulkRunService } from "./bulk-run.service.js";
import { BulkResultConnectionType, BulkRunConnectionType, BulkRunType } from "./bulk-run.type.js";

const LIVE = { description: "Which files. Only those that are not archived, whatever `archived` says." };
const ARCHIVED = { description: "Which files. Only archived ones, whatever `archived` says." };
const REASON = { nullable: true, description: "Why; shown to the owners." };
const RUN_ID = { description: "The run's id." };

@Resolver(() => BulkRunType)
export class BulkRunResolver {
  constructor(private readonly runs: BulkRunService) {}

  @Directive("@auth(requires: FREE)")
  @Mutation(() => BulkRunType, {
    description:
      "Archives all files that match, in the background: one's own, or everybody's as administrator.",
  })
  archiveMatching(
    @Arg("where", () => FileWhereInput, LIVE) where: FileWhereInput,
    @Arg("reason", () => String, REASON) reason: string | null,
    @Ctx() { viewer }: RequestContext,
  ): Promise<BulkRun> {
    return this.runs.start(viewer, "ARCHIVE", toFileFilter(where), reason ?? undefined);
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => BulkRunType, { description: "Restores all archived files that match, in the background." })
  restoreMatching(
    @Arg("where", () => FileWhereInput, ARCHIVED) where: FileWhereInput,
    @Ctx() { viewer }: RequestContext,
  ): Promise<BulkRun> {
    return this.runs.start(viewer, "RESTORE", toFileFilter(where));
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => BulkRunType, {
    description: "Begins to purge all archived files that match, in the background.",
  })
  purgeMatching(
    @Arg("where", () => FileWhereInput, ARCHIVED) where: FileWhereInput,
    @Ctx() { viewer }: RequestContext,
  ): Promise<BulkRun> {
    return this.runs.start(viewer, "PURGE", toFileFilter(where));
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => BulkRunType, {
    description: "Stops a run. The few files under way are finished; what was done stays done.",
  })
  cancelBulkRun(
    @Arg("id", () => ID, RUN_ID) id: string,
    @Ctx() { viewer }: RequestContext,
  ): Promise<BulkRun> {
    return this.runs.cancel(viewer, id);
  }

  @Directive("@auth(requires: FREE)")
  @Query(() => BulkRunType, { description: "How far a run of the viewer's is; administrators see all." })
  bulkRun(@Arg("id", () => ID, RUN_ID) id: string, @Ctx() { viewer }: RequestContext): Promise<BulkRun> {
    return this.runs.get(viewer, id);
  }

  @Directive("@auth(requires: FREE)")
  @Query(() => BulkRunConnectionType, {
    description: "The viewer's runs, latest first; administrators see everybody's.",
  })
  async bulkRuns(
    @Args(() => ForwardPageArgs) page: ForwardPageArgs,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Connection<BulkRun>> {
    const found = await this.runs.list(viewer, toPageRequest(page));
    return toConnection(found, () => this.runs.count(viewer));
  }

  @Directive("@auth(requires: FREE)")
  @FieldResolver(() => BulkResultConnectionType, {
    name: "results",
    description: "What was done about each file so far, in order of the files' ids.",
  })
  async listResults(
    @Root() run: BulkRun,
    @Arg("done", () => Boolean, {
      nullable: true,
      description: "Only files that it was done to, or only those that refused.",
    })
    done: boolean | null,
    @Args(() => ForwardPageArgs) page: ForwardPageArgs,
  ): Promise<Connection<BulkResult>> {
    const found = await this.runs.results(run, done ?? undefined, toPageRequest(page));
    return toConnection(found, () => this.runs.countResults(run, done ?? undefined));
  }
}
