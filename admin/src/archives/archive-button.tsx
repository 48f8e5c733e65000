import ArchiveIcon from "@mui/icons-material/ArchiveOutlined";
import { Button, IconButton, Tooltip } from "@mui/material";
import type { ThingKind } from "./archive.queries.js";
import { useArchiveWithUndo } from "./use-archive.js";

interface ArchiveButtonProps {
  kind: ThingKind;
  id: string;
  name: string;
  /** Only the icon, for rows. */
  compact?: boolean;
  size?: "small" | "medium";
}

/** Archives one thing, and offers to undo it. */
export function ArchiveButton({ kind, id, name, compact = false, size = "medium" }: ArchiveButtonProps) {
  const { archive, isPending } = useArchiveWithUndo(kind, `“${name}”`);
  const common = { "aria-label": `Archive ${name}`, onClick: () => archive([id]) };
  if (compact) {
    return (
      <Tooltip title="Archive">
        {/* A disabled button has no pointer events; the tooltip hangs on the span. */}
        <span>
          <IconButton size="small" disabled={isPending} {...common}>
            <ArchiveIcon fontSize="small" />
          </IconButton>
        </span>
      </Tooltip>
    );
  }
  return (
    <Button size={size} variant="outlined" startIcon={<ArchiveIcon />} loading={isPending} {...common}>
      Archive
    </Button>
  );
}
