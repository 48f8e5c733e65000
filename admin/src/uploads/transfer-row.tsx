import { Box, Typography } from "@mui/material";
import { memo } from "react";
import { TransferProgress } from "../transfers/transfer-progress.js";
import type { TransferListRow } from "../transfers/transfer.queries.js";

/**
 * A transfer whose upload this page does not know: it began before the reload, in another tab or by the API. Drawn anew only
 * when it changes: the list around it does with every piece that an upload sends.
 */
export const TransferRow = memo(function TransferRow({ transfer }: { transfer: TransferListRow }) {
  const { id, file } = transfer;
  const name = file?.name ?? "A file that is gone";
  return (
    <Box component="li" sx={{ px: 2, py: 1.25, borderTop: 1, borderColor: "divider" }}>
      <Typography variant="body2" noWrap sx={{ fontWeight: 600 }}>
        {name}
      </Typography>
      <TransferProgress fileId={file?.id} fileName={name} transferId={id} record={transfer} />
    </Box>
  );
});
