import { endOfDay, startOfDay } from "../display/days.js";
import { graphql } from "../generated/gql.js";
import type { FileOrderField, FileRowFragment, FileWhere } from "../generated/graphql.js";
import { ask, definedOnly, listOf } from "../providers/resource-queries.js";
import type { ListParams, ResourceQueries } from "../providers/resource-queries.js";
import { isSearch } from "./no-files.js";
import type { FileFilters } from "./no-files.js";

export type FileRow = FileRowFragment;

export const FilesDocument = graphql(`
  query Files($where: FileWhere, $orderBy: FileOrder, $first: Int, $after: String) {
    files(where: $where, orderBy: $orderBy, first: $first, after: $after) {
      nodes {
        ...FileRow
      }
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }

  fragment FileRow on File {
    id
    name
    size
    mimeType
    sha256
    state
    createdAt
    archivedAt
    preview {
      kind
      thumbnailUrl
    }
    folder {
      id
      name
    }
    owner {
      id
      username
      role
      archivedAt
    }
    transfer {
      ...TransferRow
    }
  }
`);

export const FileDocument = graphql(`
  query File($id: ID!) {
    file(id: $id) {
      ...FileRow
      archivedBy
      archivedReason
      archivedWith
      expiresAt
    }
  }
`);

export const DownloadUrlDocument = graphql(`
  query DownloadUrl($id: ID!) {
    file(id: $id) {
      id
      downloadUrl
    }
  }
`);

export const PreviewDocument = graphql(`
  query Preview($id: ID!) {
    file(id: $id) {
      id
      preview {
        kind
        url
      }
    }
  }
`);

export const CreateZipLinkDocument = graphql(`
  mutation CreateZipLink($folderId: ID, $ids: [ID!]) {
    createZipLink(folderId: $folderId, ids: $ids) {
      url
      name
      leftOut
    }
  }
`);

const ORDER: Record<string, FileOrderField> = {
  name: "NAME",
  size: "SIZE",
  createdAt: "CREATED_AT",
  state: "STATE",
};

export const fileQueries: ResourceQueries = {
  GET_ONE: ({ id }) => ask(FileDocument, { id: String(id) }, ({ file }) => ({ data: file })),
  GET_LIST: ({ filter: { viewerId, ...filter }, ...params }) =>
    filesWhere(
      params,
      isSearch(filter) ? filter : { ...filter, ownerId: viewerId as string },
      !isSearch(filter),
    ),
  GET_MANY_REFERENCE: ({ id, target, ...params }) => filesWhere(params, { ...params.filter, [target]: id }),
};

type Order = Omit<ListParams, "filter">;

function filesWhere({ sort, page }: Order, filter: FileFilters, atTop = false) {
  const where = { ...whereOf(filter), ...(atTop && { atTop }) };
  const orderBy = {
    field: ORDER[sort?.field ?? ""] ?? "CREATED_AT",
    direction: sort?.order ?? "DESC",
  };
  return ask(FilesDocument, { where, orderBy, ...page }, ({ files }) => listOf(files));
}

/** A list's filter as the API wants it. */
export function whereOf({ account, from, until, ...filter }: FileFilters): FileWhere {
  const { search, state, folderId, ownerId, archived } = filter;
  const days = { createdAfter: startOfDay(from), createdBefore: endOfDay(until) };
  return {
    ...definedOnly({ search, state: asList(state), folderId, ownerId, ...days }),
    ...(account && ownersOf(account)),
    ...(archived === "true" && { archived: true }),
    // The API tells "no condition" from "as usual", which leaves archived files out.
    ...(archived === "both" && { archived: null }),
  };
}

function ownersOf(account: NonNullable<FileFilters["account"]>): FileWhere {
  if (account === "NOBODY" || account === "ACCOUNT") return { anonymous: account === "NOBODY" };
  return { ownerRole: account };
}

function asList<T>(value: T | T[] | undefined): T[] | undefined {
  if (value === undefined) return undefined;
  const list = Array.isArray(value) ? value : [value];
  return list.length > 0 ? list : undefined;
}
