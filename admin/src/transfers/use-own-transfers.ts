import { useGetIdentity, useGetList, useStore } from "react-admin";
import { useState } from "react";
import type { TransferState } from "../generated/graphql.js";
import type { TransferListRow } from "./transfer.queries.js";

const SHOWN = 20;
const MOST_DISMISSED = 500;
const OPEN: readonly TransferState[] = ["QUEUED", "RUNNING", "WAITING", "PAUSED", "VERIFYING", "FAILED"];

/**
 * The viewer's transfers that are not at their end, or came to it while one looked. Those that were put away stay away,
 * in the next session too.
 */
export function useOwnTransfers() {
  const { identity } = useGetIdentity();
  const [dismissed, setDismissed] = useStore<string[]>("transfers.dismissed", []);
  const { data = [], total = 0 } = useGetList<TransferListRow>(
    "transfers",
    { filter: { state: OPEN, ownerId: identity?.id }, pagination: { page: 1, perPage: SHOWN } },
    // Failures are the connection banner's concern.
    { enabled: identity !== undefined, onError: () => undefined },
  );
  const seen = useSeen(data);
  const rows = seen.filter(({ id }) => !dismissed.includes(id));
  return {
    rows,
    /** How many more there are than these. */
    more: Math.max(0, total - data.length),
    dismiss: () => setDismissed([...dismissed, ...rows.map(({ id }) => id)].slice(-MOST_DISMISSED)),
  };
}

/** Every row that was ever in `rows`, as it was last; new ones go first. */
function useSeen(rows: readonly TransferListRow[]): readonly TransferListRow[] {
  const [seen, setSeen] = useState(rows);
  const [last, setLast] = useState(rows);
  if (rows === last || same(rows, last)) return seen;
  const now = new Map(rows.map((row) => [row.id, row]));
  const kept = seen.map((row) => now.get(row.id) ?? row);
  const known = new Set(seen.map(({ id }) => id));
  const next = [...rows.filter(({ id }) => !known.has(id)), ...kept];
  setLast(rows);
  setSeen(next);
  return next;
}

function same(one: readonly TransferListRow[], other: readonly TransferListRow[]): boolean {
  return one.length === other.length && one.every((row, i) => row === other[i]);
}
