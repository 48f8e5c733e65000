import { Alert, Stack, Typography } from "@mui/material";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { formatFiles } from "../display/format.js";
import { ProgressBar } from "../display/progress-bar.js";
import { graphql } from "../generated/gql.js";
import { fetchData } from "../providers/calls.js";
import { readAllAgain } from "../providers/read-all-again.js";

const LOOK_AGAIN_MS = 1_000;

const FolderCopyDocument = graphql(`
  query FolderCopy($id: ID!) {
    folder(id: $id) {
      id
      copy {
        state
        total
        done
        failed
        awaited
        stopped
      }
    }
  }
`);

/** How far the folder is copied from another one. The page shows what has come when it is done. */
export function CopyProgress({ folderId, name }: { folderId: string; name: string }) {
  const queries = useQueryClient();
  const { data: copy } = useQuery({
    queryKey: ["folder-copy", folderId],
    queryFn: async () => (await fetchData(FolderCopyDocument, { id: folderId })).folder.copy ?? null,
    refetchInterval: ({ state }) => (state.data?.state === "RUNNING" ? LOOK_AGAIN_MS : false),
  });
  const wasRunning = useRef(false);
  const isRunning = copy?.state === "RUNNING";
  useEffect(() => {
    if (wasRunning.current && !isRunning) void readAllAgain(queries);
    wasRunning.current = isRunning;
  }, [isRunning, queries]);

  if (copy?.stopped != null) {
    return <Alert severity="warning">Not everything was copied into this folder. {copy.stopped}</Alert>;
  }
  if (!isRunning) return null;
  const { total, done, failed, awaited } = copy;
  const dealtWith = done + failed;
  return (
    <Stack role="status" sx={{ gap: 0.75 }}>
      <Typography variant="body2">
        Being copied: {dealtWith} of {formatFiles(total)}. {whyItTakes(awaited)}
      </Typography>
      <ProgressBar
        label={`Copy of ${name}`}
        tone="blue"
        percent={total === 0 ? undefined : Math.min(100, (100 * dealtWith) / total)}
      />
    </Stack>
  );
}

function whyItTakes(awaited: number): string {
  if (awaited === 0) return "It goes on by itself.";
  const which = awaited === 1 ? "One is" : `${awaited} are`;
  return `${which} still on the way to Telegram and will be copied once stored.`;
}
