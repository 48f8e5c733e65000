import FolderIcon from "@mui/icons-material/FolderOutlined";
import { Box, Stack, Typography, useMediaQuery } from "@mui/material";
import type { Theme } from "@mui/material";
import { DataTable, useListContext, useRecordContext } from "react-admin";
import { ResourceLink } from "../display/resource-link.js";
import { Selectable } from "../display/selectable.js";
import { SelectBox, SelectionBar } from "../display/selection.js";
import { StateChip } from "../display/state-chip.js";
import { FOLDER_STATES } from "../display/tones.js";
import { Size, When } from "../display/values.js";
import { useIsAdmin } from "../layout/use-is-admin.js";
import { FolderActions } from "./folder-actions.js";
import { FolderBulkActions } from "./folder-bulk-actions.js";
import { FolderPlace } from "./folder-place.js";
import { contentsText } from "./folder-text.js";
import type { FolderRow } from "./folder.queries.js";

/** Folders of the list or reference around it. The API gives them in one order, so no column sorts. */
export function FolderTable() {
  const small = useMediaQuery<Theme>((theme) => theme.breakpoints.down("sm"));
  return small ? <FolderCards /> : <WideFolderTable />;
}

function WideFolderTable() {
  const isAdmin = useIsAdmin();
  return (
    <Selectable>
      <DataTable<FolderRow> bulkActionButtons={<FolderBulkActions />} rowClick={false}>
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
          sx={{ textAlign: "right", whiteSpace: "nowrap" }}
          render={(folder) => <FolderActions folder={folder} />}
        />
      </DataTable>
    </Selectable>
  );
}

function FolderState() {
  const folder = useRecordContext<FolderRow>();
  return folder ? <StateChip {...FOLDER_STATES[folder.state]} /> : null;
}

function FolderName({ folder }: { folder: FolderRow }) {
  return (
    <Stack direction="row" sx={{ gap: 1.25, alignItems: "center" }}>
      <FolderIcon aria-hidden sx={{ color: "text.secondary" }} />
      <Box sx={{ minWidth: 0 }}>
        <ResourceLink resource="folders" id={folder.id}>
          {folder.name}
        </ResourceLink>
        <FolderPlace folder={folder} />
      </Box>
    </Stack>
  );
}

function FolderCards() {
  const { data = [] } = useListContext<FolderRow>();
  return (
    <>
      <SelectionBar thing="folder">
        <FolderBulkActions />
      </SelectionBar>
      <Stack component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
        {data.map((folder) => (
          <FolderCard key={folder.id} folder={folder} />
        ))}
      </Stack>
    </>
  );
}

function FolderCard({ folder }: { folder: FolderRow }) {
  return (
    <Stack
      component="li"
      direction="row"
      sx={{
        ...{ py: 2, pl: 0.75, pr: 1, gap: 0.5 },
        borderBottom: 1,
        borderColor: "divider",
        alignItems: "center",
      }}
    >
      <SelectBox id={folder.id} name={folder.name} />
      <Box sx={{ minWidth: 0, flex: 1 }}>
        <FolderName folder={folder} />
        <Stack direction="row" sx={{ gap: 1, mt: 0.5, alignItems: "center", flexWrap: "wrap" }}>
          <Typography variant="body2" sx={{ color: "text.secondary" }}>
            {contentsText(folder)}
          </Typography>
          <StateChip {...FOLDER_STATES[folder.state]} />
        </Stack>
      </Box>
      <Stack direction="row" sx={{ alignItems: "center", flexShrink: 0 }}>
        <FolderActions folder={folder} />
      </Stack>
    </Stack>
  );
}
