import InsertDriveFileIcon from "@mui/icons-material/InsertDriveFileOutlined";
import { List, SearchInput, SelectArrayInput, TopToolbar } from "react-admin";
import { CursorPagination } from "../display/cursor-pagination.js";
import { EmptyState, ListFailure, SHOWN_IN_PLACE } from "../display/list-states.js";
import { choicesOf, FILE_STATES } from "../display/tones.js";
import { UploadButton } from "../uploads/upload-button.js";
import { FileTable } from "./file-table.js";

const filters = [
  <SearchInput key="search" source="search" alwaysOn placeholder="Search names" aria-label="Search names" />,
  <SelectArrayInput key="state" source="state" label="State" alwaysOn choices={choicesOf(FILE_STATES)} />,
];

export function FileList() {
  return (
    <List
      title="Files"
      filters={filters}
      actions={<FileListActions />}
      sort={{ field: "createdAt", order: "DESC" }}
      perPage={25}
      pagination={<CursorPagination />}
      empty={<NoFiles />}
      error={<ListFailure />}
      queryOptions={SHOWN_IN_PLACE}
    >
      <FileTable />
    </List>
  );
}

function FileListActions() {
  return (
    <TopToolbar>
      <UploadButton withFolder />
    </TopToolbar>
  );
}

function NoFiles() {
  return (
    <EmptyState
      icon={<InsertDriveFileIcon />}
      title="No files yet"
      text="Drop files or whole folders anywhere on this page, or choose them."
    >
      <UploadButton withFolder />
    </EmptyState>
  );
}
