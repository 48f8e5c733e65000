import { Button } from "@mui/material";
import { Form, minLength, PasswordInput, required, TextInput } from "react-admin";
import { useParams } from "react-router-dom";
import type { AcceptInviteMutationVariables } from "../generated/graphql.js";
import { acceptInvite } from "../providers/account.js";
import { AccountCard } from "./account-card.js";
import { AccountLink } from "./account-link.js";
import { Consents } from "./consents.js";
import { useEnter } from "./use-enter.js";
import { useSubmit } from "./use-submit.js";

const FIELDS = ["username", "password", "acceptTerms", "acceptPrivacy"];
const isGiven = required("Required");
const isLongEnough = [isGiven, minLength(8, "At least 8 characters")];

/** Where the link of an invitation leads. */
export function AcceptInvitePage() {
  const { token = "" } = useParams();
  const enter = useEnter();
  const { submit, pending, error } = useSubmit<AcceptInviteMutationVariables>(FIELDS, async (input) => {
    await acceptInvite({ ...input, token });
    await enter();
  });

  return (
    <AccountCard
      title="Accept your invitation"
      error={error}
      footer={<AccountLink to="/login">Sign in to an account you have</AccountLink>}
    >
      <Form onSubmit={submit} disableInvalidFormNotification noValidate>
        <TextInput
          source="username"
          label="User name"
          autoComplete="username"
          autoFocus
          validate={isGiven}
          helperText={false}
        />
        <PasswordInput
          source="password"
          label="Password"
          autoComplete="new-password"
          validate={isLongEnough}
          helperText="At least 8 characters"
        />
        <Consents />
        <Button type="submit" variant="contained" size="large" fullWidth loading={pending} sx={{ mt: 2 }}>
          Create account
        </Button>
      </Form>
    </AccountCard>
  );
}
