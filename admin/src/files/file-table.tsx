import { Box, Stack, Typography } from "@mui/material";
import { DataTable, useListContext } from "react-admin";
import { formatBytes } from "../display/format.js";
import { ResourceLink } from "../display/resource-link.js";
import { Selectable } from "../display/selectable.js";
import { SelectBox, SelectionBar } from "../display/selection.js";
import { useRoom } from "../display/use-room.js";
import { Size, When } from "../display/values.js";
import { useIsAdmin } from "../layout/use-is-admin.js";
import { FileActions } from "./file-actions.js";
import { FileBulkActions } from "./file-bulk-actions.js";
import type { FileRow } from "./file.queries.js";
import { FileStateView, LiveFileState } from "./live-file-state.js";
import { OwnerLabel } from "./owner-label.js";
import { Thumbnail } from "./preview/thumbnail.js";

interface FileTableProps {
  /** Not wanted inside the folder that all of them are in. */
  withFolder?: boolean;
  /** Not wanted where all of them are one user's. */
  withOwner?: boolean;
}

/** What a table needs, and what it needs with more and more columns. */
const ROOM = { table: 760, size: 960, created: 1000, owner: 1160, folder: 1280 };

/** Files of the list or reference around it: a table, or cards where a table does not fit. */
export function FileTable({ withFolder = true, withOwner = true }: FileTableProps) {
  const fits = useRoom(ROOM.table);
  return fits ? <WideFileTable {...{ withFolder, withOwner }} /> : <FileCards />;
}

function WideFileTable({ withFolder, withOwner }: Required<FileTableProps>) {
  const isAdmin = useIsAdmin();
  const shown = {
    size: useRoom(ROOM.size),
    created: useRoom(ROOM.created),
    owner: useRoom(ROOM.owner) && isAdmin && withOwner,
    folder: useRoom(ROOM.folder) && withFolder,
  };
  return (
    <Selectable>
      <DataTable<FileRow> bulkActionButtons={<FileBulkActions />} rowClick={false}>
        <DataTable.Col<FileRow>
          source="name"
          sx={{ minWidth: 180 }}
          render={(file) => <FileName file={file} />}
        />
        {shown.size && (
          <DataTable.Col<FileRow> source="size" align="right" render={({ size }) => <Size bytes={size} />} />
        )}
        <DataTable.Col source="state" field={LiveFileState} sx={{ minWidth: 150, width: "26%" }} />
        {shown.folder && (
          <DataTable.Col<FileRow>
            source="folder.name"
            label="Folder"
            disableSort
            sx={{ minWidth: 110 }}
            render={({ folder }) =>
              folder && (
                <ResourceLink resource="folders" id={folder.id}>
                  {folder.name}
                </ResourceLink>
              )
            }
          />
        )}
        {shown.owner && (
          <DataTable.Col<FileRow>
            source="owner.username"
            label="Owner"
            disableSort
            render={({ owner }) => <OwnerLabel owner={owner} />}
          />
        )}
        {shown.created && (
          <DataTable.Col<FileRow>
            source="createdAt"
            label="Created"
            render={({ createdAt }) => <When date={createdAt} />}
          />
        )}
        <DataTable.Col<FileRow>
          source="id"
          label="Actions"
          disableSort
          sx={{ textAlign: "right", whiteSpace: "nowrap" }}
          render={(file) => <FileActions file={file} />}
        />
      </DataTable>
    </Selectable>
  );
}

function FileName({ file }: { file: FileRow }) {
  return (
    <Stack direction="row" sx={{ gap: 1.25, alignItems: "center" }}>
      <Thumbnail file={file} />
      <ResourceLink resource="files" id={file.id}>
        {file.name}
      </ResourceLink>
    </Stack>
  );
}

function FileCards() {
  const { data = [] } = useListContext<FileRow>();
  return (
    <>
      <SelectionBar thing="file">
        <FileBulkActions />
      </SelectionBar>
      <Stack component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
        {data.map((file) => (
          <FileCard key={file.id} file={file} />
        ))}
      </Stack>
    </>
  );
}

function FileCard({ file }: { file: FileRow }) {
  return (
    <Stack
      component="li"
      direction="row"
      sx={{ ...{ py: 1.5, pl: 0.75, pr: 2, gap: 0.5 }, borderBottom: 1, borderColor: "divider" }}
    >
      <SelectBox id={file.id} name={file.name} sx={{ alignSelf: "flex-start" }} />
      <Box sx={{ flex: 1, minWidth: 0 }}>
        <FileName file={file} />
        <Stack
          direction="row"
          sx={{ justifyContent: "space-between", alignItems: "center", flexWrap: "wrap" }}
        >
          <Typography variant="body2" sx={{ color: "text.secondary" }}>
            {formatBytes(file.size)} · <When date={file.createdAt} />
          </Typography>
          <Box>
            <FileActions file={file} />
          </Box>
        </Stack>
        <FileStateView file={file} />
      </Box>
    </Stack>
  );
}
