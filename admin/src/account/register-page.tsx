import { Alert, Button } from "@mui/material";
import { email, Form, minLength, PasswordInput, required, TextInput } from "react-admin";
import type { RegisterInput } from "../generated/graphql.js";
import { register } from "../providers/auth-provider.js";
import { AccountCard } from "./account-card.js";
import { AccountLink } from "./account-link.js";
import { Consents } from "./consents.js";
import { useEnter } from "./use-enter.js";
import { useServiceTerms } from "./use-service-terms.js";
import { useSubmit } from "./use-submit.js";

const FIELDS = ["username", "email", "password", "acceptTerms", "acceptPrivacy"];
const isGiven = required("Required");

export function RegisterPage() {
  const enter = useEnter();
  const registration = useServiceTerms()?.registration;
  const { submit, pending, error } = useSubmit<RegisterInput>(FIELDS, async (input) => {
    await register(input);
    await enter();
  });

  return (
    <AccountCard
      title="Create an account"
      error={error}
      footer={<AccountLink to="/login">Sign in to an account you have</AccountLink>}
    >
      {registration === "INVITE" && (
        <Alert severity="info">Accounts are made by invitation here. Ask an administrator for one.</Alert>
      )}
      {registration === "CLOSED" && <Alert severity="info">No new accounts are made here.</Alert>}
      {registration === "OPEN" && <RegisterForm submit={submit} pending={pending} />}
    </AccountCard>
  );
}

interface RegisterFormProps {
  submit: (values: unknown) => Promise<Record<string, string> | undefined>;
  pending: boolean;
}

function RegisterForm({ submit, pending }: RegisterFormProps) {
  return (
    <Form onSubmit={submit} disableInvalidFormNotification noValidate>
      <TextInput
        source="username"
        label="User name"
        autoComplete="username"
        autoFocus
        validate={isGiven}
        helperText={false}
      />
      <TextInput
        source="email"
        type="email"
        label="E-mail"
        autoComplete="email"
        validate={[isGiven, email("Not an e-mail address")]}
        helperText={false}
      />
      <PasswordInput
        source="password"
        label="Password"
        autoComplete="new-password"
        validate={[isGiven, minLength(8, "At least 8 characters")]}
        helperText="At least 8 characters"
      />
      <Consents />
      <Button type="submit" variant="contained" size="large" fullWidth loading={pending} sx={{ mt: 2 }}>
        Create account
      </Button>
    </Form>
  );
}
