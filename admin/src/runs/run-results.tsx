import { Box, ToggleButton, ToggleButtonGroup, Typography } from "@mui/material";
import { useState } from "react";
import { RecordContextProvider, ReferenceManyField, useListContext } from "react-admin";
import { CursorPagination } from "../display/cursor-pagination.js";
import { ResourceLink } from "../display/resource-link.js";
import type { BulkResultRow, BulkRunRow } from "./run.queries.js";
import { DEEDS } from "./run-words.js";

/** What became of each file of a run; those that refused by themselves, too. */
export function RunResults({ run }: { run: BulkRunRow }) {
  const [refusedOnly, setRefusedOnly] = useState(false);
  return (
    <RecordContextProvider value={run}>
      <ToggleButtonGroup
        exclusive
        size="small"
        aria-label="Which results"
        value={refusedOnly}
        onChange={(_, value: boolean | null) => setRefusedOnly(value ?? refusedOnly)}
        sx={{ my: 1 }}
      >
        <ToggleButton value={false}>All</ToggleButton>
        <ToggleButton value>Refused</ToggleButton>
      </ToggleButtonGroup>
      <ReferenceManyField
        reference="runResults"
        target="runId"
        perPage={10}
        filter={refusedOnly ? { done: false } : {}}
        pagination={<CursorPagination onlyIfNeeded />}
        empty={
          <Typography variant="body2" sx={{ color: "text.secondary" }}>
            {refusedOnly ? "No file refused." : "No results yet."}
          </Typography>
        }
      >
        <Results done={DEEDS[run.deed].done} isPurge={run.deed === "PURGE"} />
      </ReferenceManyField>
    </RecordContextProvider>
  );
}

function Results({ done, isPurge }: { done: string; isPurge: boolean }) {
  const { data = [] } = useListContext<BulkResultRow>();
  return (
    <Box component="ul" sx={{ m: 0, pl: 2.5 }}>
      {data.map((result) => (
        <Typography component="li" variant="body2" key={result.id} sx={{ overflowWrap: "anywhere" }}>
          {/* What is purged has no page any more. */}
          {isPurge || result.name == null ? (
            (result.name ?? "A file that is gone")
          ) : (
            <ResourceLink resource="files" id={result.fileId}>
              {result.name}
            </ResourceLink>
          )}
          : {result.done ? done : (result.reason ?? "refused")}
        </Typography>
      ))}
    </Box>
  );
}
