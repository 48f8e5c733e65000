import ArrowBackIcon from "@mui/icons-material/ArrowBack";
import { Button, Card, Stack } from "@mui/material";
import {
  DateInput,
  FilterButton,
  List,
  SelectArrayInput,
  SelectInput,
  TopToolbar,
  useGetIdentity,
  useListContext,
} from "react-admin";
import { CursorPagination } from "../display/cursor-pagination.js";
import { accountFilter, searchFilter, useFilters } from "../display/filters.js";
import { ListFailure, SHOWN_IN_PLACE } from "../display/list-states.js";
import { choicesOf, FILE_STATES } from "../display/tones.js";
import { CreateFolderButton } from "../folders/create-folder-button.js";
import { FoldersAtTop, FoldersFound } from "../folders/folders-at-top.js";
import { useIsAdmin } from "../layout/use-is-admin.js";
import { MatchButtons } from "../runs/match-buttons.js";
import { roleChoices } from "../users/roles.js";
import { UploadButton } from "../uploads/upload-button.js";
import { FileView } from "./file-view.js";
import { folderSearch, isSearch } from "./no-files.js";
import type { FileFilters } from "./no-files.js";
import { ViewToggle } from "./view-toggle.js";

const filters = [
  <SelectInput
    key="scope"
    source="scope"
    label="Where"
    alwaysOn
    choices={[{ id: "all", name: "All files" }]}
    emptyText="By folder"
  />,
  <SelectArrayInput key="state" source="state" label="State" alwaysOn choices={choicesOf(FILE_STATES)} />,
];

const ARCHIVED = [
  { id: "true", name: "Archived" },
  { id: "both", name: "Both" },
];

const ACCOUNTS = [
  ...roleChoices,
  { id: "ACCOUNT", name: "Any account" },
  { id: "NOBODY", name: "No account" },
];

const administratorsFilters = [
  searchFilter("Name, owner, folder, id or link"),
  ...filters,
  accountFilter("ownerId", "Owner"),
  <SelectInput
    key="archived"
    source="archived"
    label="Archived or not"
    alwaysOn
    choices={ARCHIVED}
    emptyText="Not archived"
    sx={{ minWidth: 180 }}
  />,
  <SelectInput
    key="account"
    source="account"
    label="Owner's role"
    alwaysOn
    choices={ACCOUNTS}
    emptyText="Any or none"
  />,
  <DateInput key="from" source="from" label="From" alwaysOn />,
  <DateInput key="until" source="until" label="Until" alwaysOn />,
];

const ownFilters = [searchFilter("Search all names"), ...filters];

function useShownFilters() {
  return useFilters(useIsAdmin() ? administratorsFilters : ownFilters, 2);
}

/** The top of the viewer's folders; with a filter, files wherever they lie. */
export function FileList() {
  const { identity } = useGetIdentity();
  const { filters: shown } = useShownFilters();
  // What an administrator sees at the top is his own, as for everybody; so it has to be known who looks.
  if (!identity) return null;
  return (
    <List
      title="Files"
      filters={shown}
      filter={{ viewerId: identity.id }}
      actions={<FileListActions />}
      sort={{ field: "createdAt", order: "DESC" }}
      perPage={25}
      pagination={<CursorPagination />}
      empty={false}
      component="div"
      error={<ListFailure />}
      queryOptions={SHOWN_IN_PLACE}
    >
      <TopOrSearch />
    </List>
  );
}

function TopOrSearch() {
  const filter = useListContext().filterValues as FileFilters;
  const searching = isSearch(filter);
  const folders = folderSearch(filter);
  return (
    <Stack sx={{ gap: 2 }}>
      {searching ? <SearchActions /> : <TopActions />}
      {!searching && <FoldersAtTop />}
      {folders !== undefined && <FoldersFound search={folders} />}
      <Card component="section" aria-label="Files here">
        <FileView withFolder={searching} />
      </Card>
    </Stack>
  );
}

function TopActions() {
  return (
    <Stack direction="row" sx={{ gap: 1, justifyContent: "space-between", alignItems: "center" }}>
      <CreateFolderButton />
      <Looks />
    </Stack>
  );
}

/** How the list looks, and on a phone the filters that do not stand above it. */
function Looks() {
  const { filters: all, isFolded } = useShownFilters();
  return (
    <Stack direction="row" sx={{ gap: 1, alignItems: "center" }}>
      {isFolded && <FilterButton filters={all} />}
      <ViewToggle />
    </Stack>
  );
}

function SearchActions() {
  const { setFilters } = useListContext();
  const isAdmin = useIsAdmin();
  return (
    <Stack
      direction="row"
      sx={{ gap: 1, justifyContent: "space-between", alignItems: "center", flexWrap: "wrap" }}
    >
      <Button size="small" startIcon={<ArrowBackIcon />} onClick={() => setFilters({}, [])}>
        Back to the folders
      </Button>
      <Stack direction="row" sx={{ gap: 1, alignItems: "center", flexWrap: "wrap" }}>
        {isAdmin && <MatchButtons />}
        <Looks />
      </Stack>
    </Stack>
  );
}

function FileListActions() {
  return (
    <TopToolbar>
      <UploadButton withFolder />
    </TopToolbar>
  );
}
