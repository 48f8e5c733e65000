import type { AuthProvider } from "react-admin";
import { HttpError } from "react-admin";
import type { MeQuery, RegisterInput } from "../generated/graphql.js";
import { rememberOnlyFor } from "../uploads/unfinished.js";
import { readableError } from "./errors.js";
import { ANONYMOUS, client, closeSocket, session, tokenStorage } from "./graphql-client.js";
import {
  LoginDocument,
  LogoutDocument,
  MeDocument,
  RegisterDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
} from "./session.documents.js";
import type { Tokens } from "./session.js";

export type Viewer = MeQuery["me"];

let viewer: Promise<Viewer> | undefined;

export const authProvider: AuthProvider = {
  async login({ login, password, stays }: { login: string; password: string; stays: boolean }) {
    const variables = { input: { login, password } };
    const { data } = await client
      .mutate({ mutation: LoginDocument, variables, context: ANONYMOUS })
      .catch(rethrow);
    if (data) {
      tokenStorage.choose(stays);
      await enter(data.login);
    }
  },

  async logout() {
    // Signing out must work when the server is down: its session then ends by itself.
    if (session.isOpen) await client.mutate({ mutation: LogoutDocument }).catch(() => undefined);
    session.end();
    closeSocket();
    viewer = undefined;
  },

  checkAuth() {
    return session.isOpen ? Promise.resolve() : Promise.reject(new Error("Sign in to continue."));
  },

  checkError(error: unknown) {
    const ended = error instanceof HttpError && error.status === 401;
    return ended ? Promise.reject(error) : Promise.resolve();
  },

  async getIdentity() {
    const { id, username, email, role } = await me();
    return { id, fullName: username, email, role };
  },

  async getPermissions() {
    return session.isOpen ? (await me()).role : undefined;
  },
};

export async function register(input: RegisterInput): Promise<void> {
  const { data } = await client
    .mutate({ mutation: RegisterDocument, variables: { input }, context: ANONYMOUS })
    .catch(rethrow);
  if (data) await enter(data.register);
}

/** Goes on as whoever these tokens are of. */
export async function enter(tokens: Tokens): Promise<void> {
  session.start(tokens);
  viewer = undefined;
  // Who it is has to be known before anything of this tab is shown. Where it fails, the pages ask again.
  await me().catch(() => undefined);
}

export async function requestPasswordReset(email: string): Promise<void> {
  await client
    .mutate({ mutation: RequestPasswordResetDocument, variables: { email }, context: ANONYMOUS })
    .catch(rethrow);
}

export async function resetPassword(token: string, password: string): Promise<void> {
  await client
    .mutate({ mutation: ResetPasswordDocument, variables: { token, password }, context: ANONYMOUS })
    .catch(rethrow);
}

/** What is known of the viewer has changed: the next who asks learns it from the server. */
export function forgetViewer(): void {
  viewer = undefined;
}

async function me(): Promise<Viewer> {
  viewer ??= client.query({ query: MeDocument }).then(({ data }) => {
    rememberOnlyFor(data.me.id);
    return data.me;
  }, rethrow);
  // A failure is not kept: the next caller asks again.
  return viewer.catch((error: unknown) => {
    viewer = undefined;
    throw error;
  });
}

function rethrow(error: unknown): never {
  throw readableError(error);
}
