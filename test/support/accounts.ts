import { randomBytes } from "node:crypto";
import type { GraphqlReply, HttpHarness } from "./http-harness.js";

const PAYLOAD =
  "accessToken refreshToken expiresAt user { id username email role bytesUsed fileCount archivedAt }";
export const REGISTER = `mutation ($input: RegisterInput!) { register(input: $input) { ${PAYLOAD} } }`;
export const LOGIN = `mutation ($input: LoginInput!) { login(input: $input) { ${PAYLOAD} } }`;
export const REFRESH = `mutation ($token: String!) { refreshSession(refreshToken: $token) { ${PAYLOAD} } }`;
export const ME = "{ me { id username } }";
export const PASSWORD = "correct horse";

export interface Signed {
  accessToken: string;
  refreshToken: string;
  expiresAt: string;
  user: { id: string; username: string; email: string; role: string };
}

/** A registration that nobody made before. */
export function somebody() {
  const username = `u${randomBytes(6).toString("hex")}`;
  const email = `${username}@example.com`;
  return { username, email, password: PASSWORD, acceptTerms: true, acceptPrivacy: true };
}

export async function registered(t: Pick<HttpHarness, "graphql">, input = somebody()): Promise<Signed> {
  const reply = await t.graphql(REGISTER, { input });
  if (reply.errors.length > 0) throw new Error(`Registering failed: ${JSON.stringify(reply.errors)}`);
  return reply.data?.["register"] as Signed;
}

/** The next pair; undefined when it is refused. */
export async function refreshed(t: Pick<HttpHarness, "graphql">, token: string): Promise<Signed | undefined> {
  const reply = await t.graphql(REFRESH, { token });
  if (reply.errors.length > 0 && codes(reply)[0] !== "UNAUTHENTICATED") {
    throw new Error(`Refreshing failed: ${JSON.stringify(reply.errors)}`);
  }
  return (reply.data?.["refreshSession"] ?? undefined) as Signed | undefined;
}

export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

export function codes(reply: GraphqlReply): unknown[] {
  return reply.errors.map((error) => error.extensions["code"]);
}
