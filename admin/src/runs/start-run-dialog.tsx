import {
  Alert,
  Button,
  Dialog,
  DialogActions,
  DialogContent,
  DialogContentText,
  DialogTitle,
  TextField,
} from "@mui/material";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNotify, useRedirect } from "react-admin";
import { useId, useState } from "react";
import type { FormEvent } from "react";
import { formatFiles } from "../display/format.js";
import type { BulkDeed, FileWhere } from "../generated/graphql.js";
import { messageOf } from "../providers/errors.js";
import { readAllAgain } from "../providers/read-all-again.js";
import { startRun } from "./run.calls.js";
import { DEEDS } from "./run-words.js";

interface StartRunDialogProps {
  deed: BulkDeed;
  total: number;
  where: FileWhere;
  onClose: () => void;
}

const WHAT: Record<BulkDeed, string> = {
  ARCHIVE: "They are hidden until they are restored.",
  RESTORE: "They are brought back to where they were.",
  PURGE: "Every copy in Telegram is removed. This cannot be undone.",
};

/** Asks before a run begins: for the reason, or, where it cannot be undone, for the number. */
export function StartRunDialog({ deed, total, where, onClose }: StartRunDialogProps) {
  const title = useId();
  const [typed, setTyped] = useState("");
  const notify = useNotify();
  const redirect = useRedirect();
  const queries = useQueryClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => startRun(deed, where, typed),
    onSuccess: async () => {
      notify(`${DEEDS[deed].going} ${formatFiles(total)} has begun.`);
      redirect("list", "runs");
      await readAllAgain(queries);
    },
  });
  const isProven = deed !== "PURGE" || typed === String(total);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isProven) mutate();
  };
  return (
    <Dialog open onClose={onClose} aria-labelledby={title} fullWidth maxWidth="xs">
      <form onSubmit={submit}>
        <DialogTitle id={title}>
          {DEEDS[deed].verb} {formatFiles(total)}?
        </DialogTitle>
        <DialogContent>
          <DialogContentText sx={{ mb: 1 }}>
            All files that match the filter, on all pages. {WHAT[deed]}
            {deed === "PURGE" && ` Type ${total} to go on.`}
          </DialogContentText>
          {deed !== "RESTORE" && (
            <TextField
              autoFocus
              label={deed === "PURGE" ? "Number" : "Reason, shown to the owners"}
              autoComplete="off"
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
          {error && (
            <Alert severity="error" sx={{ mt: 1 }}>
              {messageOf(error)}
            </Alert>
          )}
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>Leave them</Button>
          <Button
            type="submit"
            variant="contained"
            color={deed === "PURGE" ? "error" : "primary"}
            disabled={!isProven}
            loading={isPending}
          >
            {DEEDS[deed].verb}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
