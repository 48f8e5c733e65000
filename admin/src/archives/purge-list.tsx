import { Box, Button, Collapse, Stack, Typography } from "@mui/material";
import { useId, useState } from "react";
import { List, RecordContextProvider, ReferenceManyField, useListContext } from "react-admin";
import { CursorPagination } from "../display/cursor-pagination.js";
import { EmptyState, ListFailure, SHOWN_IN_PLACE } from "../display/list-states.js";
import { ProgressBar } from "../display/progress-bar.js";
import { StateChip } from "../display/state-chip.js";
import { PURGE_STATES } from "../display/tones.js";
import { When } from "../display/values.js";
import type { PurgedMessageRow, PurgeRow } from "./archive.queries.js";

const LOOK_AGAIN_MS = 3_000;

/** What is being removed for good, and what was: how far it is, and what became of each message. */
export function PurgeList() {
  return (
    <Box component="section" aria-label="Purges">
      <Typography variant="h6" component="h2" sx={{ mt: 2 }}>
        Purges
      </Typography>
      <List
        resource="purges"
        title=" "
        actions={false}
        empty={false}
        perPage={10}
        disableSyncWithLocation
        pagination={<CursorPagination />}
        error={<ListFailure />}
        queryOptions={{ ...SHOWN_IN_PLACE, refetchInterval: LOOK_AGAIN_MS }}
      >
        <Purges />
      </List>
    </Box>
  );
}

function Purges() {
  const { data = [], isPending } = useListContext<PurgeRow>();
  if (data.length === 0) return isPending ? null : <EmptyState title="Nothing was purged" />;
  return (
    <Stack component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
      {data.map((purge) => (
        <PurgeItem key={purge.id} purge={purge} />
      ))}
    </Stack>
  );
}

const KINDS = { FILE: "File", FOLDER: "Folder", USER: "User" } as const;

function copiesInWords({ state, copies, removed }: PurgeRow): string {
  if (copies > 0) return `${removed} of ${copies} copies removed`;
  return state === "DONE" ? "no copy was there" : "copies are being counted";
}

function PurgeItem({ purge }: { purge: PurgeRow }) {
  const [open, setOpen] = useState(false);
  const results = useId();
  const { name, kind, state, requestedAt } = purge;
  return (
    <Box
      component="li"
      aria-label={`Purge of ${name}`}
      sx={{ p: 2, borderBottom: 1, borderColor: "divider" }}
    >
      <Stack direction="row" sx={{ gap: 1, alignItems: "center", flexWrap: "wrap" }}>
        <Typography sx={{ flex: "1 1 12rem", minWidth: 0, overflowWrap: "anywhere" }}>
          {kind !== "FILE" && `${KINDS[kind]} `}
          {name}
        </Typography>
        <StateChip {...PURGE_STATES[state]} />
        <Typography variant="body2" component="span" sx={{ color: "text.secondary" }}>
          {copiesInWords(purge)} · <When date={requestedAt} />
        </Typography>
        <Button
          size="small"
          aria-expanded={open}
          aria-controls={results}
          aria-label={`Results of ${name}`}
          onClick={() => setOpen(!open)}
        >
          Results
        </Button>
      </Stack>
      <PurgeProgress purge={purge} />
      <Collapse in={open} id={results} unmountOnExit>
        <PurgedMessages purge={purge} isFile={kind === "FILE"} />
      </Collapse>
    </Box>
  );
}

function PurgeProgress({ purge: { name, state, copies, removed, error } }: { purge: PurgeRow }) {
  const percent = copies === 0 ? undefined : Math.round((100 * removed) / copies);
  return (
    <>
      {state !== "DONE" && (
        <Box sx={{ mt: 1 }}>
          <ProgressBar label={`Purge of ${name}`} percent={percent} tone={PURGE_STATES[state].tone} />
        </Box>
      )}
      {error != null && (
        <Typography variant="body2" sx={{ color: "error.main", mt: 0.5 }}>
          {error.message}
          {error.nextTryAt != null && (
            <>
              {" "}
              Next try <When date={error.nextTryAt} />.
            </>
          )}
        </Typography>
      )}
    </>
  );
}

/** Of files: what holds the bytes of a folder or an account are the files in it. */
function PurgedMessages({ purge, isFile }: { purge: PurgeRow; isFile: boolean }) {
  const nothing = isFile
    ? "No message held bytes of it, or others still use them."
    : "The files in it, unless they were handed over, are purged one by one; the numbers above are their sum.";
  return (
    <RecordContextProvider value={purge}>
      <ReferenceManyField
        reference="purgedMessages"
        target="purgeId"
        perPage={10}
        pagination={<CursorPagination onlyIfNeeded />}
        empty={
          <Typography variant="body2" sx={{ color: "text.secondary" }}>
            {nothing}
          </Typography>
        }
      >
        <MessageResults />
      </ReferenceManyField>
    </RecordContextProvider>
  );
}

function MessageResults() {
  const { data = [] } = useListContext<PurgedMessageRow & { id: string }>();
  return (
    <Box component="ul" sx={{ m: 0, pl: 2.5 }}>
      {data.map(({ id, chat, messageId, removed, reason, at }) => (
        <Typography component="li" variant="body2" key={id} sx={{ overflowWrap: "anywhere" }}>
          Message {messageId} in chat {chat}:{" "}
          {removed ? "removed" : `still there${reason == null ? "" : `, ${reason}`}`}, <When date={at} />
        </Typography>
      ))}
    </Box>
  );
}
