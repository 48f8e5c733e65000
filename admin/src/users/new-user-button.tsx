import MailIcon from "@mui/icons-material/MailOutlined";
import PersonAddIcon from "@mui/icons-material/PersonAddOutlined";
import { Button, Dialog, DialogActions, DialogContent, DialogContentText, DialogTitle } from "@mui/material";
import { useQueryClient } from "@tanstack/react-query";
import { email, Form, required, SelectInput, TextInput } from "react-admin";
import { useId, useState } from "react";
import { Outcome } from "../account/outcome.js";
import { useSubmit } from "../account/use-submit.js";
import type { Role } from "../generated/graphql.js";
import { readAllAgain } from "../providers/read-all-again.js";
import { roleChoices } from "./roles.js";
import { SentLinkNote } from "./sent-link.js";
import { createUser, inviteUser } from "./user.calls.js";
import type { SentLink } from "./user.calls.js";

interface NewUser {
  username: string;
  email: string;
  role: Role;
}

const isGiven = required("Required");
const isAddress = [isGiven, email("Not an e-mail address")];

const WAYS = {
  create: {
    label: "New user",
    icon: <PersonAddIcon />,
    text: "The account exists at once. Its owner gets a link for choosing the password; nobody else chooses it.",
    submit: "Create user",
    send: (values: NewUser) => createUser(values),
  },
  invite: {
    label: "Invite",
    icon: <MailIcon />,
    text: "The account is made when the link is followed: its owner chooses name and password, and accepts the terms.",
    submit: "Send invitation",
    send: ({ email: address, role }: NewUser) => inviteUser({ email: address, role }),
  },
};

/** Makes an account, or invites somebody to make one; shows the link where no mail carries it. */
export function NewUserButton({ way }: { way: keyof typeof WAYS }) {
  const { label, icon } = WAYS[way];
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <>
      <Button variant="outlined" startIcon={icon} onClick={() => setOpen(true)}>
        {label}
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} fullWidth maxWidth="xs" aria-labelledby={id}>
        <DialogTitle id={id}>{label}</DialogTitle>
        <NewUserForm way={way} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function NewUserForm({ way, onClose }: { way: keyof typeof WAYS; onClose: () => void }) {
  const { text, submit: submitLabel, send } = WAYS[way];
  const queries = useQueryClient();
  const [sent, setSent] = useState<{ link: SentLink; email: string }>();
  const { submit, pending, error } = useSubmit<NewUser>(["username", "email", "role"], async (values) => {
    setSent({ link: await send(values), email: values.email });
    await readAllAgain(queries);
  });

  if (sent) {
    return (
      <>
        <DialogContent>
          <SentLinkNote {...sent} />
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>Close</Button>
        </DialogActions>
      </>
    );
  }
  return (
    <Form onSubmit={submit} defaultValues={{ role: "FREE" }} disableInvalidFormNotification noValidate>
      <DialogContent>
        <DialogContentText variant="body2" sx={{ mb: 1.5 }}>
          {text}
        </DialogContentText>
        <Outcome error={error} done={undefined} />
        {way === "create" && (
          <TextInput
            source="username"
            label="User name"
            autoComplete="off"
            validate={isGiven}
            helperText="3 to 32 letters, digits, dots, dashes or underscores"
          />
        )}
        <TextInput
          source="email"
          type="email"
          label="E-mail"
          autoComplete="off"
          validate={isAddress}
          helperText={false}
        />
        <SelectInput source="role" label="Role" choices={roleChoices} validate={isGiven} helperText={false} />
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="contained" loading={pending}>
          {submitLabel}
        </Button>
      </DialogActions>
    </Form>
  );
}
