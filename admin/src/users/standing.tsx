import { StateChip } from "../display/state-chip.js";
import type { UserRow } from "./user.queries.js";

/** Says of an account that it is archived, or being removed for good. */
export function Standing({ user: { archivedAt, purgingAt } }: { user: UserRow }) {
  if (archivedAt == null) return null;
  return purgingAt == null ? (
    <StateChip label="Archived" tone="orange" />
  ) : (
    <StateChip label="Being purged" tone="red" />
  );
}
