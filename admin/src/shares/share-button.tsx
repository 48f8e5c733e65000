import LinkIcon from "@mui/icons-material/Link";
import { Button } from "@mui/material";
import { useState } from "react";
import { ShareDialog } from "./share-dialog.js";
import type { Shared } from "./share-dialog.js";

/** Opens the links to a file or folder. */
export function ShareButton(shared: Shared) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="outlined" startIcon={<LinkIcon />} onClick={() => setOpen(true)}>
        Share
      </Button>
      <ShareDialog {...shared} open={open} onClose={() => setOpen(false)} />
    </>
  );
}
