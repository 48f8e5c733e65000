import RefreshIcon from "@mui/icons-material/Refresh";
import { Button } from "@mui/material";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useDataProvider, useNotify } from "react-admin";
import type { ConsoleDataProvider } from "../providers/data-provider.js";
import { messageOf } from "../providers/errors.js";
import { useLive } from "./live-transfers-provider.js";

interface RetryButtonProps {
  transferId: string;
  fileId: string | undefined;
  fileName: string;
}

export function RetryButton({ transferId, fileId, fileName }: RetryButtonProps) {
  const { retryTransfer } = useDataProvider<ConsoleDataProvider>();
  const { transfers } = useLive();
  const queries = useQueryClient();
  const notify = useNotify();

  const { mutate, isPending } = useMutation({
    mutationFn: () => retryTransfer(transferId),
    onSuccess: async () => {
      transfers.forget(fileId);
      await queries.invalidateQueries();
    },
    onError: (error) => notify(messageOf(error), { type: "error" }),
  });

  return (
    <Button
      size="small"
      variant="outlined"
      startIcon={<RefreshIcon />}
      loading={isPending}
      aria-label={`Retry ${fileName}`}
      onClick={(event) => {
        event.stopPropagation();
        mutate();
      }}
    >
      Retry
    </Button>
  );
}
