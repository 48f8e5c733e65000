import CloseIcon from "@mui/icons-material/Close";
import RefreshIcon from "@mui/icons-material/Refresh";
import { Box, IconButton, Stack, Tooltip, Typography } from "@mui/material";
import { memo } from "react";
import { ProgressBar } from "../display/progress-bar.js";
import { ResourceLink } from "../display/resource-link.js";
import { TRANSFER_STATES } from "../display/tones.js";
import { useNow } from "../display/use-now.js";
import { useLiveProgress } from "../transfers/live-transfers-provider.js";
import { TransferControls } from "../transfers/transfer-controls.js";
import { ChooseAgain } from "./choose-again.js";
import { uploadPercent, uploadText } from "./upload-text.js";
import { isUnderWay } from "./upload-queue.js";
import type { Upload } from "./upload-queue.js";
import { useUploadQueue } from "./uploads-provider.js";

/** One upload on both legs of its way: out of the browser, then from the staging area to Telegram. Drawn anew when it changes. */
export const UploadRow = memo(function UploadRow({ upload }: { upload: Upload }) {
  const live = useLiveProgress(upload.file?.id);
  const now = useNow(live?.state === "WAITING");
  const percent = uploadPercent(upload, live);

  return (
    <Box component="li" sx={{ px: 2, py: 1.25, borderTop: 1, borderColor: "divider" }}>
      <Stack direction="row" sx={{ alignItems: "center", gap: 1 }}>
        <Box sx={{ flex: 1, minWidth: 0 }}>
          <UploadName upload={upload} />
        </Box>
        <UploadActions upload={upload} />
        {live && (
          <TransferControls
            {...{ transferId: live.transferId, fileId: live.fileId, fileName: upload.name, view: live }}
          />
        )}
      </Stack>
      {percent !== undefined && percent < 100 && (
        <Box sx={{ my: 0.5 }}>
          <ProgressBar
            label={`Upload of ${upload.name}`}
            percent={percent}
            tone={live ? TRANSFER_STATES[live.state].tone : "blue"}
          />
        </Box>
      )}
      <Typography variant="body2" sx={{ color: textColour(upload), fontVariantNumeric: "tabular-nums" }}>
        {uploadText(upload, live, now)}
      </Typography>
      {upload.folder?.failedUploads.map(({ path, message }) => (
        <Typography key={path} variant="body2" sx={{ color: "error.main", overflowWrap: "anywhere" }}>
          {path}: {message}
        </Typography>
      ))}
    </Box>
  );
});

function UploadName({ upload: { name, file, folder } }: { upload: Upload }) {
  if (file) {
    return (
      <ResourceLink resource="files" id={file.id}>
        {name}
      </ResourceLink>
    );
  }
  if (folder) {
    return (
      <ResourceLink resource="folders" id={folder.id}>
        {name}
      </ResourceLink>
    );
  }
  return (
    <Typography variant="body2" noWrap sx={{ fontWeight: 600 }}>
      {name}
    </Typography>
  );
}

function UploadActions({ upload }: { upload: Upload }) {
  const { id, name, state } = upload;
  const queue = useUploadQueue();
  if (isUnderWay(state)) {
    return (
      <Tooltip title="Cancel">
        <IconButton size="small" aria-label={`Cancel ${name}`} onClick={() => queue.cancel(id)}>
          <CloseIcon fontSize="small" />
        </IconButton>
      </Tooltip>
    );
  }
  if (state === "done") return null;
  if (state === "interrupted") return <ChooseAgain upload={upload} />;
  return (
    <Tooltip title="Upload again">
      <IconButton size="small" aria-label={`Upload ${name} again`} onClick={() => queue.retry(id)}>
        <RefreshIcon fontSize="small" />
      </IconButton>
    </Tooltip>
  );
}

function textColour({ state }: Upload): string {
  return state === "failed" ? "error.main" : "text.secondary";
}
