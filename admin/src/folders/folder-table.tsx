import { Box, Stack, Typography, useMediaQuery } from "@mui/material";
import type { Theme } from "@mui/material";
import { DataTable, useListContext, useRecordContext } from "react-admin";
import { ArchiveButton } from "../archives/archive-button.js";
import { formatBytes } from "../display/format.js";
import { ResourceLink } from "../display/resource-link.js";
import { StateChip } from "../display/state-chip.js";
import { FOLDER_STATES } from "../display/tones.js";
import { Size, When } from "../display/values.js";
import { useIsAdmin } from "../layout/use-is-admin.js";
import type { FolderRow } from "./folder.queries.js";

/** Folders of the list or reference around it. The API gives them in one order, so no column sorts. */
export function FolderTable() {
  const small = useMediaQuery<Theme>((theme) => theme.breakpoints.down("sm"));
  return small ? <FolderCards /> : <WideFolderTable />;
}

function WideFolderTable() {
  const isAdmin = useIsAdmin();
  return (
    <DataTable<FolderRow> bulkActionButtons={false} rowClick={false}>
      <DataTable.Col<FolderRow>
        source="name"
        disableSort
        render={(folder) => <FolderName folder={folder} />}
      />
      <DataTable.NumberCol source="fileCount" label="Files" disableSort />
      <DataTable.Col<FolderRow>
        source="size"
        align="right"
        disableSort
        render={({ size }) => <Size bytes={size} />}
      />
      <DataTable.Col source="state" disableSort field={FolderState} />
      {isAdmin && <DataTable.Col source="owner.username" label="Owner" disableSort />}
      <DataTable.Col<FolderRow>
        source="createdAt"
        label="Created"
        disableSort
        render={({ createdAt }) => <When date={createdAt} />}
      />
      <DataTable.Col<FolderRow>
        source="id"
        label="Actions"
        disableSort
        align="right"
        render={({ id, name }) => <ArchiveButton kind="folder" id={id} name={name} compact />}
      />
    </DataTable>
  );
}

function FolderState() {
  const folder = useRecordContext<FolderRow>();
  return folder ? <StateChip {...FOLDER_STATES[folder.state]} /> : null;
}

function FolderName({ folder }: { folder: FolderRow }) {
  return (
    <ResourceLink resource="folders" id={folder.id}>
      {folder.name}
    </ResourceLink>
  );
}

function FolderCards() {
  const { data = [] } = useListContext<FolderRow>();
  return (
    <Stack component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
      {data.map((folder) => (
        <Stack
          component="li"
          key={folder.id}
          direction="row"
          sx={{
            p: 2,
            gap: 1,
            borderBottom: 1,
            borderColor: "divider",
            justifyContent: "space-between",
            alignItems: "center",
          }}
        >
          <Box sx={{ minWidth: 0 }}>
            <FolderName folder={folder} />
            <Typography variant="body2" sx={{ color: "text.secondary" }}>
              {folder.fileCount === 1 ? "1 file" : `${folder.fileCount} files`} · {formatBytes(folder.size)}
            </Typography>
          </Box>
          <Stack direction="row" sx={{ alignItems: "center", flexShrink: 0 }}>
            <StateChip {...FOLDER_STATES[folder.state]} />
            <ArchiveButton kind="folder" id={folder.id} name={folder.name} compact />
          </Stack>
        </Stack>
      ))}
    </Stack>
  );
}
