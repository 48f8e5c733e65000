import type { FastifyRequest } from "fastify";
import type { Authenticator } from "../auth/authenticator.js";
import type { LinkTarget, LinkUse } from "../auth/auth.ports.js";
import type { Viewer } from "../kernel/context.js";
import { bearerOf } from "./request-context.js";

export type Query = Record<string, string | string[] | undefined>;

/**
 * Who asks for bytes: by the link's own token, or by the header when there is one.
 * @param targets what a link must have been signed for
 * @returns also the use that the link was signed for, if it is one
 * @throws AppError UNAUTHENTICATED for a token that is bad, expired, revoked or for something else
 */
export async function admit(
  request: FastifyRequest<{ Querystring: Query }>,
  authenticator: Authenticator,
  targets: readonly LinkTarget[],
): Promise<{ viewer: Viewer; use?: LinkUse }> {
  const { token } = request.query;
  const { authorization } = request.headers;
  if (authorization === undefined && typeof token === "string") {
    return authenticator.viewerOfLink(token, targets);
  }
  return { viewer: await authenticator.viewerOf(bearerOf(authorization)) };
}
