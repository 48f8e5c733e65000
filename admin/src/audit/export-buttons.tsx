import DownloadIcon from "@mui/icons-material/Download";
import { Button } from "@mui/material";
import { useMutation } from "@tanstack/react-query";
import { FilterButton, TopToolbar, useListContext, useNotify } from "react-admin";
import { messageOf } from "../providers/errors.js";
import { saveAuditLog } from "./audit-export.js";
import type { AuditFormat } from "./audit-export.js";
import type { AuditFilters } from "./audit.queries.js";

const FORMATS: Record<AuditFormat, string> = { csv: "CSV", jsonl: "JSON Lines" };

/** Saves all that the filters leave, not only this page. */
export function ExportButtons({ hasMoreFilters }: { hasMoreFilters: boolean }) {
  const filters = useListContext().filterValues as AuditFilters;
  const notify = useNotify();
  const { mutate, isPending, variables } = useMutation({
    mutationFn: (format: AuditFormat) => saveAuditLog(format, filters),
    onError: (error) => notify(messageOf(error), { type: "error" }),
  });
  return (
    <TopToolbar>
      {hasMoreFilters && <FilterButton />}
      {(["csv", "jsonl"] as const).map((format) => (
        <Button
          key={format}
          variant="outlined"
          startIcon={<DownloadIcon />}
          loading={isPending && variables === format}
          onClick={() => mutate(format)}
          sx={{ whiteSpace: "nowrap" }}
        >
          {FORMATS[format]}
        </Button>
      ))}
    </TopToolbar>
  );
}
