import { Alert, Button, Dialog, DialogActions, DialogContent, DialogTitle } from "@mui/material";
import { useId, useState } from "react";
import { ConflictDialog } from "./conflict-dialog.js";
import { FolderTree } from "./folder-tree.js";
import { copy, move } from "./place.calls.js";
import type { PlacedThings } from "./place.calls.js";
import { usePlacing } from "./use-placing.js";

export type Relocation = "move" | "copy";

const WORDS = {
  move: { title: "Move", done: { file: "moved.", folder: "moved." }, act: move },
  copy: {
    title: "Copy",
    done: { file: "copied.", folder: "copied: what is in there follows by itself." },
    act: copy,
  },
} as const;

interface RelocateDialogProps {
  deed: Relocation;
  things: PlacedThings;
  onClose: () => void;
  onDone?: () => void;
  onRefused?: (error: unknown) => void;
}

/** Asks for a folder and moves or copies things there. */
export function RelocateDialog({ deed, things, onClose, onDone, onRefused }: RelocateDialogProps) {
  const heading = useId();
  const [target, setTarget] = useState<string | null>();
  const { title, done, act } = WORDS[deed];
  const { start, decide, reset, isPending, isTaken, failure } = usePlacing({
    place: (onConflict) => act(things, target ?? null, onConflict),
    done: `${things.what} ${done[things.kind]}`,
    onDone: () => {
      onClose();
      onDone?.();
    },
    count: things.ids.length,
    ...(onRefused && { onRefused }),
  });
  return (
    <Dialog open onClose={onClose} aria-labelledby={heading} fullWidth maxWidth="xs">
      <DialogTitle id={heading} sx={{ overflowWrap: "anywhere" }}>
        {title} {things.what} to
      </DialogTitle>
      <DialogContent dividers tabIndex={0}>
        <FolderTree
          value={target}
          onChange={setTarget}
          without={things.kind === "folder" ? things.ids : []}
        />
      </DialogContent>
      {failure !== undefined && <Alert severity="error">{failure}</Alert>}
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="contained" disabled={target === undefined} loading={isPending} onClick={start}>
          {title} here
        </Button>
      </DialogActions>
      {isTaken && (
        <ConflictDialog
          kind={things.kind}
          several={things.ids.length > 1}
          pending={isPending}
          onDecide={decide}
          onClose={reset}
        />
      )}
    </Dialog>
  );
}
