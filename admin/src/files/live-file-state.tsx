import { Stack } from "@mui/material";
import { useRecordContext } from "react-admin";
import { StateChip } from "../display/state-chip.js";
import { FILE_STATES } from "../display/tones.js";
import { isSettled } from "../transfers/live-transfers.js";
import { useLiveProgress } from "../transfers/live-transfers-provider.js";
import { TransferProgress } from "../transfers/transfer-progress.js";
import type { FileRow } from "./file.queries.js";

/** The state of the file in its row, with the progress of its transfer while there is one. */
export function LiveFileState() {
  const file = useRecordContext<FileRow>();
  return file ? <FileStateView file={file} /> : null;
}

export function FileStateView({ file }: { file: FileRow }) {
  const live = useLiveProgress(file.id);
  const state = live?.state ?? file.transfer?.state;
  const moving = state !== undefined && !isSettled(state);
  return (
    <Stack sx={{ gap: 0.75, alignItems: "stretch" }}>
      <Stack direction="row" sx={{ gap: 0.75, flexWrap: "wrap" }}>
        <StateChip {...FILE_STATES[file.state]} />
        {file.archivedAt != null && <StateChip label="Archived" tone="grey" />}
      </Stack>
      {file.transfer && (moving || state === "FAILED") && (
        <TransferProgress
          fileId={file.id}
          fileName={file.name}
          transferId={file.transfer.id}
          record={file.transfer}
        />
      )}
    </Stack>
  );
}
