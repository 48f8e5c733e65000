import StopIcon from "@mui/icons-material/StopCircleOutlined";
import PlaylistAddCheckIcon from "@mui/icons-material/PlaylistAddCheck";
import { Box, Button, Collapse, Stack, Typography } from "@mui/material";
import { useId, useState } from "react";
import { List, useListContext } from "react-admin";
import { ActionButton } from "../display/action-button.js";
import { CursorPagination } from "../display/cursor-pagination.js";
import { EmptyState, ListFailure, SHOWN_IN_PLACE } from "../display/list-states.js";
import { formatFiles } from "../display/format.js";
import { ProgressBar } from "../display/progress-bar.js";
import { StateChip } from "../display/state-chip.js";
import { When } from "../display/values.js";
import { cancelRun } from "./run.calls.js";
import type { BulkRunRow } from "./run.queries.js";
import { RunResults } from "./run-results.js";
import { DEEDS, RUN_STATES } from "./run-words.js";

const LOOK_AGAIN_MS = 2_000;

/** What is being done to all files that matched a filter, and what came of it. */
export function RunList() {
  return (
    <List
      title="Bulk runs"
      actions={false}
      exporter={false}
      perPage={10}
      pagination={<CursorPagination onlyIfNeeded />}
      empty={
        <EmptyState
          icon={<PlaylistAddCheckIcon />}
          title="No bulk runs yet"
          text="Filter the list of files, then archive, restore or purge all that match."
        />
      }
      error={<ListFailure />}
      queryOptions={{ ...SHOWN_IN_PLACE, refetchInterval: LOOK_AGAIN_MS }}
    >
      <Runs />
    </List>
  );
}

function Runs() {
  const { data = [] } = useListContext<BulkRunRow>();
  return (
    <Stack component="ul" aria-label="Bulk runs" sx={{ listStyle: "none", m: 0, p: 0 }}>
      {data.map((run) => (
        <Run key={run.id} run={run} />
      ))}
    </Stack>
  );
}

function Run({ run }: { run: BulkRunRow }) {
  const [open, setOpen] = useState(false);
  const results = useId();
  const { id, deed, state, total, done, failed, reason, stopped, startedAt } = run;
  const title = `${state === "RUNNING" ? DEEDS[deed].going : DEEDS[deed].verb} ${formatFiles(total)}`;
  return (
    <Box component="li" aria-label={title} sx={{ p: 2, borderBottom: 1, borderColor: "divider" }}>
      <Stack direction="row" sx={{ gap: 1, alignItems: "center", flexWrap: "wrap" }}>
        <Typography sx={{ flex: "1 1 12rem", minWidth: 0, overflowWrap: "anywhere" }}>
          {title}
          {reason != null && `: ${reason}`}
        </Typography>
        <StateChip {...RUN_STATES[state]} />
        <Typography variant="body2" component="span" sx={{ color: "text.secondary" }}>
          {done.toLocaleString("en")} {DEEDS[deed].done}
          {failed > 0 && `, ${failed.toLocaleString("en")} refused`} · <When date={startedAt} />
        </Typography>
        {state === "RUNNING" && (
          <ActionButton
            name={`Cancel: ${title}`}
            icon={<StopIcon />}
            act={() => cancelRun(id)}
            done="The run is cancelled. What was done stays done."
          >
            Cancel
          </ActionButton>
        )}
        <Button
          size="small"
          aria-expanded={open}
          aria-controls={results}
          aria-label={`Results of: ${title}`}
          onClick={() => setOpen(!open)}
        >
          Results
        </Button>
      </Stack>
      {state === "RUNNING" && (
        <Box sx={{ mt: 1 }}>
          <ProgressBar label={title} percent={percentDone(run)} tone="blue" />
        </Box>
      )}
      {stopped != null && (
        <Typography variant="body2" sx={{ color: "error.main", mt: 0.5 }}>
          Ended early: {stopped}
        </Typography>
      )}
      <Collapse in={open} id={results} unmountOnExit>
        <RunResults run={run} />
      </Collapse>
    </Box>
  );
}

function percentDone({ total, done, failed }: BulkRunRow): number | undefined {
  return total === 0 ? undefined : Math.min(100, Math.floor((100 * (done + failed)) / total));
}
