import { Button, Dialog, DialogActions, DialogContent, DialogContentText, DialogTitle } from "@mui/material";
import { useId } from "react";
import type { NameConflict } from "../generated/graphql.js";

interface ConflictDialogProps {
  several: boolean;
  pending: boolean;
  onDecide: (policy: NameConflict) => void;
  onClose: () => void;
}

/** Asked when files with these names are there already. */
export function ConflictDialog({ several, pending, onDecide, onClose }: ConflictDialogProps) {
  const title = useId();
  return (
    <Dialog open onClose={onClose} aria-labelledby={title} fullWidth maxWidth="xs">
      <DialogTitle id={title}>{several ? "Some names are taken" : "This name is taken"}</DialogTitle>
      <DialogContent>
        <DialogContentText>
          {several ? "Files with some of these names are" : "A file with this name is"} there already. Keep
          both, and the new one gets a number. Or replace the other one: it goes to the archive, from where it
          can be restored.
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
