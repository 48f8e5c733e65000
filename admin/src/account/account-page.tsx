import { Card, CardContent, Stack, Typography } from "@mui/material";
import { Title, useGetIdentity } from "react-admin";
import type { ReactNode } from "react";
import { StateChip } from "../display/state-chip.js";
import type { Role } from "../generated/graphql.js";
import { ROLES } from "../users/roles.js";
import { DeleteAccountForm } from "./delete-account-form.js";
import { EmailForm } from "./email-form.js";
import { PasswordForm } from "./password-form.js";
import { SessionsList } from "./sessions-list.js";
import { UsageBar } from "./usage-bar.js";
import { UsernameForm } from "./username-form.js";

/** The viewer's own account: who I am, how I sign in, where I am signed in. */
export function AccountPage() {
  const { identity, refetch } = useGetIdentity();
  return (
    <Stack sx={{ gap: 2, maxWidth: 880, my: 2 }}>
      <Title title="Account" />
      <Section title="Profile">
        <Stack direction="row" sx={{ gap: 1, alignItems: "center", flexWrap: "wrap", mb: 2 }}>
          <Typography sx={{ overflowWrap: "anywhere" }}>
            {identity?.["email"] as string | undefined}
          </Typography>
          {identity && <StateChip {...ROLES[identity["role"] as Role]} />}
        </Stack>
        {identity && <UsernameForm username={identity.fullName ?? ""} onChanged={() => void refetch?.()} />}
      </Section>
      <Section title="Storage">
        <UsageBar />
      </Section>
      <Section title="E-mail address">
        <EmailForm />
      </Section>
      <Section title="Password">
        <PasswordForm />
      </Section>
      <Section title="Where you are signed in">
        <SessionsList />
      </Section>
      <Section title="Delete this account">
        <DeleteAccountForm />
      </Section>
    </Stack>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card component="section" aria-label={title}>
      <CardContent>
        <Typography variant="h6" component="h2" sx={{ mb: 1.5 }}>
          {title}
        </Typography>
        {children}
      </CardContent>
    </Card>
  );
}
