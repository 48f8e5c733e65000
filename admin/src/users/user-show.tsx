import EditIcon from "@mui/icons-material/EditOutlined";
import { Box, Button, Card, CardContent, Link, Stack, Typography } from "@mui/material";
import { ReferenceManyField, Show, useCreatePath, useRecordContext } from "react-admin";
import { Link as RouterLink } from "react-router-dom";
import { UserArchiveButtons } from "../archives/user-archive-buttons.js";
import { AuditEntries } from "../audit/audit-entries.js";
import { CursorPagination } from "../display/cursor-pagination.js";
import { Fact, Facts } from "../display/facts.js";
import { formatFiles } from "../display/format.js";
import { ShowFailure, SHOWN_IN_PLACE } from "../display/list-states.js";
import { Section } from "../display/section.js";
import { StateChip } from "../display/state-chip.js";
import { FILE_STATES } from "../display/tones.js";
import { Size, When } from "../display/values.js";
import { FileTable } from "../files/file-table.js";
import { quotaWords } from "./quota.js";
import { ResetLinkButton } from "./reset-link-button.js";
import { ROLES } from "./roles.js";
import { Standing } from "./standing.js";
import type { UserDetails } from "./user.queries.js";

export function UserShow() {
  return (
    <Show title="User" actions={false} error={<ShowFailure />} queryOptions={SHOWN_IN_PLACE} component={Box}>
      <UserPage />
    </Show>
  );
}

function UserPage() {
  const user = useRecordContext<UserDetails>();
  // The row of the list stands in until the account itself has come: it does not know enough.
  if (!user || !("filesByState" in user)) return null;
  return (
    <Stack sx={{ gap: 2, my: 2 }}>
      <UserHeader user={user} />
      <UserFiles />
      <Section title="What was done to this account" flush>
        <Entries target="targetId" />
      </Section>
      <Section title="What this account did" flush>
        <Entries target="actorId" />
      </Section>
    </Stack>
  );
}

function UserHeader({ user }: { user: UserDetails }) {
  const createPath = useCreatePath();
  return (
    <Card>
      <CardContent>
        <Stack
          direction={{ xs: "column", md: "row" }}
          sx={{ gap: 2, justifyContent: "space-between", alignItems: { md: "center" }, mb: 2.5 }}
        >
          <Box sx={{ minWidth: 0 }}>
            <Typography variant="h5" component="h2" sx={{ overflowWrap: "anywhere", mb: 0.75 }}>
              {user.username}
            </Typography>
            <Stack direction="row" sx={{ gap: 1, flexWrap: "wrap" }}>
              <StateChip {...ROLES[user.role]} />
              <Standing user={user} />
            </Stack>
          </Box>
          <Stack direction="row" sx={{ gap: 1, flexWrap: "wrap" }}>
            {user.archivedAt == null && (
              <>
                <Button
                  variant="outlined"
                  startIcon={<EditIcon />}
                  component={RouterLink}
                  to={createPath({ resource: "users", id: user.id, type: "edit" })}
                >
                  Edit
                </Button>
                <ResetLinkButton user={user} />
              </>
            )}
            <UserArchiveButtons user={user} />
          </Stack>
        </Stack>
        <UserFacts user={user} />
      </CardContent>
    </Card>
  );
}

function UserFacts({ user }: { user: UserDetails }) {
  return (
    <Facts>
      <Fact name="E-mail">{user.email}</Fact>
      <Fact name="Created">
        <When date={user.createdAt} />
      </Fact>
      <Fact name="Consents">
        {user.consentedAt == null ? (
          "None: an operator made this account"
        ) : (
          <>
            Terms of use and privacy notice, <When date={user.consentedAt} />
          </>
        )}
      </Fact>
      <Fact name="Signed in">
        {user.sessionCount > 0
          ? `On ${user.sessionCount} ${user.sessionCount === 1 ? "device" : "devices"}`
          : "Nowhere"}
        {user.lastSignInAt != null && (
          <>
            , the last time <When date={user.lastSignInAt} />
          </>
        )}
        {user.lastSeenAt != null && (
          <>
            , last seen <When date={user.lastSeenAt} />
          </>
        )}
      </Fact>
      <Fact name="Usage">
        <Size bytes={user.bytesUsed} /> in {formatFiles(user.fileCount)}
      </Fact>
      <Fact name="Quota">{quotaWords(user.quota)}</Fact>
      <Fact name="Files by state">
        <FilesByState user={user} />
      </Fact>
      {user.archivedAt != null && (
        <Fact name="Archived">
          <When date={user.archivedAt} />
          {user.archivedBy != null && ` by ${user.archivedBy}`}
          {user.archivedReason != null && `: ${user.archivedReason}`}
        </Fact>
      )}
    </Facts>
  );
}

/** How many in each state, each a link to just these. */
function FilesByState({ user }: { user: UserDetails }) {
  const createPath = useCreatePath();
  const counts = user.filesByState;
  if (counts.length === 0) return "None";
  const pathname = createPath({ resource: "files", type: "list" });
  return (
    <Stack direction="row" sx={{ gap: 1.5, flexWrap: "wrap" }}>
      {counts.map(({ state, files }) => {
        const filter = JSON.stringify({ ownerId: user.id, state: [state] });
        const search = new URLSearchParams({ filter }).toString();
        return (
          <Link key={state} component={RouterLink} to={{ pathname, search }} sx={{ py: 0.25 }}>
            {files} {FILE_STATES[state].label.toLowerCase()}
          </Link>
        );
      })}
    </Stack>
  );
}

function UserFiles() {
  return (
    <Section title="Files" flush>
      <ReferenceManyField
        reference="files"
        target="ownerId"
        perPage={10}
        sort={{ field: "createdAt", order: "DESC" }}
        pagination={<CursorPagination onlyIfNeeded />}
        empty={
          <Typography variant="body2" sx={{ color: "text.secondary", px: 2, pb: 2 }}>
            No files
          </Typography>
        }
      >
        <FileTable withOwner={false} />
      </ReferenceManyField>
    </Section>
  );
}

function Entries({ target }: { target: "targetId" | "actorId" }) {
  return (
    <ReferenceManyField
      reference="audit"
      target={target}
      perPage={10}
      sort={{ field: "at", order: "DESC" }}
      pagination={<CursorPagination onlyIfNeeded />}
      empty={
        <Typography variant="body2" sx={{ color: "text.secondary", px: 2, pb: 2 }}>
          Nothing
        </Typography>
      }
    >
      <AuditEntries />
    </ReferenceManyField>
  );
}
