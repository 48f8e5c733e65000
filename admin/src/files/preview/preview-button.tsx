import VisibilityIcon from "@mui/icons-material/VisibilityOutlined";
import { IconButton, Tooltip } from "@mui/material";
import { useState } from "react";
import type { MouseEvent } from "react";
import { Lasting } from "../../display/lasting.js";
import type { FileRow } from "../file.queries.js";
import { PreviewDrawer } from "./preview-drawer.js";

/** Opens a drawer in which the file is shown, without leaving the list. */
export function PreviewButton({ file }: { file: FileRow }) {
  const [open, setOpen] = useState(false);
  const { kind } = file.preview;
  if (kind === "UNSUPPORTED") return null;
  const show = (event: MouseEvent) => {
    event.stopPropagation();
    setOpen(true);
  };
  return (
    <>
      <Tooltip title="Preview">
        <IconButton size="small" aria-label={`Preview ${file.name}`} onClick={show}>
          <VisibilityIcon fontSize="small" />
        </IconButton>
      </Tooltip>
      {open && (
        <Lasting onClose={() => setOpen(false)}>
          {(close) => <PreviewDrawer file={file} open onClose={close} />}
        </Lasting>
      )}
    </>
  );
}
