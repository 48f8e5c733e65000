import PeopleIcon from "@mui/icons-material/PeopleOutlined";
import { Box, Stack, Typography } from "@mui/material";
import { DataTable, FilterButton, List, SelectInput, TopToolbar, useListContext } from "react-admin";
import { UserArchiveButtons } from "../archives/user-archive-buttons.js";
import { CursorPagination } from "../display/cursor-pagination.js";
import { accountFilter, searchFilter, useFilters } from "../display/filters.js";
import { formatBytes, formatFiles } from "../display/format.js";
import { EmptyState, ListFailure, NoMatch, SHOWN_IN_PLACE } from "../display/list-states.js";
import { ResourceLink } from "../display/resource-link.js";
import { Selectable } from "../display/selectable.js";
import { StateChip } from "../display/state-chip.js";
import { useRoom } from "../display/use-room.js";
import { Size, When } from "../display/values.js";
import { NewUserButton } from "./new-user-button.js";
import { noUsers } from "./no-users.js";
import type { UserFilters } from "./no-users.js";
import { PendingInvites } from "./pending-invites.js";
import { roleChoices, ROLES } from "./roles.js";
import { Standing } from "./standing.js";
import { UserBulkActions } from "./user-bulk-actions.js";
import type { UserRow } from "./user.queries.js";

/** Accounts that are purged go one by one. */
const LOOK_AGAIN_MS = 5_000;
/** What the table needs, and with one more column. */
const ROOM = { table: 760, created: 900 };

const filters = [
  searchFilter("Name or e-mail"),
  <SelectInput key="role" source="role" label="Role" alwaysOn choices={roleChoices} emptyText="Any" />,
  <SelectInput
    key="archived"
    source="archived"
    label="Archived or not"
    alwaysOn
    choices={[{ id: "true", name: "Archived" }]}
    emptyText="Not archived"
    sx={{ minWidth: 180 }}
  />,
  accountFilter("archivedById", "Archived by"),
];

export function UserList() {
  const { filters: shown, isFolded } = useFilters(filters, 1);
  const fits = useRoom(ROOM.table);
  return (
    <Stack sx={{ gap: 2 }}>
      <List
        title="Users"
        filters={shown}
        actions={<UserListActions hasMoreFilters={isFolded} />}
        exporter={false}
        sort={{ field: "username", order: "ASC" }}
        perPage={25}
        pagination={<CursorPagination />}
        empty={<EmptyState icon={<PeopleIcon />} title="No users yet" />}
        error={<ListFailure />}
        queryOptions={{ ...SHOWN_IN_PLACE, refetchInterval: LOOK_AGAIN_MS }}
      >
        {fits ? <UserTable /> : <UserCards />}
      </List>
      <PendingInvites />
    </Stack>
  );
}

function UserListActions({ hasMoreFilters }: { hasMoreFilters: boolean }) {
  return (
    <TopToolbar>
      {hasMoreFilters && <FilterButton />}
      <NewUserButton way="invite" />
      <NewUserButton way="create" />
    </TopToolbar>
  );
}

function NoUsers() {
  const filters = useListContext().filterValues as UserFilters;
  return <NoMatch text={noUsers(filters)} />;
}

function UserTable() {
  const wide = useRoom(ROOM.created);
  const { archived, archivedById } = useListContext().filterValues as UserFilters;
  const areArchived = archived === "true" || Boolean(archivedById);
  return (
    <Selectable>
      <DataTable<UserRow> bulkActionButtons={<UserBulkActions />} rowClick={false} empty={<NoUsers />}>
        <DataTable.Col<UserRow> source="username" label="Name" render={(user) => <Name user={user} />} />
        <DataTable.Col source="email" label="E-mail" disableSort sx={{ overflowWrap: "anywhere" }} />
        <DataTable.Col<UserRow>
          source="role"
          disableSort
          render={({ role }) => <StateChip {...ROLES[role]} />}
        />
        <DataTable.Col<UserRow>
          source="bytesUsed"
          label="Usage"
          align="right"
          render={({ bytesUsed }) => <Size bytes={bytesUsed} />}
        />
        <DataTable.NumberCol source="fileCount" label="Files" disableSort />
        {areArchived && (
          <DataTable.Col<UserRow>
            source="archivedAt"
            label="Archived"
            disableSort
            render={(user) => <Archived user={user} />}
          />
        )}
        {wide && !areArchived && (
          <DataTable.Col<UserRow>
            source="createdAt"
            label="Created"
            render={({ createdAt }) => <When date={createdAt} />}
          />
        )}
      </DataTable>
    </Selectable>
  );
}

/** When, by whom and why. */
function Archived({ user: { archivedAt, archivedBy, archivedReason } }: { user: UserRow }) {
  if (archivedAt == null) return null;
  return (
    <>
      <When date={archivedAt} />
      {archivedBy != null && ` by ${archivedBy}`}
      {archivedReason != null && `: ${archivedReason}`}
    </>
  );
}

function Name({ user }: { user: UserRow }) {
  return (
    <Stack direction="row" sx={{ gap: 1, alignItems: "center", flexWrap: "wrap" }}>
      <ResourceLink resource="users" id={user.id}>
        {user.username}
      </ResourceLink>
      <Standing user={user} />
    </Stack>
  );
}

function UserCards() {
  const { data = [], isPending } = useListContext<UserRow>();
  if (!isPending && data.length === 0) return <NoUsers />;
  return (
    <Stack component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
      {data.map((user) => (
        <Box component="li" key={user.id} sx={{ p: 2, borderBottom: 1, borderColor: "divider" }}>
          <Stack direction="row" sx={{ justifyContent: "space-between", gap: 1 }}>
            <Name user={user} />
            <StateChip {...ROLES[user.role]} />
          </Stack>
          <Typography variant="body2" sx={{ color: "text.secondary", overflowWrap: "anywhere" }}>
            {user.email} · {formatBytes(user.bytesUsed)} · {formatFiles(user.fileCount)}
          </Typography>
          {user.archivedAt != null && (
            <Typography variant="body2" sx={{ color: "text.secondary", overflowWrap: "anywhere" }}>
              Archived <Archived user={user} />
            </Typography>
          )}
          <Box sx={{ mt: 1 }}>
            <UserArchiveButtons user={user} />
          </Box>
        </Box>
      ))}
    </Stack>
  );
}
