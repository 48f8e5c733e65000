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
  useEditContext,
  useNotify,
  useRedirect,
} from "react-admin";
import { useState } from "react";
import { Outcome } from "../account/outcome.js";
import { useSubmit } from "../account/use-submit.js";
import { Section } from "../display/section.js";
import type { Role } from "../generated/graphql.js";
import { isOutdated, messageOf } from "../providers/errors.js";
import { readAllAgain } from "../providers/read-all-again.js";
import { Outdated } from "./outdated.js";
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
        <Account />
      </Stack>
    </EditBase>
  );
}

/** What is edited is the account as it was loaded: a change that comes meanwhile neither overwrites what is typed nor is overwritten. */
function Account() {
  const { record, isFetching, refetch } = useEditContext<UserRow & Partial<UserDetails>>();
  const [seen, setSeen] = useState<UserDetails>();
  // The row of the list, or what was loaded earlier, stands in until the account itself has come.
  if (isWhole(record) && !isFetching && seen?.id !== record.id) setSeen(record);
  const load = async () => {
    const { data } = await refetch();
    if (isWhole(data)) setSeen(data);
  };
  if (seen === undefined) return null;
  return (
    <>
      <UserForm key={seenKey(seen)} user={seen} onLoad={load} />
      <Section title="Quota of this account">
        <QuotaForm key={quotaKey(seen)} user={seen} onLoad={load} />
      </Section>
    </>
  );
}

function isWhole(user: Partial<UserDetails> | undefined): user is UserDetails {
  return user?.ownQuota !== undefined;
}

const seenKey = ({ id, username, email: address, role }: UserRow) => [id, username, address, role].join(" ");

const quotaKey = ({ id, ownQuota }: UserDetails) => [id, ...Object.values(ownQuota)].join(" ");

function UserForm({ user, onLoad }: { user: UserRow; onLoad: () => Promise<void> }) {
  const queries = useQueryClient();
  const notify = useNotify();
  const redirect = useRedirect();
  const [outdated, setOutdated] = useState<string>();
  const { submit, pending, error } = useSubmit<Changes>(["username", "email", "role"], async (values) => {
    const { username, email: address, role } = values;
    try {
      await updateUser(user, { username, email: address, role });
    } catch (failure) {
      if (!isOutdated(failure)) throw failure;
      setOutdated(messageOf(failure));
      return;
    }
    await readAllAgain(queries);
    notify("The account is changed", { type: "success" });
    redirect("show", "users", user.id);
  });
  return (
    <Section title={user.username}>
      <Form
        onSubmit={submit}
        record={{ id: user.id, username: user.username, email: user.email, role: user.role }}
        disableInvalidFormNotification
        noValidate
      >
        <Outcome error={error} done={undefined} />
        <Outdated message={outdated} onLoad={onLoad} />
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
          <Button type="submit" variant="contained" loading={pending} disabled={outdated !== undefined}>
            Save
          </Button>
          <Button onClick={() => redirect("show", "users", user.id)}>Cancel</Button>
        </Stack>
      </Form>
    </Section>
  );
}
