import { Box } from "@mui/material";
import { visuallyHidden } from "@mui/utils";
import { useGetList } from "react-admin";
import { useEffect, useRef, useState } from "react";
import { useLive } from "./live-transfers-provider.js";
import type { Progress } from "./live-transfers.js";
import { announcement } from "./announcement.js";
import type { TransferListRow } from "./transfer.queries.js";

/** Progress bars are silent for screen readers; this says the few things that matter. */
export function TransferAnnouncer() {
  const { transfers } = useLive();
  const [text, setText] = useState("");
  const { data } = useGetList<TransferListRow>("transfers", {
    pagination: { page: 1, perPage: 25 },
    filter: {},
  });
  const names = useRef(new Map<string, string>());

  useEffect(() => {
    for (const { file } of data ?? []) if (file) names.current.set(file.id, file.name);
  }, [data]);

  useEffect(() => {
    const before = new Map<string, Progress>();
    return transfers.onProgress((progress) => {
      const said = announcement(
        names.current.get(progress.fileId) ?? "A file",
        before.get(progress.fileId),
        progress,
      );
      before.set(progress.fileId, progress);
      if (said) setText(said);
    });
  }, [transfers]);

  return (
    <Box role="status" aria-live="polite" sx={visuallyHidden}>
      {text}
    </Box>
  );
}
