import { Box, Stack, Typography } from "@mui/material";
import type { ReactElement } from "react";
import { DataTable, List, useListContext, useUnselectAll } from "react-admin";
import { CursorPagination } from "../display/cursor-pagination.js";
import { accountFilter, searchFilter } from "../display/filters.js";
import { Selectable } from "../display/selectable.js";
import { EmptyState, ListFailure, NoMatch, SHOWN_IN_PLACE } from "../display/list-states.js";
import { ResourceLink } from "../display/resource-link.js";
import { SelectBox, SelectionBar } from "../display/selection.js";
import { useRoom } from "../display/use-room.js";
import { Size, When } from "../display/values.js";
import { OwnerLabel } from "../files/owner-label.js";
import { useIsAdmin } from "../layout/use-is-admin.js";
import type { ArchiveFilters, ArchivedFileRow, ArchivedFolderRow, ThingKind } from "./archive.queries.js";
import { PurgeButton } from "./purge-button.js";
import { PurgeList } from "./purge-list.js";
import { RestoreButton } from "./restore-button.js";

const ROOM_FOR_TABLE = 1040;

type Row = ArchivedFileRow | ArchivedFolderRow;

/** Everything archived, what can be done with it, and what is being removed. */
export function ArchiveList() {
  return (
    <Stack sx={{ gap: 2, minWidth: 0 }}>
      <ArchivedThings resource="archivedFiles" kind="file" title="Archived files" isPage />
      <ArchivedThings resource="archivedFolders" kind="folder" title="Archived folders" />
      <PurgeList />
    </Stack>
  );
}

interface ArchivedThingsProps {
  resource: string;
  kind: "file" | "folder";
  title: string;
  isPage?: boolean;
}

const archivedBy = accountFilter("archivedById", "Archived by");

/** Only administrators see what others archived. */
const FILTERS: Record<"own" | "all", Record<"file" | "folder", ReactElement[]>> = {
  own: { file: [searchFilter("Search archived files")], folder: [] },
  all: { file: [searchFilter("Name, owner, folder or archived by"), archivedBy], folder: [archivedBy] },
};

function ArchivedThings({ resource, kind, title, isPage = false }: ArchivedThingsProps) {
  const filters = FILTERS[useIsAdmin() ? "all" : "own"][kind];
  return (
    <Box component="section" aria-label={title}>
      <Typography variant="h6" component="h2" sx={{ mt: 2 }}>
        {title}
      </Typography>
      <List
        resource={resource}
        title={isPage ? "Archive" : " "}
        actions={false}
        {...(filters.length > 0 && { filters })}
        empty={false}
        perPage={10}
        disableSyncWithLocation
        pagination={<CursorPagination />}
        error={<ListFailure />}
        queryOptions={SHOWN_IN_PLACE}
      >
        <ThingTable kind={kind} />
      </List>
    </Box>
  );
}

function ThingTable({ kind }: { kind: ThingKind }) {
  return useRoom(ROOM_FOR_TABLE) ? <WideThingTable kind={kind} /> : <ThingCards kind={kind} />;
}

function WideThingTable({ kind }: { kind: ThingKind }) {
  const isAdmin = useIsAdmin();
  return (
    <Selectable>
      <DataTable<Row>
        rowClick={false}
        bulkActionButtons={<BulkButtons kind={kind} />}
        empty={<NothingArchived kind={kind} />}
      >
        <DataTable.Col<Row>
          source="name"
          disableSort
          sx={{ overflowWrap: "anywhere" }}
          render={(thing) => <Name kind={kind} thing={thing} />}
        />
        {isAdmin && (
          <DataTable.Col<Row>
            source="owner.username"
            label="Owner"
            disableSort
            render={({ owner }) => <OwnerLabel owner={owner} />}
          />
        )}
        <DataTable.Col<Row>
          source="size"
          disableSort
          align="right"
          render={({ size }) => <Size bytes={size} />}
        />
        <DataTable.Col<Row>
          source="archivedAt"
          label="Archived"
          disableSort
          render={(thing) => <Archived thing={thing} />}
        />
        <DataTable.Col<Row>
          source="expiresAt"
          label="Purged automatically"
          disableSort
          render={({ expiresAt }) => (expiresAt == null ? "never" : <When date={expiresAt} />)}
        />
        <DataTable.Col<Row>
          source="id"
          label="Actions"
          disableSort
          sx={{ textAlign: "right", whiteSpace: "nowrap" }}
          render={({ id, name }) => (
            <>
              <RestoreButton kind={kind} ids={[id]} what={name} />
              <PurgeButton kind={kind} ids={[id]} proof={name} />
            </>
          )}
        />
      </DataTable>
    </Selectable>
  );
}

