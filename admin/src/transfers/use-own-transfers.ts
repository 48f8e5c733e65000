import { useGetIdentity, useGetList, useStore } from "react-admin";
import { useState } from "react";
import type { TransferState } from "../generated/graphql.js";
import type { TransferListRow } from "./transfer.queries.js";

const SHOWN = 20;
const MOST_DISMISSED = 500;
const ACTIVE: readonly TransferState[] = ["RUNNING", "WAITING", "PAUSED", "VERIFYING"];
/** Thousands may wait behind those: a list of all together would not reach down to what is being sent. */
const OTHERS: readonly TransferState[] = ["QUEUED", "FAILED"];

/**
 * The viewer's transfers that are not at their end, or came to it while one looked. Those that were put away stay away,
 * in the next session too.
 */
export function useOwnTransfers() {
  const { identity } = useGetIdentity();
  const [dismissed, setDismissed] = useStore<string[]>("transfers.dismissed", []);
  const active = useOwn(ACTIVE, identity?.id);
  const others = useOwn(OTHERS, identity?.id);
  const seen = useSeen([...active.rows, ...others.rows]);
  const rows = seen.filter(({ id }) => !dismissed.includes(id));
  return {
    rows,
    /** How many more there are than these. */
    more: active.more + others.more,
    dismiss: () => setDismissed([...dismissed, ...rows.map(({ id }) => id)].slice(-MOST_DISMISSED)),
  };
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

/** Every row that was ever in `rows`, as it was last; those that are not any more go last. */
function useSeen(rows: readonly TransferListRow[]): readonly TransferListRow[] {
  const [seen, setSeen] = useState(rows);
  const [last, setLast] = useState(rows);
  if (same(rows, last)) return seen;
  const now = new Set(rows.map(({ id }) => id));
  const next = [...rows, ...seen.filter(({ id }) => !now.has(id))];
  setLast(rows);
  setSeen(next);
  return next;
}

function same(one: readonly TransferListRow[], other: readonly TransferListRow[]): boolean {
  return one.length === other.length && one.every((row, i) => row === other[i]);
}
