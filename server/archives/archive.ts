import type { ArchiveMark } from "../kernel/archived.js";
import { isAdmin } from "../kernel/context.js";
import type { Viewer } from "../kernel/context.js";
import { conflict, forbidden, notFound } from "../kernel/errors.js";

/** What being archived writes onto a thing. */
export interface ArchiveStamp {
  /** Undefined for a rule, such as the retention time. */
  byId: string | undefined;
  byAdmin: boolean;
  reason: string | undefined;
}

/** What asks for a purge writes onto a thing. */
export interface PurgeRequest {
  byId: string | undefined;
  /** A user's purge: who gets the files instead. */
  handOverTo?: string;
  /** It need not be archived: its time is over. Nothing is marked when it is not. */
  isOver?: true;
}

const MAX_REASON = 500;
const MAX_AT_ONCE = 1_000;

export function stampOf(viewer: Viewer, ownerId: string, reason?: string): ArchiveStamp {
  const byId = viewer.kind === "user" ? viewer.userId : undefined;
  return { byId, byAdmin: isAdmin(viewer) && byId !== ownerId, reason: reasonOf(reason) };
}

/** A reason as it is kept. */
export function reasonOf(reason: string | undefined): string | undefined {
  return reason?.trim().slice(0, MAX_REASON);
}

/** @throws AppError FORBIDDEN when an administrator archived it and the viewer is none */
export function assertMayRestore(viewer: Viewer, thing: ArchiveMark): void {
  if (!thing.archivedByAdmin || isAdmin(viewer)) return;
  const why = thing.archivedReason === undefined ? "" : ` The reason given: ${thing.archivedReason}`;
  throw forbidden(`An administrator archived this: only an administrator can restore or purge it.${why}`);
}

/** @throws AppError CONFLICT when it is not archived; FORBIDDEN as for restoring */
export function assertMayPurge(viewer: Viewer, thing: ArchiveMark & { name: string }): void {
  if (thing.archivedAt === undefined) {
    throw conflict(`“${thing.name}” is not archived. Archive it first: only what is archived can be purged.`);
  }
  assertMayRestore(viewer, thing);
}

/**
 * Finds all things of a list or none.
 * @throws AppError NOT_FOUND for the first that is missing or may not be seen; CONFLICT for a list that is too long
 */
export function allOf<T extends { id: string }>(
  ids: readonly string[],
  found: readonly T[],
  maySee: (thing: T) => boolean,
  kind: string,
): T[] {
  const byId = new Map(found.filter(maySee).map((thing) => [thing.id, thing]));
  return [...new Set(ids)].map((id) => {
    const thing = byId.get(id);
    if (thing === undefined) throw notFound(kind);
    return thing;
  });
}

/** @throws AppError CONFLICT for a list that is too long */
export function assertFewEnough(ids: readonly string[]): void {
  if (ids.length <= MAX_AT_ONCE) return;
  throw conflict(`At most ${MAX_AT_ONCE} at once. For more, use the mutation for all that match a filter.`);
}
