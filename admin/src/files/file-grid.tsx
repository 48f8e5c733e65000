import { Box, Button, Checkbox, Stack, Typography } from "@mui/material";
import { useListContext } from "react-admin";
import { formatBytes } from "../display/format.js";
import { ResourceLink } from "../display/resource-link.js";
import { FileActions } from "./file-actions.js";
import { FileBulkActions } from "./file-bulk-actions.js";
import type { FileRow } from "./file.queries.js";
import { FileStateView } from "./live-file-state.js";
import { Thumbnail } from "./preview/thumbnail.js";

const TILE = 168;

/** Files of the list or reference around it as tiles, with their pictures. */
export function FileGrid() {
  const { data = [], selectedIds, onUnselectItems } = useListContext<FileRow>();
  return (
    <>
      {selectedIds.length > 0 && (
        <Stack
          direction="row"
          sx={{
            gap: 0.5,
            px: 1.5,
            py: 0.5,
            alignItems: "center",
            flexWrap: "wrap",
            bgcolor: "action.selected",
          }}
        >
          <Typography variant="body2" sx={{ flex: "1 1 auto" }}>
            {selectedIds.length === 1 ? "1 file selected" : `${selectedIds.length} files selected`}
          </Typography>
          <FileBulkActions />
          <Button size="small" onClick={() => onUnselectItems()}>
            Unselect
          </Button>
        </Stack>
      )}
      <Box
        component="ul"
        aria-label="Files"
        sx={{
          listStyle: "none",
          ...{ m: 0, p: 1.5 },
          display: "grid",
          gap: 1.5,
          gridTemplateColumns: { xs: "repeat(2, 1fr)", sm: `repeat(auto-fill, minmax(${TILE}px, 1fr))` },
        }}
      >
        {data.map((file) => (
          <Tile key={file.id} file={file} />
        ))}
      </Box>
    </>
  );
}

function Tile({ file }: { file: FileRow }) {
  const { selectedIds, onToggleItem } = useListContext<FileRow>();
  const selected = selectedIds.includes(file.id);
  return (
    <Stack
      component="li"
      sx={{
        position: "relative",
        minWidth: 0,
        border: 1,
        borderColor: selected ? "primary.main" : "divider",
        borderRadius: 1,
        overflow: "hidden",
      }}
    >
      <Thumbnail file={file} large />
      <Checkbox
        size="small"
        checked={selected}
        onChange={() => onToggleItem(file.id)}
        slotProps={{ input: { "aria-label": `Select ${file.name}` } }}
        sx={{ position: "absolute", top: 4, left: 4, p: 0.25, bgcolor: "background.paper", borderRadius: 1 }}
      />
      <Stack sx={{ p: 1, gap: 0.5, flex: 1 }}>
        <ResourceLink resource="files" id={file.id}>
          {file.name}
        </ResourceLink>
        <Typography variant="body2" sx={{ color: "text.secondary" }}>
          {formatBytes(file.size)}
        </Typography>
        {file.state !== "STORED" && <FileStateView file={file} />}
        <Stack direction="row" sx={{ mt: "auto", justifyContent: "flex-end", flexWrap: "wrap" }}>
          <FileActions file={file} />
        </Stack>
      </Stack>
    </Stack>
  );
}
