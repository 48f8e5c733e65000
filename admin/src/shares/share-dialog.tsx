import { Button, Dialog, DialogActions, DialogContent, DialogTitle, Typography } from "@mui/material";
import { useGetList } from "react-admin";
import { useId } from "react";
import { messageOf } from "../providers/errors.js";
import { NewShareForm } from "./new-share-form.js";
import { ShareCard } from "./share-card.js";
import type { ShareRow } from "./share.queries.js";

export interface Shared {
  /** What to share. */
  what: { fileId: string } | { folderId: string };
  name: string;
}

interface ShareDialogProps extends Shared {
  open: boolean;
  onClose: () => void;
}

/** The links to a file or folder: a new one, and those that there are. */
export function ShareDialog({ what, name, open, onClose }: ShareDialogProps) {
  const title = useId();
  return (
    // What happens in here is no click on the row that it was opened from.
    <Dialog
      open={open}
      onClose={onClose}
      onClick={(event) => event.stopPropagation()}
      fullWidth
      maxWidth="sm"
      aria-labelledby={title}
    >
      <DialogTitle id={title} sx={{ overflowWrap: "anywhere" }}>
        Share {name}
      </DialogTitle>
      <DialogContent>
        <NewShareForm what={what} />
        <Links what={what} />
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>Close</Button>
      </DialogActions>
    </Dialog>
  );
}

function Links({ what }: Pick<Shared, "what">) {
  const {
    data = [],
    total = 0,
    error,
  } = useGetList<ShareRow>("shares", {
    filter: what,
    pagination: { page: 1, perPage: 10 },
  });
  if (error) return <Typography role="alert">{messageOf(error)}</Typography>;
  if (data.length === 0) return null;
  return (
    <section aria-label="Links">
      {data.map((share) => (
        <ShareCard key={share.id} share={share} />
      ))}
      {total > data.length && (
        <Typography variant="body2" sx={{ color: "text.secondary", pt: 1 }}>
          {total - data.length} older ones are in the list of share links.
        </Typography>
      )}
    </section>
  );
}
