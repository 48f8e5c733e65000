import { Button, Stack } from "@mui/material";
import { useQueryClient } from "@tanstack/react-query";
import {
  EditBase,
  email,
  Form,
  required,
  SelectInput,
  TextInput,
  Title,
  useNotify,
  useRecordContext,
  useRedirect,
} from "react-admin";
import { Outcome } from "../account/outcome.js";
import { useSubmit } from "../account/use-submit.js";
import { Section } from "../display/section.js";
import type { Role } from "../generated/graphql.js";
import { QuotaForm } from "./quota-form.js";
import { roleChoices } from "./roles.js";
import { updateUser } from "./user.calls.js";
import type { UserDetails, UserRow } from "./user.queries.js";

interface Changes {
  username: string;
  email: string;
  role: Role;
}

const isGiven = required("Required");
const isAddress = [isGiven, email("Not an e-mail address")];

/** Name, address and role of an account. */
export function UserEdit() {
  return (
    <EditBase mutationMode="pessimistic">
      <Stack sx={{ gap: 2, my: 2, maxWidth: 640 }}>
        <Title title="Edit user" />
        <UserForm />
        <Quota />
      </Stack>
    </EditBase>
  );
}

function Quota() {
  const user = useRecordContext<UserRow & Partial<UserDetails>>();
  // The row of the list, which stands in until the account itself has come, does not know it.
  if (!isWhole(user)) return null;
  return (
    <Section title="Own quota">
      <QuotaForm user={user} />
    </Section>
  );
}

function isWhole(user: Partial<UserDetails> | undefined): user is UserDetails {
  return user?.ownQuota !== undefined;
}

function UserForm() {
  const user = useRecordContext<UserRow>();
  const queries = useQueryClient();
  const notify = useNotify();
  const redirect = useRedirect();
  const { submit, pending, error } = useSubmit<Changes>(["username", "email", "role"], async (values) => {
    if (!user) return;
    const { username, email: address, role } = values;
    await updateUser(user.id, { username, email: address, role });
    await queries.invalidateQueries();
    notify("The account is changed", { type: "success" });
    redirect("show", "users", user.id);
  });
  if (!user) return null;
  return (
    <Section title={user.username}>
      <Form
        onSubmit={submit}
        defaultValues={{ username: user.username, email: user.email, role: user.role }}
        disableInvalidFormNotification
        noValidate
      >
        <Outcome error={error} done={undefined} />
        <TextInput
          source="username"
          label="User name"
          autoComplete="off"
          validate={isGiven}
          helperText="3 to 32 letters, digits, dots, dashes or underscores"
        />
        <TextInput
          source="email"
          type="email"
          label="E-mail"
          autoComplete="off"
          validate={isAddress}
          helperText={false}
        />
        <SelectInput
          source="role"
          label="Role"
          choices={roleChoices}
          validate={isGiven}
          helperText="A change holds from the next request on"
        />
        <Stack direction="row" sx={{ gap: 1, mt: 1 }}>
          <Button type="submit" variant="contained" loading={pending}>
            Save
          </Button>
          <Button onClick={() => redirect("show", "users", user.id)}>Cancel</Button>
        </Stack>
      </Form>
    </Section>
  );
}
