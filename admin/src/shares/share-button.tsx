import LinkIcon from "@mui/icons-material/Link";
import { Button, Dialog, DialogActions, DialogContent, DialogTitle, Typography } from "@mui/material";
import { useGetList } from "react-admin";
import { useState } from "react";
import { messageOf } from "../providers/errors.js";
import { NewShareForm } from "./new-share-form.js";
import { ShareCard } from "./share-card.js";
import type { ShareRow } from "./share.queries.js";

interface ShareButtonProps {
  /** What to share. */
  what: { fileId: string } | { folderId: string };
  name: string;
}

/** Opens the links to a file or folder: a new one, and those that there are. */
export function ShareButton({ what, name }: ShareButtonProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="outlined" startIcon={<LinkIcon />} onClick={() => setOpen(true)}>
        Share
      </Button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        fullWidth
        maxWidth="sm"
        aria-labelledby="share-title"
      >
        <DialogTitle id="share-title" sx={{ overflowWrap: "anywhere" }}>
          Share {name}
        </DialogTitle>
        <DialogContent>
          <NewShareForm what={what} />
          <Links what={what} />
        </DialogContent>
        <DialogActions>
          <Button onClick={() => setOpen(false)}>Close</Button>
        </DialogActions>
      </Dialog>
    </>
  );
}

function Links({ what }: Pick<ShareButtonProps, "what">) {
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
