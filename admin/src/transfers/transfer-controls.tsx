import CancelIcon from "@mui/icons-material/CancelOutlined";
import PauseIcon from "@mui/icons-material/Pause";
import PlayArrowIcon from "@mui/icons-material/PlayArrow";
import RefreshIcon from "@mui/icons-material/Refresh";
import { Button, IconButton, Stack, Tooltip } from "@mui/material";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Confirm, useDataProvider, useNotify } from "react-admin";
import { useState } from "react";
import type { ReactNode } from "react";
import type { ConsoleDataProvider } from "../providers/data-provider.js";
import { messageOf } from "../providers/errors.js";
import { readAllAgain } from "../providers/read-all-again.js";
import { progressOf } from "./live-transfers.js";
import { useLive } from "./live-transfers-provider.js";
import { ACTION_LABELS, actionsFor } from "./transfer-actions.js";
import type { TransferAction } from "./transfer-actions.js";
import type { ProgressView } from "./progress-text.js";

const ICONS: Readonly<Record<TransferAction, ReactNode>> = {
  pause: <PauseIcon fontSize="small" />,
  resume: <PlayArrowIcon fontSize="small" />,
  retry: <RefreshIcon fontSize="small" />,
  cancel: <CancelIcon fontSize="small" />,
};

export interface ControlledTransfer {
  transferId: string;
  fileId: string | undefined;
  fileName: string;
  /** How it stands now: says which buttons there are. */
  view: ProgressView;
}

/** The buttons that fit a transfer's state: icons in lists, with words where there is room. */
export function TransferControls({
  withWords = false,
  ...what
}: ControlledTransfer & { withWords?: boolean }) {
  const { act, acting } = useTransferActions(what);
  const [asking, setAsking] = useState(false);
  const actions = actionsFor(what.view);
  if (actions.length === 0) return null;

  const ActionButton = withWords ? WordButton : IconOnlyButton;
  return (
    // Neither a button nor the question belongs to the row around it.
    <Stack
      direction="row"
      sx={{ gap: withWords ? 1 : 0.25, flexShrink: 0 }}
      onClick={(event) => event.stopPropagation()}
    >
      {actions.map((action) => (
        <ActionButton
          key={action}
          action={action}
          fileName={what.fileName}
          acting={acting}
          onClick={() => (action === "cancel" ? setAsking(true) : act(action))}
        />
      ))}
      <Confirm
        isOpen={asking}
        title={`Cancel the transfer of ${what.fileName}?`}
        content="What was sent and what is staged is removed, and with it the file. This cannot be undone."
        confirm="Cancel the transfer"
        cancel="Keep it"
        confirmColor="warning"
        onConfirm={() => {
          setAsking(false);
          act("cancel");
        }}
        onClose={() => setAsking(false)}
      />
    </Stack>
  );
}

function useTransferActions({ transferId, fileId, view }: ControlledTransfer) {
  const { controlTransfer } = useDataProvider<ConsoleDataProvider>();
  const { transfers } = useLive();
  const queries = useQueryClient();
  const notify = useNotify();

  const { mutate, variables, isPending } = useMutation({
    mutationFn: (action: TransferAction) => controlTransfer(action, transferId),
    onSuccess: async (answer) => {
      if (fileId !== undefined) transfers.apply(progressOf(fileId, answer));
      await readAllAgain(queries);
    },
    onError: async (error) => {
      notify(messageOf(error), { type: "error" });
      // It may stand otherwise than it looked.
      await readAllAgain(queries);
    },
  });
  // What was asked for may be on its way a little longer than the answer.
  const acting = isPending && actionsFor(view).includes(variables) ? variables : undefined;
  return { act: mutate, acting };
}

interface ActionButtonProps {
  action: TransferAction;
  fileName: string;
  acting: TransferAction | undefined;
  onClick: () => void;
}

function WordButton({ action, fileName, acting, onClick }: ActionButtonProps) {
  return (
    <Button
      size="small"
      variant="outlined"
      color={action === "cancel" ? "inherit" : "primary"}
      startIcon={ICONS[action]}
      loading={acting === action}
      loadingPosition="start"
      disabled={acting !== undefined}
      aria-label={`${ACTION_LABELS[action]} ${fileName}`}
      onClick={onClick}
    >
      {ACTION_LABELS[action]}
    </Button>
  );
}

function IconOnlyButton({ action, fileName, acting, onClick }: ActionButtonProps) {
  return (
    <Tooltip title={ACTION_LABELS[action]}>
      {/* A disabled button tells its tooltip nothing. */}
      <span>
        <IconButton
          size="small"
          loading={acting === action}
          disabled={acting !== undefined}
          aria-label={`${ACTION_LABELS[action]} ${fileName}`}
          onClick={onClick}
        >
          {ICONS[action]}
        </IconButton>
      </span>
    </Tooltip>
  );
}
