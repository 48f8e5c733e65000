import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import type { AcceptInviteMutationVariables, Registration, SessionsQuery } from "../generated/graphql.js";
import {
  AcceptInviteDocument,
  ChangeEmailDocument,
  ChangePasswordDocument,
  ChangeUsernameDocument,
  ConfirmEmailDocument,
  RevokeOtherSessionsDocument,
  RevokeSessionDocument,
  ServiceDocument,
  SessionsDocument,
} from "./account.documents.js";
import { forgetViewer } from "./auth-provider.js";
import { readableError } from "./errors.js";
import { ANONYMOUS, client, session } from "./graphql-client.js";

export type SessionRow = SessionsQuery["sessions"][number];

export async function registrationMode(): Promise<Registration> {
  const { data } = await client.query({ query: ServiceDocument, context: ANONYMOUS }).catch(rethrow);
  return data.service.registration;
}

export async function sessions(): Promise<SessionRow[]> {
  const { data } = await client.query({ query: SessionsDocument }).catch(rethrow);
  return data.sessions;
}

export const revokeSession = (id: string) => change(RevokeSessionDocument, { id });

export const revokeOtherSessions = () => change(RevokeOtherSessionsDocument, {});

export const changePassword = (current: string, next: string) =>
  change(ChangePasswordDocument, { current, new: next });

export const changeEmail = (password: string, email: string) =>
  change(ChangeEmailDocument, { password, email });

export async function changeUsername(username: string): Promise<void> {
  await change(ChangeUsernameDocument, { username });
  forgetViewer();
}

export async function confirmEmail(token: string): Promise<void> {
  await change(ConfirmEmailDocument, { token }, ANONYMOUS);
  forgetViewer();
}

export async function acceptInvite(input: AcceptInviteMutationVariables): Promise<void> {
  const { acceptInvite: tokens } = await change(AcceptInviteDocument, input, ANONYMOUS);
  session.start(tokens);
  forgetViewer();
}

async function change<Data, Variables extends Record<string, unknown>>(
  mutation: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  context = {},
): Promise<Data> {
  const { data } = await client.mutate<Data>({ mutation, variables, context }).catch(rethrow);
  if (!data) throw new TypeError("The server answered without data.");
  return data;
}

function rethrow(error: unknown): never {
  throw readableError(error);
}
