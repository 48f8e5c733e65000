import { graphql } from "../generated/gql.js";
import type { BulkResultRowFragment, BulkRunRowFragment } from "../generated/graphql.js";
import { ask, listOf } from "../providers/resource-queries.js";
import type { ResourceQueries } from "../providers/resource-queries.js";

export type BulkRunRow = BulkRunRowFragment;
export type BulkResultRow = BulkResultRowFragment & { id: string };

const BulkRunsDocument = graphql(`
  query BulkRuns($first: Int, $after: String) {
    bulkRuns(first: $first, after: $after) {
      nodes {
        ...BulkRunRow
      }
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }

  fragment BulkRunRow on BulkRun {
    id
    deed
    state
    reason
    total
    done
    failed
    startedAt
    finishedAt
    stopped
  }
`);

const BulkResultsDocument = graphql(`
  query BulkResults($id: ID!, $done: Boolean, $first: Int, $after: String) {
    bulkRun(id: $id) {
      id
      results(done: $done, first: $first, after: $after) {
        nodes {
          ...BulkResultRow
        }
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }

  fragment BulkResultRow on BulkResult {
    fileId
    name
    done
    reason
  }
`);

export const runQueries: ResourceQueries = {
  GET_LIST: ({ page }) => ask(BulkRunsDocument, page, ({ bulkRuns }) => listOf(bulkRuns)),
};

export const runResultQueries: ResourceQueries = {
  GET_MANY_REFERENCE: ({ id, filter, page }) => {
    const done = filter["done"] as boolean | undefined;
    const variables = { id: String(id), ...(done !== undefined && { done }), ...page };
    return ask(BulkResultsDocument, variables, ({ bulkRun: { results } }) =>
      listOf({ ...results, nodes: results.nodes.map((node) => ({ ...node, id: node.fileId })) }),
    );
  },
};
