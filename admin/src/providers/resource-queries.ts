import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import type { BuildQueryResult } from "ra-data-graphql";
import type { CreateParams, GetManyReferenceParams, GetOneParams, SortPayload } from "react-admin";

/** A page as the API wants it. `data-provider.ts` turns page numbers into these. */
export interface Page {
  first: number;
  after?: string;
}

export interface ListParams {
  filter: Record<string, unknown>;
  sort?: SortPayload;
  page: Page;
}

/** What a resource answers to react-admin; each resource folder exports one of these. */
export interface ResourceQueries {
  GET_ONE?: (params: GetOneParams) => BuildQueryResult;
  GET_LIST?: (params: ListParams) => BuildQueryResult;
  GET_MANY_REFERENCE?: (
    params: ListParams & Pick<GetManyReferenceParams, "id" | "target">,
  ) => BuildQueryResult;
  CREATE?: (params: CreateParams) => BuildQueryResult;
}

interface Connection<Node> {
  nodes: readonly Node[];
  totalCount: number;
  pageInfo: { hasNextPage: boolean; endCursor?: string | null };
}

/** One GraphQL operation with its variables, and how to read what react-admin wants out of its answer. */
export function ask<Data, Variables extends Record<string, unknown>>(
  query: TypedDocumentNode<Data, Variables>,
  variables: NoInfer<Variables>,
  read: (data: Data) => unknown,
): BuildQueryResult {
  return { query, variables, parseResponse: ({ data }) => read(data as Data) };
}

export function listOf<Node>({ nodes, totalCount, pageInfo }: Connection<Node>) {
  const { endCursor, hasNextPage } = pageInfo;
  return {
    data: [...nodes],
    total: totalCount,
    pageInfo: { hasNextPage },
    meta: { endCursor: endCursor ?? undefined },
  };
}

/** Leaves out what was not filled in: the API tells "absent" from "empty". */
export function definedOnly<T extends Record<string, unknown>>(values: T): Partial<T> {
  const given = Object.entries(values).filter(
    ([, value]) => value !== undefined && value !== null && value !== "",
  );
  return Object.fromEntries(given) as Partial<T>;
}
