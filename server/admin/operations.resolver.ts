import { Arg, Ctx, Directive, ID, Mutation, Query, Resolver } from "type-graphql";
import type { RequestContext } from "../kernel/context.js";
import type { CheckReport, ChecksService } from "./checks.service.js";
import type { DeadLetter, DeadLetterKind, JobRecord, Lane, LaneHealth } from "./operations.ports.js";
import type { OperationsService } from "./operations.service.js";
import {
  DeadLetterKindEnum,
  DeadLetterType,
  JobType,
  LaneHealthType,
  LaneType,
  SystemReportType,
} from "./operations.type.js";

@Resolver()
export class OperationsResolver {
  constructor(
    private readonly operations: OperationsService,
    private readonly checks: ChecksService,
  ) {}

  @Directive("@auth(requires: ADMIN)")
  @Query(() => SystemReportType, {
    description: "Looks at every part of the system now, with the fix for what is wrong.",
  })
  systemChecks(@Ctx() { viewer }: RequestContext): Promise<CheckReport> {
    return this.checks.report(viewer);
  }

  @Directive("@auth(requires: ADMIN)")
  @Query(() => [LaneType], { name: "lanes", description: "Every bot in every chat, and its pace." })
  listLanes(@Ctx() { viewer }: RequestContext): Promise<Lane[]> {
    return this.operations.lanes(viewer);
  }

  @Directive("@auth(requires: ADMIN)")
  @Query(() => [LaneHealthType], {
    name: "laneHealth",
    description: "Asks Telegram what each bot may do in each chat.",
  })
  askLaneHealth(@Ctx() { viewer, signal }: RequestContext): Promise<LaneHealth[]> {
    return this.operations.laneHealth(viewer, signal);
  }

  @Directive("@auth(requires: ADMIN)")
  @Mutation(() => LaneType, {
    description:
      "Ends a lane's block now; transfers that wait for chats try at once. Telegram may block it again.",
  })
  unblockLane(
    @Arg("id", () => ID, { description: "The lane's id." }) id: string,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Lane> {
    return this.operations.unblockLane(viewer, id);
  }

  @Directive("@auth(requires: ADMIN)")
  @Query(() => [JobType], { name: "jobs", description: "The newest 100 jobs that wait or run." })
  listJobs(@Ctx() { viewer }: RequestContext): Promise<JobRecord[]> {
    return this.operations.jobs(viewer);
  }

  @Directive("@auth(requires: ADMIN)")
  @Mutation(() => Boolean, { description: "Makes a job due now that nobody runs." })
  retryJob(
    @Arg("id", () => ID, { description: "The job's id." }) id: string,
    @Ctx() { viewer }: RequestContext,
  ): Promise<boolean> {
    return this.operations.retryJob(viewer, id);
  }

  @Directive("@auth(requires: ADMIN)")
  @Mutation(() => Boolean, {
    description:
      "Forgets a job that nobody runs. What it should do stays due: to end that, cancel the transfer.",
  })
  cancelJob(
    @Arg("id", () => ID, { description: "The job's id." }) id: string,
    @Ctx() { viewer }: RequestContext,
  ): Promise<boolean> {
    return this.operations.cancelJob(viewer, id);
  }

  @Directive("@auth(requires: ADMIN)")
  @Query(() => [DeadLetterType], {
    name: "deadLetters",
    description: "Transfers, repairs and removals that failed, with their reasons: the latest 100 of each.",
  })
  listDeadLetters(@Ctx() { viewer }: RequestContext): Promise<DeadLetter[]> {
    return this.operations.deadLetters(viewer);
  }

  @Directive("@auth(requires: ADMIN)")
  @Mutation(() => Boolean, { description: "Tries failed work again now." })
  retryDeadLetter(
    @Arg("kind", () => DeadLetterKindEnum, { description: "What failed." }) kind: DeadLetterKind,
    @Arg("id", () => ID, { description: "The dead letter's id." }) id: string,
    @Ctx() { viewer }: RequestContext,
  ): Promise<boolean> {
    return this.operations.retryDeadLetter(viewer, kind, id);
  }
}
