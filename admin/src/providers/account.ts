import type { AcceptInviteMutationVariables, ServiceQuery, SessionsQuery } from "../generated/graphql.js";
import {
  AcceptInviteDocument,
  ChangeEmailDocument,
  ChangePasswordDocument,
  ChangeUsernameDocument,
  ConfirmEmailDocument,
  DeleteAccountDocument,
  RevokeOtherSessionsDocument,
  RevokeSessionDocument,
  ServiceDocument,
  SessionsDocument,
} from "./account.documents.js";
import { enter, forgetViewer } from "./auth-provider.js";
import { change, fetchData } from "./calls.js";
import { ANONYMOUS } from "./graphql-client.js";

export type SessionRow = SessionsQuery["sessions"][number];

/** What is known before signing in: who may make an account, and what may be uploaded without one. */
export async function serviceTerms(): Promise<ServiceQuery["service"]> {
  return (await fetchData(ServiceDocument, {}, ANONYMOUS)).service;
}

export async function sessions(): Promise<SessionRow[]> {
  const { sessions: rows } = await fetchData(SessionsDocument, {});
  return rows;
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

export const deleteAccount = (password: string) => change(DeleteAccountDocument, { password });

export async function confirmEmail(token: string): Promise<void> {
  await change(ConfirmEmailDocument, { token }, ANONYMOUS);
  forgetViewer();
}

export async function acceptInvite(input: AcceptInviteMutationVariables): Promise<void> {
  const { acceptInvite: tokens } = await change(AcceptInviteDocument, input, ANONYMOUS);
  await enter(tokens);
}
