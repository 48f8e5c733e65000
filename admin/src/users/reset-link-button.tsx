import KeyIcon from "@mui/icons-material/KeyOutlined";
import { Button, Dialog, DialogActions, DialogContent, DialogTitle } from "@mui/material";
import { useMutation } from "@tanstack/react-query";
import { useNotify } from "react-admin";
import { useId } from "react";
import { messageOf } from "../providers/errors.js";
import { SentLinkNote } from "./sent-link.js";
import { startPasswordReset } from "./user.calls.js";
import type { UserRow } from "./user.queries.js";

/** Sends somebody a link for a new password. The old one works until the link is followed. */
export function ResetLinkButton({ user }: { user: UserRow }) {
  const notify = useNotify();
  const id = useId();
  const { mutate, data, isPending, reset } = useMutation({
    mutationFn: () => startPasswordReset(user.id),
    onError: (error) => notify(messageOf(error), { type: "error" }),
  });
  return (
    <>
      <Button variant="outlined" startIcon={<KeyIcon />} loading={isPending} onClick={() => mutate()}>
        Send reset link
      </Button>
      <Dialog open={data !== undefined} onClose={reset} fullWidth maxWidth="xs" aria-labelledby={id}>
        <DialogTitle id={id}>Link for a new password</DialogTitle>
        <DialogContent>{data && <SentLinkNote link={data} email={user.email} />}</DialogContent>
        <DialogActions>
          <Button onClick={reset}>Close</Button>
        </DialogActions>
      </Dialog>
    </>
  );
}
