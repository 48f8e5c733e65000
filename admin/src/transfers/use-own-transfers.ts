import { useGetIdentity, useGetList, useStore } from "react-admin";
import { useState } from "react";
import type { TransferState } from "../generated/graphql.js";
import type { TransferListRow } from "./transfer.queries.js";

/** Of each kind. */
const SHOWN = 12;
const ACTIVE: readonly TransferState[] = ["RUNNING", "WAITING", "PAUSED", "VERIFYING"];
/** Thousands may wait behind those: a list of all together would not reach down to what is being sent. */
const QUEUED: readonly TransferState[] = ["QUEUED"];
const FAILED: readonly TransferState[] = ["FAILED"];

/**
 * The viewer's transfers that are not at their end, or came to it while one looked. Those that were put away stay away,
 * in the next session too, and so do all that were made before them: closed over a thousand, the panel is not to come back
 * with the next dozen.
 */
export function useOwnTransfers() {
  const { identity } = useGetIdentity();
  const [dismissedUntil, setDismissedUntil] = useStore("transfers.dismissedUntil", "");
  const active = useOwn(ACTIVE, identity?.id);
  const queued = useOwn(QUEUED, identity?.id);
  const failed = useOwn(FAILED, identity?.id);
  const seen = useSeen([...active.rows, ...failed.rows, ...queued.rows]);
  const rows = seen.filter(({ createdAt }) => createdAt > dismissedUntil);
  return {
    rows,
    /** How many more there are than these. */
    more: { moving: active.more + queued.more, failed: failed.more },
    dismiss: () => setDismissedUntil(seen.reduce(newest, dismissedUntil)),
  };
}

function newest(until: string, { createdAt }: TransferListRow): string {
  return createdAt > until ? createdAt : until;
}

/** In the order in which they go. */
function useOwn(states: readonly TransferState[], ownerId: unknown) {
  const { data = [], total = 0 } = useGetList<TransferListRow>(
    "transfers",
    { filter: { state: states, ownerId }, pagination: { page: 1, perPage: SHOWN } },
    // Failures are the connection banner's concern.
    { enabled: ownerId !== undefined, onError: () => undefined },
  );
  return { rows: data.toReversed(), more: Math.max(0, total - data.length) };
}

/** The rows and, after them, the latest of those that were among them before, as they were last. */
function useSeen(rows: readonly TransferListRow[]): readonly TransferListRow[] {
  const [seen, setSeen] = useState(rows);
  const [last, setLast] = useState(rows);
  if (same(rows, last)) return seen;
  const now = new Set(rows.map(({ id }) => id));
  const next = [...rows, ...seen.filter(({ id }) => !now.has(id)).slice(0, SHOWN)];
  setLast(rows);
  setSeen(next);
  return next;
}

function same(one: readonly TransferListRow[], other: readonly TransferListRow[]): boolean {
  return one.length === other.length && one.every((row, i) => row === other[i]);
}
