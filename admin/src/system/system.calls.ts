import { graphql } from "../generated/gql.js";
import type {
  DeadLetterKind,
  JobsQuery,
  LaneHealthQuery,
  LanesQuery,
  SystemChecksQuery,
} from "../generated/graphql.js";
import { change, fetchData } from "../providers/calls.js";

const SystemChecksDocument = graphql(`
  query SystemChecks {
    systemChecks {
      at
      checks {
        name
        status
        found
        fix
        ms
      }
    }
  }
`);

const LanesDocument = graphql(`
  query Lanes {
    lanes {
      id
      bot
      chat
      isPrimary
      nextFreeAt
      blockedUntil
      gapMs
      recentSends
      lastSentAt
      blocks
      lastBlockedAt
    }
  }
`);

const LaneHealthDocument = graphql(`
  query LaneHealth {
    laneHealth {
      bot
      chat
      botName
      chatTitle
      mayPost
      mayDelete
      mayPin
      problem
    }
  }
`);

const UnblockLaneDocument = graphql(`
  mutation UnblockLane($id: ID!) {
    unblockLane(id: $id) {
      id
    }
  }
`);

const JobsDocument = graphql(`
  query Jobs {
    jobs {
      id
      name
      subjectId
      state
      nextRunAt
      lockedAt
      lastRunAt
      failures
      failReason
    }
    deadLetters {
      kind
      id
      fileId
      title
      code
      reason
      attempts
      since
      nextTryAt
    }
  }
`);

const RetryJobDocument = graphql(`
  mutation RetryJob($id: ID!) {
    retryJob(id: $id)
  }
`);

const CancelJobDocument = graphql(`
  mutation CancelJob($id: ID!) {
    cancelJob(id: $id)
  }
`);

const RetryDeadLetterDocument = graphql(`
  mutation RetryDeadLetter($kind: DeadLetterKind!, $id: ID!) {
    retryDeadLetter(kind: $kind, id: $id)
  }
`);

export type CheckRow = SystemChecksQuery["systemChecks"]["checks"][number];
export type LaneRow = LanesQuery["lanes"][number];
export type LaneHealthRow = LaneHealthQuery["laneHealth"][number];
export type JobRow = JobsQuery["jobs"][number];
export type DeadLetterRow = JobsQuery["deadLetters"][number];

export async function systemChecks() {
  return (await fetchData(SystemChecksDocument, {})).systemChecks;
}

export async function lanes(): Promise<LaneRow[]> {
  return (await fetchData(LanesDocument, {})).lanes;
}

/** Asks Telegram: takes seconds. */
export async function laneHealth(): Promise<LaneHealthRow[]> {
  return (await fetchData(LaneHealthDocument, {})).laneHealth;
}

export const unblockLane = (id: string) => change(UnblockLaneDocument, { id });

/** The jobs that wait or run, and the work that failed. */
export const jobs = () => fetchData(JobsDocument, {});

export const retryJob = (id: string) => change(RetryJobDocument, { id });

export const cancelJob = (id: string) => change(CancelJobDocument, { id });

export const retryDeadLetter = (kind: DeadLetterKind, id: string) =>
  change(RetryDeadLetterDocument, { kind, id });
