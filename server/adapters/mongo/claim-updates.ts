import type { NameConflict } from "../../files/place.js";
import { newId } from "../../kernel/ids.js";

/** Whoever claims a place takes it himself; a sweep does it after this time. */
const CLAIM_MS = 30_000;

/**
 * The value of a pipeline's `claim`.
 * @param place expressions
 */
export function claimValue(
  place: { name: unknown; folderId: unknown },
  onConflict: NameConflict,
  by: { byId?: unknown; byAdmin: boolean } = { byAdmin: false },
): Record<string, unknown> {
  return {
    ...{ ...place, onConflict: { $literal: onConflict } },
    ...{ byId: by.byId ?? "$ownerId", byAdmin: { $literal: by.byAdmin } },
    ...{ run: newId(), dueAt: { $add: ["$$NOW", CLAIM_MS] } },
  };
}
