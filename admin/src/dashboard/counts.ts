import type { CountsQuery } from "../generated/graphql.js";
import { graphql } from "../generated/gql.js";

export const CountsDocument = graphql(`
  query Counts {
    stored: files(where: { state: [STORED] }, first: 1) {
      totalCount
    }
    moving: files(where: { state: [RECEIVING, STAGED, TRANSFERRING] }, first: 1) {
      totalCount
    }
    failed: files(where: { state: [FAILED, LOST] }, first: 1) {
      totalCount
    }
    degraded: files(where: { state: [DEGRADED] }, first: 1) {
      totalCount
    }
    all: files(first: 1) {
      totalCount
    }
  }
`);

export interface FileCounts {
  all: number;
  stored: number;
  moving: number;
  degraded: number;
  failed: number;
}

export function countsOf({ all, stored, moving, degraded, failed }: CountsQuery): FileCounts {
  return {
    all: all.totalCount,
    stored: stored.totalCount,
    moving: moving.totalCount,
    degraded: degraded.totalCount,
    failed: failed.totalCount,
  };
}
