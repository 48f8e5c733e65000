import { Box, Stack, Typography } from "@mui/material";
import { ProgressBar } from "../display/progress-bar.js";
import { StateChip } from "../display/state-chip.js";
import { TRANSFER_STATES } from "../display/tones.js";
import { useNow } from "../display/use-now.js";
import { useLiveProgress } from "./live-transfers-provider.js";
import { isSettled } from "./live-transfers.js";
import { progressText, transferPercent } from "./progress-text.js";
import type { ProgressView } from "./progress-text.js";
import { RetryButton } from "./retry-button.js";

interface TransferProgressProps {
  fileId: string | undefined;
  fileName: string;
  transferId: string;
  /** What the record says; live events win over it. */
  record: ProgressView;
  showState?: boolean;
}

/** Bar, one line of text, and Retry when it failed. */
export function TransferProgress({ fileId, fileName, transferId, record, showState }: TransferProgressProps) {
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
      <Typography variant="body2" sx={{ color: "text.secondary", fontVariantNumeric: "tabular-nums" }}>
        {progressText(view, now)}
      </Typography>
      {view.state === "FAILED" && (
        <Box>
          <RetryButton transferId={transferId} fileId={fileId} fileName={fileName} />
        </Box>
      )}
    </Stack>
  );
}
