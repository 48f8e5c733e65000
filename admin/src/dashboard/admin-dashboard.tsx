import { Box, Stack } from "@mui/material";
import { CountTiles } from "./count-tiles.js";
import { DaysCard } from "./days-card.js";
import { LiveTransfersCard } from "./live-transfers-card.js";
import { StateCards } from "./state-cards.js";
import type { FileCounts } from "./counts.js";
import { LargestCards } from "./largest-cards.js";
import type { Counters } from "./statistics.documents.js";
import { useCounters } from "./use-counters.js";

/** What an administrator wants to know at a glance: how much there is, what moves, what failed, what happened. */
export function AdminDashboard() {
  const counters = useCounters();
  return (
    <Stack sx={{ gap: 2.5 }}>
      <Box sx={{ display: "grid", gap: 2.5, order: { xs: 1, sm: 0 } }}>
        <CountTiles totals={counters?.totals} />
        <StateCards counts={counters && byState(counters)} />
      </Box>
      <LiveTransfersCard />
      <Stack sx={{ gap: 2.5, order: 2 }}>
        <DaysCard today={counters?.today} />
        <LargestCards />
      </Stack>
    </Stack>
  );
}

function byState({ totals }: Counters): FileCounts {
  const count = (...states: string[]) =>
    totals.filesByState.reduce((sum, { state, files }) => sum + (states.includes(state) ? files : 0), 0);
  return {
    all: totals.files,
    stored: count("STORED"),
    moving: count("RECEIVING", "STAGED", "TRANSFERRING"),
    degraded: count("DEGRADED"),
    failed: count("FAILED", "LOST"),
  };
}
