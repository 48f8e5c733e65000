import { Box, Stack, Typography } from "@mui/material";
import { ProgressBar } from "../display/progress-bar.js";
import { StateChip } from "../display/state-chip.js";
import { TRANSFER_STATES } from "../display/tones.js";
import { useNow } from "../display/use-now.js";
import { useLiveProgress } from "./live-transfers-provider.js";
import { isSettled } from "./live-transfers.js";
import { progressText, transferPercent } from "./progress-text.js";
import type { ProgressView } from "./progress-text.js";
import { TransferControls } from "./transfer-controls.js";

interface TransferProgressProps {
  fileId: string | undefined;
  fileName: string;
  transferId: string;
  /** What the record says; live events win over it. */
  record: ProgressView;
  showState?: boolean;
  /** Buttons with words, where there is room. */
  withWords?: boolean;
}

/** Bar, one line of text, and what can be done now. */
export function TransferProgress(props: TransferProgressProps) {
  const { fileId, fileName, transferId, record, showState, withWords = false } = props;
  const live = useLiveProgress(fileId);
  const view: ProgressView = live ?? record;
  const now = useNow(view.state === "WAITING");
  const { label, tone } = TRANSFER_STATES[view.state];
  const percent = transferPercent(view);

  return (
    <Stack sx={{ gap: 0.75, minWidth: 0, py: 0.25 }}>
      {showState && (
        <Box>
          <StateChip label={label} tone={tone} />
        </Box>
      )}
      {!isSettled(view.state) && (
        <ProgressBar label={`Transfer of ${fileName}`} percent={percent} tone={tone} />
      )}
      <Stack
        direction={withWords ? "column" : "row"}
        sx={{ gap: 1, alignItems: withWords ? "flex-start" : "center", justifyContent: "space-between" }}
      >
        <Typography
          variant="body2"
          sx={{
            color: view.state === "FAILED" ? "error.main" : "text.secondary",
            fontVariantNumeric: "tabular-nums",
            overflowWrap: "anywhere",
          }}
        >
          {progressText(view, now)}
        </Typography>
        <TransferControls {...{ fileId, fileName, transferId, view, withWords }} />
      </Stack>
    </Stack>
  );
}
