import FolderIcon from "@mui/icons-material/FolderOutlined";
import { List, TopToolbar } from "react-admin";
import { CursorPagination } from "../display/cursor-pagination.js";
import { EmptyState, ListFailure, SHOWN_IN_PLACE } from "../display/list-states.js";
import { CreateFolderButton } from "./create-folder-button.js";
import { FolderTable } from "./folder-table.js";

export function FolderList() {
  return (
    <List
      title="Folders"
      actions={
        <TopToolbar>
          <CreateFolderButton />
        </TopToolbar>
      }
      perPage={25}
      pagination={<CursorPagination />}
      empty={
        <EmptyState
          icon={<FolderIcon />}
          title="No folders yet"
          text="Make one, or drop a whole folder anywhere on this page."
        >
          <CreateFolderButton />
        </EmptyState>
      }
      error={<ListFailure />}
      queryOptions={SHOWN_IN_PLACE}
    >
      <FolderTable />
    </List>
  );
}
