import { graphql } from "../generated/gql.js";
import type { TransferListRowFragment, TransferRowFragment, TransferState } from "../generated/graphql.js";
import { ask, definedOnly, listOf } from "../providers/resource-queries.js";
import type { ResourceQueries } from "../providers/resource-queries.js";

export type TransferRow = TransferRowFragment;
export type TransferListRow = TransferListRowFragment;

export const TransfersDocument = graphql(`
  query Transfers($where: TransferWhere, $first: Int, $after: String) {
    transfers(where: $where, first: $first, after: $after) {
      nodes {
        ...TransferListRow
      }
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }

  fragment TransferListRow on Transfer {
    ...TransferRow
    file {
      id
      name
      owner {
        id
        username
      }
    }
  }

  fragment TransferRow on Transfer {
    id
    state
    partsDone
    partsTotal
    bytesSent
    bytesTotal
    attempt
    waitingUntil
    waitingFor
    createdAt
    error {
      code
      message
      part
      nextTryAt
    }
  }
`);

export const TransferDocument = graphql(`
  query Transfer($id: ID!) {
    transfer(id: $id) {
      ...TransferListRow
    }
  }
`);

export const RetryTransferDocument = graphql(`
  mutation RetryTransfer($id: ID!) {
    retryTransfer(id: $id) {
      ...TransferRow
    }
  }
`);

export const PauseTransferDocument = graphql(`
  mutation PauseTransfer($id: ID!) {
    pauseTransfer(id: $id) {
      ...TransferRow
    }
  }
`);

export const ResumeTransferDocument = graphql(`
  mutation ResumeTransfer($id: ID!) {
    resumeTransfer(id: $id) {
      ...TransferRow
    }
  }
`);

export const CancelTransferDocument = graphql(`
  mutation CancelTransfer($id: ID!) {
    cancelTransfer(id: $id) {
      ...TransferRow
    }
  }
`);

export const TransferProgressDocument = graphql(`
  subscription TransferProgress {
    transferProgress {
      ...Progress
    }
  }

  fragment Progress on TransferProgress {
    fileId
    transferId
    state
    partsDone
    partsTotal
    bytesSent
    bytesTotal
    bytesPerSecond
    etaSeconds
    waitingUntil
    waitingFor
    error {
      code
      message
      part
      nextTryAt
    }
  }
`);

export const AllTransferProgressDocument = graphql(`
  subscription AllTransferProgress {
    allTransferProgress {
      ...Progress
    }
  }
`);

export const transferQueries: ResourceQueries = {
  GET_ONE: ({ id }) => ask(TransferDocument, { id: String(id) }, ({ transfer }) => ({ data: transfer })),
  GET_LIST: ({ filter, page }) => {
    const { state, ownerId } = filter as { state?: TransferState[]; ownerId?: string };
    const where = definedOnly({ state, ownerId });
    return ask(TransfersDocument, { where, ...page }, ({ transfers }) => listOf(transfers));
  },
};
