import { graphql } from "../generated/gql.js";
import type {
  ArchivedFileRowFragment,
  ArchivedFolderRowFragment,
  PurgedMessagesQuery,
  PurgeRowFragment,
} from "../generated/graphql.js";
import { client } from "../providers/graphql-client.js";
import { ask, listOf } from "../providers/resource-queries.js";
import type { ResourceQueries } from "../providers/resource-queries.js";

export type ArchivedFileRow = ArchivedFileRowFragment;
export type ArchivedFolderRow = ArchivedFolderRowFragment;
export type PurgeRow = PurgeRowFragment;
export type PurgedMessageRow = PurgedMessagesQuery["purge"]["messages"]["nodes"][number];
export type ThingKind = "file" | "folder" | "user";

const ArchivedFilesDocument = graphql(`
  query ArchivedFiles($first: Int, $after: String) {
    files(where: { archived: true }, first: $first, after: $after) {
      nodes {
        ...ArchivedFileRow
      }
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }

  fragment ArchivedFileRow on File {
    id
    name
    size
    archivedAt
    archivedBy
    archivedReason
    archivedWith
    expiresAt
  }
`);

const ArchivedFoldersDocument = graphql(`
  query ArchivedFolders($first: Int, $after: String) {
    archivedFolders(first: $first, after: $after) {
      nodes {
        ...ArchivedFolderRow
      }
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }

  fragment ArchivedFolderRow on Folder {
    id
    name
    size
    fileCount
    archivedAt
    archivedBy
    archivedReason
    expiresAt
  }
`);

const PurgesDocument = graphql(`
  query Purges($first: Int, $after: String) {
    purges(first: $first, after: $after) {
      nodes {
        ...PurgeRow
      }
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }

  fragment PurgeRow on PurgeResult {
    id
    kind
    name
    state
    copies
    removed
    requestedAt
    error {
      message
      nextTryAt
    }
  }
`);

const PurgedMessagesDocument = graphql(`
  query PurgedMessages($id: ID!, $first: Int, $after: String) {
    purge(id: $id) {
      id
      messages(first: $first, after: $after) {
        nodes {
          chat
          messageId
          removed
          reason
          at
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

export const archivedFileQueries: ResourceQueries = {
  GET_LIST: ({ page }) => ask(ArchivedFilesDocument, page, ({ files }) => listOf(files)),
};

export const archivedFolderQueries: ResourceQueries = {
  GET_LIST: ({ page }) =>
    ask(ArchivedFoldersDocument, page, ({ archivedFolders }) => listOf(archivedFolders)),
};

export const purgeQueries: ResourceQueries = {
  GET_LIST: ({ page }) => ask(PurgesDocument, page, ({ purges }) => listOf(purges)),
};

export const purgedMessageQueries: ResourceQueries = {
  GET_MANY_REFERENCE: ({ id, page }) =>
    ask(PurgedMessagesDocument, { id: String(id), ...page }, ({ purge: { messages } }) => {
      const nodes = messages.nodes.map((node) => ({ ...node, id: `${node.chat}/${node.messageId}` }));
      return listOf({ ...messages, nodes });
    }),
};

const ARCHIVE = {
  file: graphql(`
    mutation ArchiveFiles($ids: [ID!]!) {
      archiveFiles(ids: $ids) {
        id
      }
    }
  `),
  folder: graphql(`
    mutation ArchiveFolders($ids: [ID!]!) {
      archiveFolders(ids: $ids) {
        id
      }
    }
  `),
  user: graphql(`
    mutation ArchiveUsers($ids: [ID!]!) {
      archiveUsers(ids: $ids) {
        id
      }
    }
  `),
};

const RESTORE = {
  file: graphql(`
    mutation RestoreFiles($ids: [ID!]!) {
      restoreFiles(ids: $ids) {
        id
      }
    }
  `),
  folder: graphql(`
    mutation RestoreFolders($ids: [ID!]!) {
      restoreFolders(ids: $ids) {
        id
      }
    }
  `),
  user: graphql(`
    mutation RestoreUsers($ids: [ID!]!) {
      restoreUsers(ids: $ids) {
        id
      }
    }
  `),
};

const PURGE = {
  file: graphql(`
    mutation PurgeFiles($ids: [ID!]!) {
      purgeFiles(ids: $ids) {
        id
      }
    }
  `),
  folder: graphql(`
    mutation PurgeFolders($ids: [ID!]!) {
      purgeFolders(ids: $ids) {
        id
      }
    }
  `),
  user: graphql(`
    mutation PurgeUsers($ids: [ID!]!) {
      purgeUsers(ids: $ids) {
        id
      }
    }
  `),
};

/** What the data provider offers beside react-admin's own calls. */
export const archiveCalls = {
  archive: (kind: ThingKind, ids: readonly string[]) =>
    client.mutate({ mutation: ARCHIVE[kind], variables: { ids: [...ids] } }),
  restore: (kind: ThingKind, ids: readonly string[]) =>
    client.mutate({ mutation: RESTORE[kind], variables: { ids: [...ids] } }),
  purge: (kind: ThingKind, ids: readonly string[]) =>
    client.mutate({ mutation: PURGE[kind], variables: { ids: [...ids] } }),
};
