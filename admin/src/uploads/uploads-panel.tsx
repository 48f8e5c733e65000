import CloseIcon from "@mui/icons-material/Close";
import ExpandLessIcon from "@mui/icons-material/ExpandLess";
import ExpandMoreIcon from "@mui/icons-material/ExpandMore";
import { Box, Collapse, IconButton, Paper, Stack, Typography } from "@mui/material";
import { useState } from "react";
import { isUnderWay } from "./upload-queue.js";
import type { Upload } from "./upload-queue.js";
import { UploadRow } from "./upload-row.js";
import { useUploadQueue, useUploads } from "./uploads-provider.js";

/** Stays over every page while there is something to show; a sheet at the bottom on a phone. */
export function UploadsPanel() {
  const queue = useUploadQueue();
  const uploads = useUploads();
  const [open, setOpen] = useState(true);
  if (uploads.length === 0) return null;

  const left = uploads.filter(({ state }) => isUnderWay(state)).length;
  return (
    <Paper
      component="section"
      aria-label="Uploads"
      elevation={8}
      sx={(theme) => ({
        position: "fixed",
        zIndex: theme.zIndex.drawer + 2,
        right: { xs: 0, sm: 16 },
        bottom: { xs: 0, sm: 16 },
        width: { xs: "100%", sm: 380 },
        border: `1px solid ${theme.palette.divider}`,
      })}
    >
      <Stack direction="row" sx={{ alignItems: "center", pl: 2, pr: 1, py: 0.5 }}>
        <Typography variant="subtitle2" component="h2" role="status" sx={{ flex: 1 }}>
          {left > 0 ? `Uploading, ${left} to go` : endedText(uploads)}
        </Typography>
        <IconButton
          size="small"
          aria-label={open ? "Collapse uploads" : "Expand uploads"}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {open ? <ExpandMoreIcon /> : <ExpandLessIcon />}
        </IconButton>
        {left === 0 && (
          <IconButton size="small" aria-label="Close uploads" onClick={() => queue.clearSettled()}>
            <CloseIcon />
          </IconButton>
        )}
      </Stack>
      <Collapse in={open}>
        <Box
          component="ul"
          sx={{ listStyle: "none", m: 0, p: 0, maxHeight: "40vh", overflowY: "auto" }}
          tabIndex={0}
        >
          {uploads.map((upload) => (
            <UploadRow key={upload.id} upload={upload} />
          ))}
        </Box>
      </Collapse>
    </Paper>
  );
}

function endedText(uploads: readonly Upload[]): string {
  const failed = uploads.filter(({ state }) => state === "failed").length;
  const all = uploads.length === 1 ? "1 upload" : `${uploads.length} uploads`;
  return failed > 0 ? `${all}, ${failed} failed` : all;
}
