import CloseIcon from "@mui/icons-material/Close";
import { Box, Drawer, IconButton, Stack, Typography } from "@mui/material";
import { DownloadButton } from "../download-button.js";
import type { FileRow } from "../file.queries.js";
import { FilePreview } from "./file-preview.js";

interface PreviewDrawerProps {
  file: FileRow;
  open: boolean;
  onClose: () => void;
}

/** Shows a file without leaving the list. */
export function PreviewDrawer({ file, open, onClose }: PreviewDrawerProps) {
  return (
    <Drawer
      anchor="right"
      open={open}
      onClose={onClose}
      onClick={(event) => event.stopPropagation()}
      slotProps={{
        paper: {
          "aria-label": `Preview of ${file.name}`,
          "aria-modal": true,
          role: "dialog",
          sx: { width: "min(100vw, 760px)" },
        },
      }}
    >
      <Stack direction="row" sx={{ gap: 1, alignItems: "center", p: 2, pb: 1 }}>
        <Typography variant="h6" component="h2" sx={{ flex: 1, minWidth: 0, overflowWrap: "anywhere" }}>
          {file.name}
        </Typography>
        <DownloadButton file={file} compact />
        <IconButton aria-label="Close the preview" onClick={onClose}>
          <CloseIcon />
        </IconButton>
      </Stack>
      <Box sx={{ p: 2, pt: 0 }}>
        <FilePreview file={file} />
      </Box>
    </Drawer>
  );
}
