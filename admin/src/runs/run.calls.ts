import type { BulkDeed, FileWhere } from "../generated/graphql.js";
import { graphql } from "../generated/gql.js";
import { change } from "../providers/calls.js";

const ArchiveMatchingDocument = graphql(`
  mutation ArchiveMatching($where: FileWhere!, $reason: String) {
    archiveMatching(where: $where, reason: $reason) {
      id
    }
  }
`);

const RestoreMatchingDocument = graphql(`
  mutation RestoreMatching($where: FileWhere!) {
    restoreMatching(where: $where) {
      id
    }
  }
`);

const PurgeMatchingDocument = graphql(`
  mutation PurgeMatching($where: FileWhere!) {
    purgeMatching(where: $where) {
      id
    }
  }
`);

const CancelBulkRunDocument = graphql(`
  mutation CancelBulkRun($id: ID!) {
    cancelBulkRun(id: $id) {
      id
    }
  }
`);

/** Begins to do this to all files that match. @param reason for archiving; shown to the owners */
export function startRun(deed: BulkDeed, where: FileWhere, reason: string): Promise<unknown> {
  switch (deed) {
    case "ARCHIVE":
      return change(ArchiveMatchingDocument, { where, ...(reason !== "" && { reason }) });
    case "RESTORE":
      return change(RestoreMatchingDocument, { where });
    case "PURGE":
      return change(PurgeMatchingDocument, { where });
  }
}

export const cancelRun = (id: string) => change(CancelBulkRunDocument, { id });
