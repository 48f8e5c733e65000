import { Button } from "@mui/material";
import { Form, required, TextInput } from "react-admin";
import { useState } from "react";
import { changeUsername } from "../providers/account.js";
import { Outcome } from "./outcome.js";
import { useSubmit } from "./use-submit.js";

const isGiven = required("Required");

export function UsernameForm({ username, onChanged }: { username: string; onChanged: () => void }) {
  const [done, setDone] = useState<string>();
  const { submit, pending, error } = useSubmit<{ username: string }>(["username"], async (values) => {
    setDone(undefined);
    await changeUsername(values.username);
    setDone("The user name is changed.");
    onChanged();
  });

  return (
    <Form onSubmit={submit} defaultValues={{ username }} disableInvalidFormNotification noValidate>
      <Outcome error={error} done={done} />
      <TextInput
        source="username"
        label="User name"
        autoComplete="username"
        validate={isGiven}
        helperText="3 to 32 letters, digits, dots, dashes or underscores"
      />
      <Button type="submit" variant="outlined" loading={pending} sx={{ mt: 1, alignSelf: "flex-start" }}>
        Change user name
      </Button>
    </Form>
  );
}
