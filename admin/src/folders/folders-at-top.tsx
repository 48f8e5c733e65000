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

/** The folders of the list or reference around it, as a list or a grid: as the user likes it. */
export function FoldersHere() {
  const { total, error, isPending } = useListContext();
  const [view] = useFilesView();
  if (error) return <ListFailure />;
  if (isPending || total === 0) return null;
  return (
    <Card component="section" aria-label="Folders here" sx={{ position: "relative" }}>
      {view === "grid" ? <FolderGrid /> : <FolderTable />}
      <CursorPagination onlyIfNeeded />
    </Card>
  );
}
