import { Button, Dialog, DialogActions, DialogContent, DialogContentText, DialogTitle } from "@mui/material";
import { useId } from "react";
import type { NameConflict } from "../generated/graphql.js";
import type { PlacedKind } from "./place.calls.js";

const THERE = {
  file: { one: "A file with this name is", some: "Files with some of these names are" },
  folder: { one: "A folder with this name is", some: "Folders with some of these names are" },
} as const satisfies Record<PlacedKind, object>;

interface ConflictDialogProps {
  kind: PlacedKind;
  several: boolean;
  pending: boolean;
  onDecide: (policy: NameConflict) => void;
  onClose: () => void;
}

/** Asked when things with these names are there already. */
export function ConflictDialog({ kind, several, pending, onDecide, onClose }: ConflictDialogProps) {
  const title = useId();
  return (
    <Dialog open onClose={onClose} aria-labelledby={title} fullWidth maxWidth="xs">
      <DialogTitle id={title}>{several ? "Some names are taken" : "This name is taken"}</DialogTitle>
      <DialogContent>
        <DialogContentText>
          {THERE[kind][several ? "some" : "one"]} there already. Keep both, and the new one gets a number. Or
          replace the other one: it goes to the archive, from where it can be restored.
        </DialogContentText>
      </DialogContent>
      <DialogActions sx={{ flexWrap: "wrap", gap: 0.5 }}>
        <Button onClick={onClose}>Cancel</Button>
        <Button color="warning" disabled={pending} onClick={() => onDecide("REPLACE")}>
          Replace
        </Button>
        <Button variant="contained" disabled={pending} onClick={() => onDecide("RENAME")}>
          Keep both
        </Button>
      </DialogActions>
    </Dialog>
  );
}
