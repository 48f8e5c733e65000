import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { readableError } from "./errors.js";
import { client } from "./graphql-client.js";

/** Asks one thing that is no react-admin record. Failures are HttpErrors that say what happened. */
export async function fetchData<Data, Variables extends Record<string, unknown>>(
  query: TypedDocumentNode<Data, Variables>,
  variables: NoInfer<Variables>,
  context = {},
): Promise<Data> {
  const { data } = await client.query<Data>({ query, variables, context }).catch(rethrow);
  return data;
}

/** Changes one thing. Failures are HttpErrors that say what happened, and at which field. */
export async function change<Data, Variables extends Record<string, unknown>>(
  mutation: TypedDocumentNode<Data, Variables>,
  variables: NoInfer<Variables>,
  context = {},
): Promise<Data> {
  const { data } = await client.mutate<Data>({ mutation, variables, context }).catch(rethrow);
  if (!data) throw new TypeError("The server answered without data.");
  return data;
}

function rethrow(error: unknown): never {
  throw readableError(error);
}
