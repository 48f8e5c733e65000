import FolderZipIcon from "@mui/icons-material/FolderZipOutlined";
import { Button } from "@mui/material";
import { useZip } from "./use-zip.js";
import type { Zipped } from "./use-zip.js";

interface ZipButtonProps {
  what: Zipped;
  disabled?: boolean;
  /** Among the actions on a selection, which look like this. */
  plain?: boolean;
}

/** Saves a folder, or the files that are selected, as one zip. */
export function ZipButton({ what, disabled = false, plain = false }: ZipButtonProps) {
  const { download, asking } = useZip(what);
  return (
    <Button
      variant={plain ? "text" : "outlined"}
      size={plain ? "small" : "medium"}
      startIcon={<FolderZipIcon />}
      loading={asking}
      disabled={disabled}
      onClick={download}
    >
      Download as zip
    </Button>
  );
}
