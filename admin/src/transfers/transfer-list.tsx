import SwapVertIcon from "@mui/icons-material/SwapVert";
import { Box, Stack, Typography } from "@mui/material";
import { DataTable, List, SelectArrayInput, useListContext, useRecordContext } from "react-admin";
import { CursorPagination } from "../display/cursor-pagination.js";
import { EmptyState, ListFailure, NoMatch, SHOWN_IN_PLACE } from "../display/list-states.js";
import { ResourceLink } from "../display/resource-link.js";
import { StateChip } from "../display/state-chip.js";
import { choicesOf, TRANSFER_STATES } from "../display/tones.js";
import { useRoom } from "../display/use-room.js";
import { When } from "../display/values.js";
import { useIsAdmin } from "../layout/use-is-admin.js";
import { UploadButton } from "../uploads/upload-button.js";
import { useLiveProgress } from "./live-transfers-provider.js";
import { TransferProgress } from "./transfer-progress.js";
import type { TransferListRow } from "./transfer.queries.js";

const ROOM_FOR_TABLE = 840;

const filters = [
  <SelectArrayInput key="state" source="state" label="State" alwaysOn choices={choicesOf(TRANSFER_STATES)} />,
];

export function TransferList() {
  const fits = useRoom(ROOM_FOR_TABLE);
  return (
    <List
      title="Transfers"
      filters={filters}
      actions={false}
      exporter={false}
      perPage={25}
      pagination={<CursorPagination />}
      empty={<NoTransfers />}
      error={<ListFailure />}
      queryOptions={SHOWN_IN_PLACE}
    >
      {fits ? <TransferTable /> : <TransferCards />}
    </List>
  );
}

function TransferTable() {
  const isAdmin = useIsAdmin();
  return (
    <DataTable<TransferListRow> bulkActionButtons={false} rowClick={false} empty={<NoMatch />}>
      <DataTable.Col source="file.name" label="File" disableSort field={FileName} />
      <DataTable.Col source="state" disableSort field={LiveState} />
      <DataTable.Col
        source="bytesSent"
        label="Progress"
        disableSort
        field={Progress}
        sx={{ width: "40%", minWidth: 220 }}
      />
      {isAdmin && (
        <DataTable.Col<TransferListRow>
          source="file.owner.username"
          label="Owner"
          disableSort
          render={({ file }) => file?.owner?.username ?? "Anonymous"}
        />
      )}
      <DataTable.Col<TransferListRow>
        source="createdAt"
        label="Started"
        disableSort
        render={({ createdAt }) => <When date={createdAt} />}
      />
    </DataTable>
  );
}

function TransferCards() {
  const { data = [], isPending } = useListContext<TransferListRow>();
  if (!isPending && data.length === 0) return <NoMatch />;
  return (
    <Stack component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
      {data.map((transfer) => (
        <Box component="li" key={transfer.id} sx={{ p: 2, borderBottom: 1, borderColor: "divider" }}>
          <NameOf transfer={transfer} />
          <ProgressOf transfer={transfer} showState />
        </Box>
      ))}
    </Stack>
  );
}

function FileName() {
  const transfer = useRecordContext<TransferListRow>();
  return transfer ? <NameOf transfer={transfer} /> : null;
}

function Progress() {
  const transfer = useRecordContext<TransferListRow>();
  return transfer ? <ProgressOf transfer={transfer} /> : null;
}

function LiveState() {
  const transfer = useRecordContext<TransferListRow>();
  const live = useLiveProgress(transfer?.file?.id);
  return transfer ? <StateChip {...TRANSFER_STATES[live?.state ?? transfer.state]} /> : null;
}

function NameOf({ transfer: { file } }: { transfer: TransferListRow }) {
  if (!file) return <Typography variant="body2">A file that is gone</Typography>;
  return (
    <ResourceLink resource="files" id={file.id}>
      {file.name}
    </ResourceLink>
  );
}

function ProgressOf({ transfer, showState = false }: { transfer: TransferListRow; showState?: boolean }) {
  return (
    <TransferProgress
      fileId={transfer.file?.id}
      fileName={transfer.file?.name ?? "a file that is gone"}
      transferId={transfer.id}
      record={transfer}
      showState={showState}
    />
  );
}

function NoTransfers() {
  return (
    <EmptyState
      icon={<SwapVertIcon />}
      title="No transfers yet"
      text="A transfer moves an uploaded file into Telegram. It starts by itself after an upload."
    >
      <UploadButton />
    </EmptyState>
  );
}
