import { graphql } from "../generated/gql.js";
import type {
  ArchivedFileRowFragment,
  ArchivedFolderRowFragment,
  PurgedMessagesQuery,
  PurgeRowFragment,
} from "../generated/graphql.js";
import { ask, definedOnly, listOf } from "../providers/resource-queries.js";
import type { ResourceQueries } from "../providers/resource-queries.js";

export type ArchivedFileRow = ArchivedFileRowFragment;
export type ArchivedFolderRow = ArchivedFolderRowFragment;
export type PurgeRow = PurgeRowFragment;
export type PurgedMessageRow = PurgedMessagesQuery["purge"]["messages"]["nodes"][number];
export type ThingKind = "file" | "folder" | "user";

const ArchivedFilesDocument = graphql(`
  query ArchivedFiles($search: String, $archivedById: ID, $first: Int, $after: String) {
    files(
      where: { archived: true, search: $search, archivedById: $archivedById }
      first: $first
      after: $after
    ) {
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
    owner {
      id
      username
      role
      archivedAt
    }
  }
`);

const ArchivedFoldersDocument = graphql(`
  query ArchivedFolders($archivedById: ID, $first: Int, $after: String) {
    archivedFolders(archivedById: $archivedById, first: $first, after: $after) {
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
    owner {
      id
      username
      role
      archivedAt
    }
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

/** What the archived files are filtered by; folders by who archived them alone. */
export interface ArchiveFilters {
  search?: string;
  archivedById?: string;
}

export const archivedFileQueries: ResourceQueries = {
  GET_LIST: ({ filter, page }) => {
    const { search, archivedById } = filter as ArchiveFilters;
    const where = definedOnly({ search, archivedById });
    return ask(ArchivedFilesDocument, { ...where, ...page }, ({ files }) => listOf(files));
  },
};

export const archivedFolderQueries: ResourceQueries = {
  GET_LIST: ({ filter, page }) => {
    const where = definedOnly({ archivedById: (filter as ArchiveFilters).archivedById });
    return ask(ArchivedFoldersDocument, { ...where, ...page }, ({ archivedFolders }) =>
      listOf(archivedFolders),
    );
  },
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
