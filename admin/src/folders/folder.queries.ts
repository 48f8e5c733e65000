import type { FolderRowFragment } from "../generated/graphql.js";
import { graphql } from "../generated/gql.js";
import { ask, definedOnly, listOf } from "../providers/resource-queries.js";
import type { ListParams, ResourceQueries } from "../providers/resource-queries.js";

/** Those that a search found say where they lie. */
export type FolderRow = FolderRowFragment & { path?: readonly { id: string; name: string }[] };

export const FoldersDocument = graphql(`
  query Folders($parentId: ID, $first: Int, $after: String) {
    folders(parentId: $parentId, first: $first, after: $after) {
      nodes {
        ...FolderRow
      }
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }

  fragment FolderRow on Folder {
    id
    name
    state
    size
    fileCount
    createdAt
    parent {
      id
      name
    }
    owner {
      id
      username
    }
  }
`);

export const FolderDocument = graphql(`
  query Folder($id: ID!) {
    folder(id: $id) {
      ...FolderRow
      archivedAt
      archivedBy
      archivedReason
      archivedWith
      expiresAt
      failedUploads {
        path
        code
        message
      }
    }
    folderPath(id: $id) {
      id
      name
    }
  }
`);

export const CreateFolderDocument = graphql(`
  mutation CreateFolder($input: CreateFolderInput!) {
    createFolder(input: $input, onConflict: FAIL) {
      ...FolderRow
    }
  }
`);

export const FolderSearchDocument = graphql(`
  query FolderSearch($search: String!, $first: Int, $after: String) {
    folderSearch(search: $search, first: $first, after: $after) {
      nodes {
        ...FolderRow
        path {
          id
          name
        }
      }
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

interface NewFolder {
  name: string;
  parentId?: string;
}

export const folderQueries: ResourceQueries = {
  GET_ONE: ({ id }) =>
    ask(FolderDocument, { id: String(id) }, ({ folder, folderPath }) => ({
      data: { ...folder, path: folderPath },
    })),
  GET_LIST: (params) => {
    const { search, parentId } = params.filter as { search?: string; parentId?: string };
    if (search === undefined) return foldersIn(params, parentId);
    return ask(FolderSearchDocument, { search, ...params.page }, ({ folderSearch }) => listOf(folderSearch));
  },
  GET_MANY_REFERENCE: ({ id, ...params }) => foldersIn(params, String(id)),
  CREATE: (params) => {
    const { name, parentId } = params.data as NewFolder;
    const input = { name, ...definedOnly({ parentId }) };
    return ask(CreateFolderDocument, { input }, ({ createFolder }) => ({ data: createFolder }));
  },
};

function foldersIn({ page }: ListParams, parentId: string | undefined) {
  return ask(FoldersDocument, { ...definedOnly({ parentId }), ...page }, ({ folders }) => listOf(folders));
}
