import { graphql } from "../generated/gql.js";
import type { CountersSubscription, StatsQuery } from "../generated/graphql.js";

export type Counters = CountersSubscription["counters"];
export type Stats = StatsQuery["stats"];
export type Day = Stats["days"][number];

export const CountersDocument = graphql(`
  subscription Counters {
    counters {
      totals {
        users
        usersByRole {
          role
          users
        }
        archivedUsers
        files
        filesByState {
          state
          files
        }
        archivedFiles
        anonymousFiles
        bytes
      }
      transfers {
        underWay
        failed
      }
      today {
        ...DayCounts
      }
    }
  }

  fragment DayCounts on Day {
    name
    uploads
    uploadedBytes
    transfersDone
    transfersFailed
  }
`);

export const StatsDocument = graphql(`
  query Stats($days: Int!) {
    stats {
      days(last: $days) {
        ...DayCounts
      }
      types {
        name
        files
        bytes
      }
      topUsers(first: 5) {
        id
        username
        bytesUsed
      }
    }
  }
`);
