import { Alert, Button, Dialog, DialogActions, DialogContent, DialogTitle, TextField } from "@mui/material";
import { useId, useState } from "react";
import type { FocusEvent, FormEvent } from "react";
import { ConflictDialog } from "./conflict-dialog.js";
import { rename } from "./place.calls.js";
import type { PlacedKind } from "./place.calls.js";
import { usePlacing } from "./use-placing.js";

interface RenameDialogProps {
  kind: PlacedKind;
  id: string;
  name: string;
  onClose: () => void;
}

export function RenameDialog({ kind, id, name, onClose }: RenameDialogProps) {
  const title = useId();
  const [typed, setTyped] = useState(name);
  const { start, decide, reset, isPending, isTaken, failure } = usePlacing({
    place: (onConflict) => rename(kind, id, typed, onConflict),
    done: `“${name}” renamed.`,
    onDone: onClose,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed === name) onClose();
    else start();
  };
  return (
    <Dialog open onClose={onClose} aria-labelledby={title} fullWidth maxWidth="xs">
      <form onSubmit={submit}>
        <DialogTitle id={title}>Rename {kind}</DialogTitle>
        <DialogContent>
          <TextField
            autoFocus
            required
            label="Name"
            autoComplete="off"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            onFocus={selectStem}
          />
          {failure !== undefined && (
            <Alert severity="error" sx={{ mt: 1 }}>
              {failure}
            </Alert>
          )}
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="contained" loading={isPending} disabled={typed.trim() === ""}>
            Rename
          </Button>
        </DialogActions>
      </form>
      {isTaken && (
        <ConflictDialog kind={kind} several={false} pending={isPending} onDecide={decide} onClose={reset} />
      )}
    </Dialog>
  );
}

/** Typing replaces the name and leaves the extension. */
function selectStem({ target }: FocusEvent<HTMLInputElement | HTMLTextAreaElement>): void {
  const dot = target.value.lastIndexOf(".");
  target.setSelectionRange(0, dot > 0 ? dot : target.value.length);
}
