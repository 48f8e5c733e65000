import { Alert, Stack, Typography } from "@mui/material";
import { useQuery } from "@tanstack/react-query";
import { ActionButton } from "../display/action-button.js";
import { Row, Rows } from "../display/rows.js";
import { Section } from "../display/section.js";
import { StateChip } from "../display/state-chip.js";
import { When } from "../display/values.js";
import { messageOf } from "../providers/errors.js";
import { ROLES } from "./roles.js";
import { invites, revokeInvite } from "./user.calls.js";

/** Invitations that nobody has followed yet; nothing while there are none. */
export function PendingInvites() {
  const { data = [], error } = useQuery({ queryKey: ["invites"], queryFn: invites });
  if (error) return <Alert severity="error">{messageOf(error)}</Alert>;
  if (data.length === 0) return null;
  return (
    <Section title="Open invitations" flush>
      <Rows label="Open invitations">
        {data.map(({ id, email, role, createdAt, expiresAt }) => (
          <Row key={id}>
            <Stack direction="row" sx={{ gap: 1.5, alignItems: "center", flexWrap: "wrap" }}>
              <Typography variant="body2" sx={{ fontWeight: 600, overflowWrap: "anywhere" }}>
                {email}
              </Typography>
              <StateChip {...ROLES[role]} />
              <Typography variant="body2" component="div" sx={{ color: "text.secondary", flex: 1 }}>
                made <When date={createdAt} /> · ends <When date={expiresAt} />
              </Typography>
              <ActionButton
                name={`Revoke the invitation of ${email}`}
                color="error"
                act={() => revokeInvite(email)}
                done="The link is worthless now"
              >
                Revoke
              </ActionButton>
            </Stack>
          </Row>
        ))}
      </Rows>
    </Section>
  );
}
