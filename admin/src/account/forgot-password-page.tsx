import { Alert, Button } from "@mui/material";
import { email, Form, required, TextInput } from "react-admin";
import { useState } from "react";
import { requestPasswordReset } from "../providers/auth-provider.js";
import { AccountCard } from "./account-card.js";
import { AccountLink } from "./account-link.js";
import { useSubmit } from "./use-submit.js";

const isAddress = [required("Required"), email("Not an e-mail address")];

export function ForgotPasswordPage() {
  const [sent, setSent] = useState(false);
  const { submit, pending, error } = useSubmit<{ email: string }>(["email"], async (values) => {
    await requestPasswordReset(values.email);
    setSent(true);
  });

  return (
    <AccountCard
      title="Forgot your password?"
      error={error}
      footer={<AccountLink to="/login">Back to sign-in</AccountLink>}
    >
      {sent ? (
        <Alert severity="success">
          If an account has this address, a mail with a link is on its way. The link works once; the mail says
          for how long.
        </Alert>
      ) : (
        <Form onSubmit={submit} disableInvalidFormNotification noValidate>
          <TextInput
            source="email"
            type="email"
            label="E-mail"
            autoComplete="email"
            autoFocus
            validate={isAddress}
            helperText={false}
          />
          <Button type="submit" variant="contained" size="large" fullWidth loading={pending} sx={{ mt: 2 }}>
            Send a link
          </Button>
        </Form>
      )}
    </AccountCard>
  );
}
