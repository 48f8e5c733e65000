import RestoreIcon from "@mui/icons-material/RestoreOutlined";
import { Button } from "@mui/material";
import { useNotify } from "react-admin";
import type { ThingKind } from "./archive.queries.js";
import { useArchive } from "./use-archive.js";

interface RestoreButtonProps {
  kind: ThingKind;
  ids: readonly string[];
  /** What they are called together. */
  what: string;
  onDone?: () => void;
}

export function RestoreButton({ kind, ids, what, onDone }: RestoreButtonProps) {
  const notify = useNotify();
  const { mutate, isPending } = useArchive("restore", kind, () => {
    notify(`${what} restored.`);
    onDone?.();
  });
  return (
    <Button
      size="small"
      startIcon={<RestoreIcon />}
      loading={isPending}
      aria-label={`Restore ${what}`}
      onClick={() => mutate(ids)}
    >
      Restore
    </Button>
  );
}
