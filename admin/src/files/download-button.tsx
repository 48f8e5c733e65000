import DownloadIcon from "@mui/icons-material/Download";
import { Button, IconButton, Tooltip } from "@mui/material";
import { useDataProvider, useNotify } from "react-admin";
import { useState } from "react";
import type { MouseEvent } from "react";
import type { FileState } from "../generated/graphql.js";
import type { ConsoleDataProvider } from "../providers/data-provider.js";
import { messageOf } from "../providers/errors.js";
import type { FileRow } from "./file.queries.js";
import { followLink } from "./follow-link.js";

const WITHOUT_BYTES: Partial<Record<FileState, string>> = {
  RECEIVING: "The file is still being received.",
  CANCELLED: "The transfer was cancelled, and the bytes with it.",
  LOST: "No copy of this file is left.",
};

interface DownloadButtonProps {
  file: FileRow;
  compact?: boolean;
}

export function DownloadButton({ file, compact = false }: DownloadButtonProps) {
  const { downloadUrl } = useDataProvider<ConsoleDataProvider>();
  const notify = useNotify();
  const [asking, setAsking] = useState(false);
  const whyNot = WITHOUT_BYTES[file.state];

  const download = (event: MouseEvent) => {
    event.stopPropagation();
    setAsking(true);
    downloadUrl(file.id)
      .then((url) => followLink(url, file.name))
      .catch((error: unknown) => notify(messageOf(error), { type: "error" }))
      .finally(() => setAsking(false));
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
            onClick={download}
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
          onClick={download}
        >
          <DownloadIcon fontSize="small" />
        </IconButton>
      </span>
    </Tooltip>
  );
}
