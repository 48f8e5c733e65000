import HistoryIcon from "@mui/icons-material/History";
import { Box } from "@mui/material";
import { DateInput, List, TextInput, useListContext } from "react-admin";
import { CursorPagination } from "../display/cursor-pagination.js";
import { accountFilter, useFilters } from "../display/filters.js";
import { EmptyState, ListFailure, NoMatch, SHOWN_IN_PLACE } from "../display/list-states.js";
import { ActionInput } from "./action-input.js";
import { AuditEntries } from "./audit-entries.js";
import { ExportButtons } from "./export-buttons.js";
import { noEntries } from "./audit-words.js";
import type { AuditFilters, AuditRow } from "./audit.queries.js";

const filters = [
  <ActionInput key="action" source="action" alwaysOn />,
  accountFilter("actorId", "By"),
  <DateInput key="from" source="from" label="From" alwaysOn />,
  <DateInput key="until" source="until" label="Until" alwaysOn />,
  <TextInput key="targetId" source="targetId" label="Id of what it concerns" alwaysOn />,
];

export function AuditList() {
  const { filters: shown, isFolded } = useFilters(filters, 1);
  return (
    <List
      title="Audit log"
      filters={shown}
      actions={<ExportButtons hasMoreFilters={isFolded} />}
      exporter={false}
      perPage={25}
      pagination={<CursorPagination />}
      empty={<EmptyState icon={<HistoryIcon />} title="Nothing was done yet" />}
      error={<ListFailure />}
      queryOptions={SHOWN_IN_PLACE}
    >
      <Entries />
    </List>
  );
}

function Entries() {
  const { data = [], isPending, ...list } = useListContext<AuditRow>();
  if (!isPending && data.length === 0) return <NoMatch text={noEntries(list.filterValues as AuditFilters)} />;
  return (
    <Box sx={{ py: 0.5 }}>
      <AuditEntries />
    </Box>
  );
}
