import { Alert, Button } from "@mui/material";
import { BooleanInput, Form, PasswordInput, required, TextInput, useLogin } from "react-admin";
import { session } from "../providers/graphql-client.js";
import { AccountCard } from "./account-card.js";
import { AccountLink } from "./account-link.js";
import { DropLink } from "./drop-link.js";
import { useServiceTerms } from "./use-service-terms.js";
import { useSubmit } from "./use-submit.js";

interface Credentials {
  login: string;
  password: string;
  stays: boolean;
}

const isGiven = required("Required");

export function LoginPage() {
  const login = useLogin();
  const terms = useServiceTerms();
  const { submit, pending, error } = useSubmit<Credentials>(["login", "password"], async (credentials) => {
    await login(credentials);
  });

  return (
    <AccountCard
      title="Sign in"
      error={error}
      footer={
        <>
          <AccountLink to="/forgot-password">Forgot your password?</AccountLink>
          {terms?.registration === "OPEN" && <AccountLink to="/register">Create an account</AccountLink>}
          {terms?.anonymousUploads && <DropLink terms={terms.anonymousUploads} />}
        </>
      }
    >
      {session.isLost && error === undefined && (
        <Alert severity="info" sx={{ mb: 2 }}>
          You were signed out: in another tab, on another device or by an administrator. Sign in to go on
          where you were.
        </Alert>
      )}
      <Form onSubmit={submit} defaultValues={{ stays: true }} disableInvalidFormNotification noValidate>
        <TextInput
          source="login"
          label="E-mail or user name"
          autoComplete="username"
          autoFocus
          validate={isGiven}
          helperText={false}
        />
        <PasswordInput
          source="password"
          label="Password"
          autoComplete="current-password"
          validate={isGiven}
          helperText={false}
        />
        <BooleanInput source="stays" label="Stay signed in on this device" helperText={false} />
        <Button type="submit" variant="contained" size="large" fullWidth loading={pending} sx={{ mt: 2 }}>
          Sign in
        </Button>
      </Form>
    </AccountCard>
  );
}
