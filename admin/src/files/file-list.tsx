import InsertDriveFileIcon from "@mui/icons-material/InsertDriveFileOutlined";
import {
  AutocompleteInput,
  DateInput,
  List,
  ReferenceInput,
  SearchInput,
  SelectArrayInput,
  SelectInput,
  TopToolbar,
} from "react-admin";
import { CursorPagination } from "../display/cursor-pagination.js";
import { EmptyState, ListFailure, SHOWN_IN_PLACE } from "../display/list-states.js";
import { choicesOf, FILE_STATES } from "../display/tones.js";
import { useIsAdmin } from "../layout/use-is-admin.js";
import { UploadButton } from "../uploads/upload-button.js";
import { FileTable } from "./file-table.js";

const filters = [
  <SearchInput key="search" source="search" alwaysOn placeholder="Search names" aria-label="Search names" />,
  <SelectArrayInput key="state" source="state" label="State" alwaysOn choices={choicesOf(FILE_STATES)} />,
];

const ARCHIVED = [
  { id: "true", name: "Archived" },
  { id: "both", name: "Both" },
];

const administratorsFilters = [
  ...filters,
  <ReferenceInput key="ownerId" source="ownerId" reference="users" alwaysOn>
    <AutocompleteInput
      label="Owner"
      optionText="username"
      filterToQuery={(search: string) => ({ search })}
      sx={{ minWidth: 160 }}
    />
  </ReferenceInput>,
  <SelectInput
    key="archived"
    source="archived"
    label="Shown"
    alwaysOn
    choices={ARCHIVED}
    emptyText="Not archived"
  />,
  <DateInput key="from" source="from" label="From" alwaysOn />,
  <DateInput key="until" source="until" label="Until" alwaysOn />,
];

export function FileList() {
  const isAdmin = useIsAdmin();
  return (
    <List
      title="Files"
      filters={isAdmin ? administratorsFilters : filters}
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
