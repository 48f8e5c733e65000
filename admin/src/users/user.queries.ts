import { graphql } from "../generated/gql.js";
import type { UserDetailsFragment, UserOrderField, UserRowFragment } from "../generated/graphql.js";
import { ask, definedOnly, listOf } from "../providers/resource-queries.js";
import type { ResourceQueries } from "../providers/resource-queries.js";
import type { UserFilters } from "./no-users.js";

export type UserRow = UserRowFragment;
export type UserDetails = UserDetailsFragment;

export const UsersDocument = graphql(`
  query Users($where: UserWhere, $orderBy: UserOrder, $first: Int, $after: String) {
    users(where: $where, orderBy: $orderBy, first: $first, after: $after) {
      nodes {
        ...UserRow
      }
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }

  fragment UserRow on User {
    id
    username
    email
    role
    createdAt
    archivedAt
    archivedBy
    archivedReason
    purgingAt
    bytesUsed
    fileCount
  }
`);

export const UserDocument = graphql(`
  query User($id: ID!) {
    user(id: $id) {
      ...UserDetails
    }
  }

  fragment UserDetails on User {
    ...UserRow
    quota {
      ...QuotaNumbers
    }
    ownQuota {
      ...QuotaNumbers
    }
    consentedAt
    sessionCount
    lastSignInAt
    lastSeenAt
    filesByState {
      state
      files
      size
    }
  }

  fragment QuotaNumbers on Quota {
    bytes
    files
    fileBytes
    transfers
  }
`);

const ORDER: Record<string, UserOrderField> = {
  username: "NAME",
  createdAt: "CREATED_AT",
  bytesUsed: "USAGE",
};

export const userQueries: ResourceQueries = {
  GET_ONE: ({ id }) => ask(UserDocument, { id: String(id) }, ({ user }) => ({ data: user })),
  GET_LIST: ({ filter, sort, page }) => {
    const { search, role, archived, archivedById } = filter as UserFilters;
    const where = definedOnly({
      search,
      role,
      archivedById,
      archived: archived === "true" ? true : undefined,
    });
    const orderBy = { field: ORDER[sort?.field ?? ""] ?? "NAME", direction: sort?.order ?? "ASC" };
    return ask(UsersDocument, { where, orderBy, ...page }, ({ users }) => listOf(users));
  },
};
