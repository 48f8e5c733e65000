import { Card } from "@mui/material";
import { ListBase, useListContext } from "react-admin";
import { CursorPagination } from "../display/cursor-pagination.js";
import { ListFailure, SHOWN_IN_PLACE } from "../display/list-states.js";
import { useFilesView } from "../files/view-toggle.js";
import { FolderGrid } from "./folder-grid.js";
import { FolderTable } from "./folder-table.js";

/** The viewer's folders that lie in no other; nothing when there are none. */
export function FoldersAtTop() {
  return (
    <ListBase
      resource="folders"
      disableSyncWithLocation
      storeKey={false}
      perPage={25}
      queryOptions={SHOWN_IN_PLACE}
    >
      <FoldersHere />
    </ListBase>
  );
}

/** Folders by name, wherever they lie: the viewer's, or everybody's for an administrator. */
export function FoldersFound({ search }: { search: string }) {
  return (
    <ListBase
      key={search}
      resource="folders"
      filter={{ search }}
      disableSyncWithLocation
      storeKey={false}
      perPage={10}
      queryOptions={SHOWN_IN_PLACE}
    >
      <FoldersHere label="Folders found" />
    </ListBase>
  );
}

/** The folders of the list or reference around it, as a list or a grid: as the user likes it. */
export function FoldersHere({ label = "Folders here" }: { label?: string }) {
  const { total, error, isPending } = useListContext();
  const [view] = useFilesView();
  if (error) return <ListFailure />;
  if (isPending || total === 0) return null;
  return (
    <Card component="section" aria-label={label} sx={{ position: "relative" }}>
      {view === "grid" ? <FolderGrid /> : <FolderTable />}
      <CursorPagination onlyIfNeeded />
    </Card>
  );
}
