import { useListContext } from "react-admin";
import { BulkArchiveButton } from "../archives/bulk-archive-button.js";
import { PurgeButton } from "../archives/purge-button.js";
import { RestoreButton } from "../archives/restore-button.js";
import type { UserFilters } from "./no-users.js";
import type { UserRow } from "./user.queries.js";

/** What can be done with the accounts that are selected: the list has archived ones, or the others. */
export function UserBulkActions() {
  const list = useListContext<UserRow>();
  const { data = [], selectedIds, onUnselectItems } = list;
  const { archived } = list.filterValues as UserFilters;
  if (archived !== "true") return <BulkArchiveButton kind="user" />;
  const ids = selectedIds.map(String);
  const only = ids.length === 1 ? data.find(({ id }) => id === ids[0]) : undefined;
  const what = only?.username ?? `${ids.length} users`;
  const isPurging = data.some(({ id, purgingAt }) => purgingAt != null && ids.includes(id));
  return (
    <>
      {!isPurging && <RestoreButton kind="user" ids={ids} what={what} onDone={onUnselectItems} />}
      <PurgeButton
        kind="user"
        ids={ids}
        proof={only?.username ?? String(ids.length)}
        onDone={onUnselectItems}
      />
    </>
  );
}
