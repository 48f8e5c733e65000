import DeleteForeverIcon from "@mui/icons-material/DeleteForeverOutlined";
import {
  Button,
  Dialog,
  DialogActions,
  DialogContent,
  DialogContentText,
  DialogTitle,
  TextField,
} from "@mui/material";
import { useId, useState } from "react";
import type { FormEvent } from "react";
import { useNotify } from "react-admin";
import type { ThingKind } from "./archive.queries.js";
import { useArchive } from "./use-archive.js";

interface PurgeButtonProps {
  kind: ThingKind;
  ids: readonly string[];
  /** What has to be typed: the name of one thing, the number of several. */
  proof: string;
  onDone?: () => void;
}

/** Removes archived things for good, once their name or number was typed. */
export function PurgeButton({ kind, ids, proof, onDone }: PurgeButtonProps) {
  const [open, setOpen] = useState(false);
  const what = ids.length === 1 ? `“${proof}”` : `${ids.length} ${kind}s`;
  return (
    <>
      <Button
        size="small"
        color="error"
        startIcon={<DeleteForeverIcon />}
        aria-label={`Purge ${what}`}
        onClick={() => setOpen(true)}
      >
        Purge
      </Button>
      {open && (
        <PurgeDialog
          {...{ kind, ids, proof, what }}
          onClose={() => setOpen(false)}
          onDone={onDone ?? ignore}
        />
      )}
    </>
  );
}

interface PurgeDialogProps extends Required<PurgeButtonProps> {
  what: string;
  onClose: () => void;
}

function PurgeDialog({ kind, ids, proof, what, onClose, onDone }: PurgeDialogProps) {
  const [typed, setTyped] = useState("");
  const title = useId();
  const notify = useNotify();
  const { mutate, isPending } = useArchive("purge", kind, () => {
    notify(`${what} is being removed for good.`);
    onClose();
    onDone();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed === proof) mutate(ids);
  };
  return (
    <Dialog open onClose={onClose} aria-labelledby={title} fullWidth maxWidth="xs">
      <form onSubmit={submit}>
        <DialogTitle id={title}>Purge {what}?</DialogTitle>
        <DialogContent>
          <DialogContentText sx={{ mb: 2, overflowWrap: "anywhere" }}>
            Every copy in Telegram is removed. This cannot be undone. Type <strong>{proof}</strong> to go on.
          </DialogContentText>
          <TextField
            autoFocus
            fullWidth
            size="small"
            label={ids.length === 1 ? "Name" : "Number"}
            autoComplete="off"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>Keep</Button>
          <Button
            type="submit"
            color="error"
            variant="contained"
            disabled={typed !== proof}
            loading={isPending}
          >
            Purge
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function ignore(): void {
  // Nobody waits for it.
}
