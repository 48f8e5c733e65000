import CloseIcon from "@mui/icons-material/Close";
import VisibilityIcon from "@mui/icons-material/VisibilityOutlined";
import { Box, Drawer, IconButton, Stack, Tooltip, Typography } from "@mui/material";
import { useState } from "react";
import type { MouseEvent } from "react";
import { DownloadButton } from "../download-button.js";
import type { FileRow } from "../file.queries.js";
import { FilePreview } from "./file-preview.js";

/** Opens a drawer in which the file is shown, without leaving the list. */
export function PreviewButton({ file }: { file: FileRow }) {
  const [open, setOpen] = useState(false);
  const { kind } = file.preview;
  if (kind === "UNSUPPORTED") return null;
  const show = (event: MouseEvent) => {
    event.stopPropagation();
    setOpen(true);
  };
  return (
    <>
      <Tooltip title="Preview">
        <IconButton size="small" aria-label={`Preview ${file.name}`} onClick={show}>
          <VisibilityIcon fontSize="small" />
        </IconButton>
      </Tooltip>
      <Drawer
        anchor="right"
        open={open}
        onClose={() => setOpen(false)}
        onClick={(event) => event.stopPropagation()}
        slotProps={{
          paper: {
            "aria-label": `Preview of ${file.name}`,
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
          <IconButton aria-label="Close the preview" onClick={() => setOpen(false)}>
            <CloseIcon />
          </IconButton>
        </Stack>
        <Box sx={{ p: 2, pt: 0 }}>
          <FilePreview file={file} />
        </Box>
      </Drawer>
    </>
  );
}
