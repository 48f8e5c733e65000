import type { ArchiveStamp, PurgeRequest } from "../../archives/archive.js";
import type { MarkedThing } from "../../archives/archives.ports.js";
import type { ArchivableDocument } from "./archivable-document.js";

/** Whoever marks something opens its purge himself; a sweep does it after this time. */
const OPEN_PATIENCE_MS = 30_000;

/** The values of a `$set` stage that archives. */
export function archived({ byId, byAdmin, reason }: ArchiveStamp, unit?: string): Record<string, unknown> {
  const text = (value: string | undefined) => (value === undefined ? "$$REMOVE" : { $literal: value });
  return {
    archivedAt: "$$NOW",
    archivedById: text(byId),
    archivedByAdmin: byAdmin ? true : "$$REMOVE",
    archivedReason: text(reason),
    archivedWith: text(unit),
  };
}

/** The values of a `$set` stage that an administrator takes an archived thing over with. */
export function takenOver(stamp: ArchiveStamp): Record<string, unknown> {
  const { archivedById, archivedByAdmin, archivedReason } = archived(stamp);
  return { archivedById, archivedByAdmin, archivedReason };
}

export const RESTORED = [
  "archivedAt",
  "archivedById",
  "archivedByAdmin",
  "archivedReason",
  "archivedWith",
] as const;

/** The values of a `$set` stage that marks as being purged. */
export function purging({ byId, handOverTo }: PurgeRequest, parentId?: string): Record<string, unknown> {
  const text = (value: string | undefined) => (value === undefined ? "$$REMOVE" : { $literal: value });
  return {
    purgingAt: "$$NOW",
    purgeById: text(byId),
    purgeParentId: text(parentId),
    handOverTo: text(handOverTo),
    openPurgeBy: { $add: ["$$NOW", OPEN_PATIENCE_MS] },
  };
}

/** What `purging` may mark: what is archived, or what lasted until now. */
export function mayPurge({ isOver }: PurgeRequest): object {
  return isOver ? IS_OVER : MAY_PURGE;
}

export const IS_OVER = {
  expiresAt: { $exists: true },
  purgingAt: { $exists: false },
  $expr: { $lte: ["$expiresAt", "$$NOW"] },
} as const;
export const IS_LIVE = { archivedAt: { $exists: false }, purgingAt: { $exists: false } } as const;
export const MAY_PURGE = { archivedAt: { $exists: true }, purgingAt: { $exists: false } } as const;
export const IS_DUE = {
  openPurgeBy: { $exists: true },
  $expr: { $lte: ["$openPurgeBy", "$$NOW"] },
} as const;

/** An expression: by the database's clock, since what a worker with a wrong one purged would be gone for good. */
export function isOlderThan(days: number, time: string): object {
  return { $lte: [time, { $subtract: ["$$NOW", days * 86_400_000] }] };
}

export function toMarkedThing(
  document: ArchivableDocument & { _id: string },
  facts: { name: string; ownerId: string },
): MarkedThing {
  return {
    id: document._id,
    ...facts,
    purgeById: document.purgeById,
    parentId: document.purgeParentId,
    handOverTo: document.handOverTo,
  };
}
