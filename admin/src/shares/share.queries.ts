import { graphql } from "../generated/gql.js";
import type { ShareAccessesQuery, ShareRowFragment } from "../generated/graphql.js";
import { ask, definedOnly, listOf } from "../providers/resource-queries.js";
import type { ListParams, ResourceQueries } from "../providers/resource-queries.js";

export type ShareRow = ShareRowFragment;
export type ShareAccessRow = ShareAccessesQuery["shareLink"]["accesses"]["nodes"][number];

export const SharesDocument = graphql(`
  query Shares($fileId: ID, $folderId: ID, $first: Int, $after: String) {
    shareLinks(fileId: $fileId, folderId: $folderId, first: $first, after: $after) {
      nodes {
        ...ShareRow
      }
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }

  fragment ShareRow on ShareLink {
    id
    url
    state
    createdAt
    expiresAt
    hasPassword
    maxDownloads
    downloads
    revokedAt
    file {
      id
      name
    }
    folder {
      id
      name
    }
  }
`);

export const ShareDocument = graphql(`
  query Share($id: ID!) {
    shareLink(id: $id) {
      ...ShareRow
    }
  }
`);

export const ShareAccessesDocument = graphql(`
  query ShareAccesses($id: ID!, $first: Int, $after: String) {
    shareLink(id: $id) {
      id
      accesses(first: $first, after: $after) {
        nodes {
          id
          at
          lastAt
          times
          address
          action
          name
          bytes
        }
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

export const CreateShareDocument = graphql(`
  mutation CreateShare($input: ShareLinkInput!) {
    createShareLink(input: $input) {
      ...ShareRow
    }
  }
`);

export const RevokeShareDocument = graphql(`
  mutation RevokeShare($id: ID!) {
    revokeShareLink(id: $id) {
      ...ShareRow
    }
  }
`);

export interface NewShare {
  fileId?: string;
  folderId?: string;
  expiresAt?: string;
  password?: string;
  maxDownloads?: number;
}

export const shareQueries: ResourceQueries = {
  GET_ONE: ({ id }) => ask(ShareDocument, { id: String(id) }, ({ shareLink }) => ({ data: shareLink })),
  GET_LIST: (params) => sharesOf(params),
  CREATE: (params) =>
    ask(CreateShareDocument, { input: params.data as NewShare }, ({ createShareLink }) => ({
      data: createShareLink,
    })),
};

/** Whose access log: `target` is the link. */
export const shareAccessQueries: ResourceQueries = {
  GET_MANY_REFERENCE: ({ id, page }) =>
    ask(ShareAccessesDocument, { id: String(id), ...page }, ({ shareLink }) => listOf(shareLink.accesses)),
};

function sharesOf({ filter, page }: ListParams) {
  const of = definedOnly({
    fileId: filter["fileId"] as string | undefined,
    folderId: filter["folderId"] as string | undefined,
  });
  return ask(SharesDocument, { ...of, ...page }, ({ shareLinks }) => listOf(shareLinks));
}
