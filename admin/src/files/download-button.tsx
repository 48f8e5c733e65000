import DownloadIcon from "@mui/icons-material/Download";
import { Button, IconButton, Tooltip } from "@mui/material";
import type { MouseEvent } from "react";
import type { FileRow } from "./file.queries.js";
import { useDownload } from "./use-download.js";

interface DownloadButtonProps {
  file: FileRow;
  compact?: boolean;
}

export function DownloadButton({ file, compact = false }: DownloadButtonProps) {
  const { download, asking, whyNot } = useDownload(file);
  const click = (event: MouseEvent) => {
    event.stopPropagation();
    download();
  };

  if (!compact) {
    return (
      <Tooltip title={whyNot ?? ""}>
        <span>
          <Button
            variant="contained"
            startIcon={<DownloadIcon />}
            loading={asking}
            disabled={whyNot !== undefined}
            onClick={click}
          >
            Download
          </Button>
        </span>
      </Tooltip>
    );
  }
  return (
    <Tooltip title={whyNot ?? "Download"}>
      <span>
        <IconButton
          size="small"
          aria-label={`Download ${file.name}`}
          loading={asking}
          disabled={whyNot !== undefined}
          onClick={click}
        >
          <DownloadIcon fontSize="small" />
        </IconButton>
      </span>
    </Tooltip>
  );
}
