import { Button } from "@mui/material";
import { useQueryClient } from "@tanstack/react-query";
import { Form, minLength, PasswordInput, required } from "react-admin";
import { useState } from "react";
import { changePassword } from "../providers/account.js";
import { Outcome } from "./outcome.js";
import { useSubmit } from "./use-submit.js";

interface Passwords {
  current: string;
  new: string;
}

const isGiven = required("Required");
const isLongEnough = [isGiven, minLength(8, "At least 8 characters")];

export function PasswordForm() {
  const [done, setDone] = useState<string>();
  const queries = useQueryClient();
  const { submit, pending, error } = useSubmit<Passwords>(["current", "new"], async (values) => {
    setDone(undefined);
    await changePassword(values.current, values.new);
    setDone("The password is changed, and your other devices are signed out.");
    await queries.invalidateQueries({ queryKey: ["sessions"] });
  });

  return (
    <Form onSubmit={submit} disableInvalidFormNotification noValidate>
      <Outcome error={error} done={done} />
      <PasswordInput
        source="current"
        label="Current password"
        autoComplete="current-password"
        validate={isGiven}
        helperText={false}
      />
      <PasswordInput
        source="new"
        label="New password"
        autoComplete="new-password"
        validate={isLongEnough}
        helperText="At least 8 characters"
      />
      <Button type="submit" variant="outlined" loading={pending} sx={{ mt: 1, alignSelf: "flex-start" }}>
        Change password
      </Button>
    </Form>
  );
}
