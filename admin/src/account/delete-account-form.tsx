import {
  Alert,
  Button,
  Dialog,
  DialogActions,
  DialogContent,
  DialogContentText,
  DialogTitle,
  Typography,
} from "@mui/material";
import { useId, useState } from "react";
import { Form, PasswordInput, required, useLogout, useNotify } from "react-admin";
import { deleteAccount } from "../providers/account.js";
import { useSubmit } from "./use-submit.js";

const isGiven = required("Required");

export function DeleteAccountForm() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Typography variant="body2" sx={{ mb: 1.5, color: "text.secondary" }}>
        The account is closed at once. All its files and folders are removed for good, their copies in
        Telegram too.
      </Typography>
      <Button variant="outlined" color="error" onClick={() => setOpen(true)}>
        Delete account
      </Button>
      {open && <DeleteAccountDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function DeleteAccountDialog({ onClose }: { onClose: () => void }) {
  const title = useId();
  const logout = useLogout();
  const notify = useNotify();
  const { submit, pending, error } = useSubmit<{ password: string }>(["password"], async ({ password }) => {
    await deleteAccount(password);
    await logout();
    notify("Your account is deleted.");
  });
  return (
    <Dialog open onClose={onClose} aria-labelledby={title} fullWidth maxWidth="xs">
      <Form onSubmit={submit} disableInvalidFormNotification noValidate>
        <DialogTitle id={title}>Delete this account?</DialogTitle>
        <DialogContent>
          {error !== undefined && (
            <Alert severity="error" sx={{ mb: 2 }}>
              {error}
            </Alert>
          )}
          <DialogContentText sx={{ mb: 2 }}>
            Everything in it is removed for good. This cannot be undone. Type your password to go on.
          </DialogContentText>
          <PasswordInput
            source="password"
            label="Password"
            autoFocus
            autoComplete="current-password"
            validate={isGiven}
            helperText={false}
            fullWidth
          />
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>Keep it</Button>
          <Button type="submit" color="error" variant="contained" loading={pending}>
            Delete for good
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  );
}
