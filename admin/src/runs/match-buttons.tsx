import { Button, Stack } from "@mui/material";
import { useListContext } from "react-admin";
import { useState } from "react";
import { formatFiles } from "../display/format.js";
import { whereOf } from "../files/file.queries.js";
import type { FileFilters } from "../files/no-files.js";
import type { BulkDeed } from "../generated/graphql.js";
import { DEEDS } from "./run-words.js";
import { StartRunDialog } from "./start-run-dialog.js";

/** Does something to all files that the list around it has, on all its pages. */
export function MatchButtons() {
  const list = useListContext();
  const { total = 0, isPending } = list;
  const [deed, setDeed] = useState<BulkDeed>();
  const filter = list.filterValues as FileFilters;
  if (isPending || total === 0) return null;
  return (
    <Stack direction="row" sx={{ gap: 1, flexWrap: "wrap" }}>
      {deedsFor(filter).map((one) => (
        <Button
          key={one}
          size="small"
          variant="outlined"
          color={one === "PURGE" ? "error" : "primary"}
          onClick={() => setDeed(one)}
        >
          {DEEDS[one].verb} all {formatFiles(total)}
        </Button>
      ))}
      {deed && (
        <StartRunDialog
          deed={deed}
          total={total}
          where={whereOf(filter)}
          onClose={() => setDeed(undefined)}
        />
      )}
    </Stack>
  );
}

/** A run is about archived files or about the others; a list of both has more than it would touch. */
function deedsFor({ archived }: FileFilters): readonly BulkDeed[] {
  if (archived === "both") return [];
  return archived === "true" ? ["RESTORE", "PURGE"] : ["ARCHIVE"];
}
