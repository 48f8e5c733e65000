import { graphql } from "../generated/gql.js";
import { fetchData } from "../providers/calls.js";

const AuditActionsDocument = graphql(`
  query AuditActions {
    auditActions
  }
`);

/** The actions that occur, for choosing one. */
export async function auditActions(): Promise<string[]> {
  return (await fetchData(AuditActionsDocument, {})).auditActions;
}
