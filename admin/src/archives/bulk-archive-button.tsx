import ArchiveIcon from "@mui/icons-material/ArchiveOutlined";
import { Button } from "@mui/material";
import { useListContext } from "react-admin";
import { useDropGone } from "../display/use-drop-gone.js";
import type { ThingKind } from "./archive.queries.js";
import { useArchiveWithUndo } from "./use-archive.js";

/** Archives what is selected in the list around it, and offers to undo it. */
export function BulkArchiveButton({ kind }: { kind: ThingKind }) {
  const { selectedIds, onUnselectItems } = useListContext();
  const ids = selectedIds.map(String);
  const what = ids.length === 1 ? `1 ${kind}` : `${ids.length} ${kind}s`;
  const dropGone = useDropGone();
  const { archive, isPending } = useArchiveWithUndo(kind, what, onUnselectItems, dropGone);
  return (
    <Button size="small" startIcon={<ArchiveIcon />} loading={isPending} onClick={() => archive(ids)}>
      Archive
    </Button>
  );
}
