import {
  Arg,
  Ctx,
  Directive,
  FieldResolver,
  Int,
  Mutation,
  Query,
  Resolver,
  Root,
  Subscription,
} from "type-graphql";
import type { User } from "../auth/user.js";
import { UserType } from "../auth/user.type.js";
import { cancellable } from "../kernel/cancellable.js";
import type { RequestContext } from "../kernel/context.js";
import type { Counters, CountersContext, Day } from "./statistics.ports.js";
import type { StatisticsService } from "./statistics.service.js";
import { CountersType, DayType, StatsType, toCountersType, toStatsType } from "./statistics.type.js";

@Resolver(() => StatsType)
export class StatisticsResolver {
  constructor(private readonly statistics: StatisticsService) {}

  @Directive("@auth(requires: ADMIN)")
  @Query(() => StatsType, { description: "How much there is, and what happened." })
  async stats(@Ctx() { viewer }: RequestContext): Promise<StatsType> {
    return toStatsType(await this.statistics.counters(viewer));
  }

  @Directive("@auth(requires: ADMIN)")
  @Mutation(() => StatsType, { description: "Counts the totals again, however fresh they are." })
  async recountStats(@Ctx() { viewer }: RequestContext): Promise<StatsType> {
    return toStatsType(await this.statistics.recount(viewer));
  }

  @Directive("@auth(requires: ADMIN)")
  @Subscription(() => CountersType, {
    description: "The numbers of `stats` that change while somebody looks: now, then at most once a second.",
    subscribe: ({ context }) => {
      const { viewer, watchCounters } = context as CountersContext;
      return cancellable((signal) => watchCounters(viewer, signal));
    },
  })
  counters(@Root() counters: Counters): CountersType {
    return toCountersType(counters);
  }

  @FieldResolver(() => [DayType], {
    description: "What happened on the last days, the oldest first, up to today.",
  })
  days(
    @Arg("last", () => Int, { defaultValue: 30, description: "How many days, up to 366." }) last: number,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Day[]> {
    return this.statistics.days(viewer, last);
  }

  @FieldResolver(() => [UserType], {
    description: "The accounts whose files take most room, the most first.",
  })
  topUsers(
    @Arg("first", () => Int, { defaultValue: 10, description: "How many, up to 100." }) first: number,
    @Ctx() { viewer }: RequestContext,
  ): Promise<User[]> {
    return this.statistics.topUsers(viewer, first);
  }
}
