import { Button } from "@mui/material";
import { email, Form, PasswordInput, required, TextInput } from "react-admin";
import { useState } from "react";
import { changeEmail } from "../providers/account.js";
import { Outcome } from "./outcome.js";
import { useSubmit } from "./use-submit.js";

interface NewAddress {
  email: string;
  password: string;
}

const isGiven = required("Required");
const isAddress = [isGiven, email("Not an e-mail address")];

export function EmailForm() {
  const [done, setDone] = useState<string>();
  const { submit, pending, error } = useSubmit<NewAddress>(["email", "password"], async (values) => {
    setDone(undefined);
    await changeEmail(values.password, values.email);
    setDone(`A mail with a link is on its way to ${values.email}. The address changes when you follow it.`);
  });

  return (
    <Form onSubmit={submit} disableInvalidFormNotification noValidate>
      <Outcome error={error} done={done} />
      <TextInput
        source="email"
        type="email"
        label="New address"
        autoComplete="email"
        validate={isAddress}
        helperText={false}
      />
      <PasswordInput
        source="password"
        label="Your password"
        autoComplete="current-password"
        validate={isGiven}
        helperText={false}
      />
      <Button type="submit" variant="outlined" loading={pending} sx={{ mt: 1, alignSelf: "flex-start" }}>
        Change address
      </Button>
    </Form>
  );
}
