import { endOfDay, startOfDay } from "../display/days.js";
import { graphql } from "../generated/gql.js";
import type { AuditRowFragment, AuditWhere } from "../generated/graphql.js";
import { ask, definedOnly, listOf } from "../providers/resource-queries.js";
import type { ListParams, ResourceQueries } from "../providers/resource-queries.js";

export type AuditRow = AuditRowFragment;

/** What the page filters by; days are such as "2026-11-22", both included. */
export interface AuditFilters {
  action?: string;
  actorId?: string;
  targetId?: string;
  from?: string;
  until?: string;
}

const AuditLogDocument = graphql(`
  query AuditLog($where: AuditWhere, $first: Int, $after: String) {
    auditLog(where: $where, first: $first, after: $after) {
      nodes {
        ...AuditRow
      }
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }

  fragment AuditRow on AuditEntry {
    id
    at
    action
    actorKind
    actorId
    actorName
    address
    targetKind
    targetId
    targetName
    changes {
      field
      before
      after
    }
    reason
  }
`);

/** The filters as the API wants them. */
export function auditWhere({ action, actorId, targetId, from, until }: AuditFilters): Partial<AuditWhere> {
  const days = { after: startOfDay(from), before: endOfDay(until) };
  return definedOnly({ action, actorId, targetId: targetId?.trim(), ...days });
}

export const auditQueries: ResourceQueries = {
  GET_LIST: (params) => entriesWhere(params, params.filter),
  GET_MANY_REFERENCE: ({ id, target, ...params }) => entriesWhere(params, { [target]: id }),
};

function entriesWhere({ page }: ListParams, filters: AuditFilters) {
  return ask(AuditLogDocument, { where: auditWhere(filters), ...page }, ({ auditLog }) => listOf(auditLog));
}
