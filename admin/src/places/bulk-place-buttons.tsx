import ContentCopyIcon from "@mui/icons-material/ContentCopy";
import DriveFileMoveIcon from "@mui/icons-material/DriveFileMoveOutlined";
import { Button } from "@mui/material";
import { useListContext } from "react-admin";
import { useState } from "react";
import { useDropGone } from "../display/use-drop-gone.js";
import type { PlacedKind } from "./place.calls.js";
import { RelocateDialog } from "./relocate-dialog.js";
import type { Relocation } from "./relocate-dialog.js";

/** Moves or copies what is selected in the list around it. */
export function BulkPlaceButtons({ kind }: { kind: PlacedKind }) {
  const { selectedIds, onUnselectItems } = useListContext();
  const dropGone = useDropGone();
  const [deed, setDeed] = useState<Relocation>();
  const ids = selectedIds.map(String);
  const what = ids.length === 1 ? `1 ${kind}` : `${ids.length} ${kind}s`;
  return (
    <>
      <Button size="small" startIcon={<DriveFileMoveIcon />} onClick={() => setDeed("move")}>
        Move
      </Button>
      <Button size="small" startIcon={<ContentCopyIcon />} onClick={() => setDeed("copy")}>
        Copy
      </Button>
      {deed && (
        <RelocateDialog
          deed={deed}
          things={{ kind, ids, what }}
          onClose={() => setDeed(undefined)}
          onDone={onUnselectItems}
          onRefused={(error) => void dropGone(error)}
        />
      )}
    </>
  );
}
