import { Alert, Button } from "@mui/material";
import { Form, minLength, PasswordInput, required } from "react-admin";
import { useState } from "react";
import { useParams } from "react-router-dom";
import { resetPassword } from "../providers/auth-provider.js";
import { AccountCard } from "./account-card.js";
import { AccountLink } from "./account-link.js";
import { useSubmit } from "./use-submit.js";

interface NewPassword {
  password: string;
  repeated: string;
}

const isLongEnough = [required("Required"), minLength(8, "At least 8 characters")];
const isSame = (value: unknown, { password }: NewPassword) =>
  value === password ? undefined : "Not the same as above";

export function ResetPasswordPage() {
  const { token = "" } = useParams();
  const [done, setDone] = useState(false);
  const { submit, pending, error } = useSubmit<NewPassword>(["password"], async ({ password }) => {
    await resetPassword(token, password);
    setDone(true);
  });

  return (
    <AccountCard
      title="Choose a new password"
      error={error}
      footer={
        <>
          <AccountLink to="/login">Sign in</AccountLink>
          {error && <AccountLink to="/forgot-password">Ask for a new link</AccountLink>}
        </>
      }
    >
      {done ? (
        <Alert severity="success">The password is changed. Sign in with the new one.</Alert>
      ) : (
        <Form onSubmit={submit} disableInvalidFormNotification noValidate>
          <PasswordInput
            source="password"
            label="New password"
            autoComplete="new-password"
            autoFocus
            validate={isLongEnough}
            helperText="At least 8 characters"
          />
          <PasswordInput
            source="repeated"
            label="New password again"
            autoComplete="new-password"
            validate={isSame}
            helperText={false}
          />
          <Button type="submit" variant="contained" size="large" fullWidth loading={pending} sx={{ mt: 2 }}>
            Change password
          </Button>
        </Form>
      )}
    </AccountCard>
  );
}
