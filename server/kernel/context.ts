import type { AppError } from "./errors.js";
import type { TransferProgress } from "./progress.js";

/** Each role includes the ones before it. */
export const ROLES = ["FREE", "PREMIUM", "ADMIN"] as const;
export type Role = (typeof ROLES)[number];

/** A signed-in account, as every service sees it. */
export interface SignedInViewer {
  kind: "user";
  userId: string;
  sessionId: string;
  role: Role;
  /** Where the request came from, as far as it is trusted. */
  address?: string;
}

/** Who asks. Services take it explicitly and authorize first. */
export type Viewer = AnonymousViewer | SignedInViewer;

/** Nobody in particular. */
export interface AnonymousViewer {
  kind: "anonymous";
  address?: string;
  /** What is wrong with the token that was sent: some of what is open to everybody is not open to a bad token. */
  refusal?: AppError;
}

export const ANONYMOUS: AnonymousViewer = { kind: "anonymous" };

export function hasRole(viewer: Viewer, required: Role): viewer is SignedInViewer {
  return viewer.kind === "user" && ROLES.indexOf(viewer.role) >= ROLES.indexOf(required);
}

export function isAdmin(viewer: Viewer): boolean {
  return hasRole(viewer, "ADMIN");
}

/** Owner or administrator: the two who may see and change a thing. */
export function ownsOrAdministers(viewer: Viewer, ownerId: string | undefined): boolean {
  return isAdmin(viewer) || (viewer.kind === "user" && viewer.userId === ownerId);
}

/** What every resolver receives: who asks, and the request's id for errors and logs. */
export interface RequestContext {
  viewer: Viewer;
  requestId: string;
  /** The client's address as far as it is trusted. */
  address: string;
  userAgent: string | undefined;
  /** How long the request's body says it is. */
  bodyBytes?: number;
  /** Aborts when the client went away before its answer. */
  signal: AbortSignal;
  /** Given by the composition root through `HttpDeps.watch`. */
  watch: TransferWatch;
}

/**
 * Streams progress. It travels in the context because a TypeGraphQL `subscribe` function has no resolver instance.
 * @param what one file, all of the viewer's, or (administrators) everybody's
 */
export type TransferWatch = (
  viewer: Viewer,
  what: { fileId: string } | "mine" | "everybody",
  signal: AbortSignal,
) => AsyncGenerator<TransferProgress>;