function NothingArchived({ kind }: { kind: ThingKind }) {
  const { search: searched, archivedById } = useListContext().filterValues as ArchiveFilters;
  if (!searched && !archivedById) {
    return (
      <EmptyState
        title="Nothing is archived"
        text="What you archive waits here, out of the way, until you restore it or purge it for good."
      />
    );
  }
  const found = searched ? ` found by “${searched}”` : "";
  return (
    <NoMatch
      text={`There are no archived ${kind}s${found}${archivedById ? " that this account archived" : ""}.`}
    />
  );
}

function ThingCards({ kind }: { kind: ThingKind }) {
  const { data = [] } = useListContext<Row>();
  if (data.length === 0) return <NothingArchived kind={kind} />;
  return (
    <>
      <SelectionBar thing={kind}>
        <BulkButtons kind={kind} />
      </SelectionBar>
      <Stack component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
        {data.map((thing) => (
          <ThingCard key={thing.id} kind={kind} thing={thing} />
        ))}
      </Stack>
    </>
  );
}

function ThingCard({ kind, thing }: { kind: ThingKind; thing: Row }) {
  const isAdmin = useIsAdmin();
  return (
    <Stack
      component="li"
      direction="row"
      sx={{ ...{ py: 1.5, pl: 0.75, pr: 2, gap: 0.5 }, borderBottom: 1, borderColor: "divider" }}
    >
      <SelectBox id={thing.id} name={thing.name} sx={{ alignSelf: "flex-start" }} />
      <Box sx={{ flex: 1, minWidth: 0, pt: 0.75 }}>
        <Typography component="div" sx={{ overflowWrap: "anywhere", fontWeight: 600 }}>
          <Name kind={kind} thing={thing} />
        </Typography>
        <Typography
          variant="body2"
          component="div"
          sx={{ color: "text.secondary", overflowWrap: "anywhere" }}
        >
          <Size bytes={thing.size} />
          {isAdmin && ` of ${thing.owner?.username ?? "nobody"}`} · archived <Archived thing={thing} />
          {thing.expiresAt != null && (
            <>
              {" "}
              · purged automatically <When date={thing.expiresAt} />
            </>
          )}
        </Typography>
        <Stack direction="row" sx={{ gap: 1, mt: 0.5 }}>
          <RestoreButton kind={kind} ids={[thing.id]} what={thing.name} />
          <PurgeButton kind={kind} ids={[thing.id]} proof={thing.name} />
        </Stack>
      </Box>
    </Stack>
  );
}

function Name({ kind, thing: { id, name } }: { kind: ThingKind; thing: Row }) {
  return (
    <ResourceLink resource={`${kind}s`} id={id}>
      {name}
    </ResourceLink>
  );
}

function Archived({ thing: { archivedAt, archivedBy, archivedReason } }: { thing: Row }) {
  return (
    <>
      {archivedAt != null && <When date={archivedAt} />}
      {archivedBy != null && ` by ${archivedBy}`}
      {archivedReason != null && `: ${archivedReason}`}
    </>
  );
}

function BulkButtons({ kind }: { kind: ThingKind }) {
  const { data = [], selectedIds, resource } = useListContext<Row>();
  const unselectAll = useUnselectAll(resource);
  const ids = selectedIds.map(String);
  const only = ids.length === 1 ? data.find(({ id }) => id === ids[0]) : undefined;
  const what = only?.name ?? `${ids.length} ${kind}s`;
  return (
    <>
      <RestoreButton kind={kind} ids={ids} what={what} onDone={() => unselectAll()} />
      <PurgeButton
        kind={kind}
        ids={ids}
        proof={only?.name ?? String(ids.length)}
        onDone={() => unselectAll()}
      />
    </>
  );
}
