import FolderZipIcon from "@mui/icons-material/FolderZipOutlined";
import { Button } from "@mui/material";
import { useDataProvider, useNotify } from "react-admin";
import { useState } from "react";
import type { ConsoleDataProvider } from "../providers/data-provider.js";
import { messageOf } from "../providers/errors.js";
import { followLink } from "./follow-link.js";

interface ZipButtonProps {
  /** A folder, or files. */
  what: { folderId: string } | { ids: string[] };
  disabled?: boolean;
  /** Among the actions on a selection, which look like this. */
  plain?: boolean;
}

/** Saves a folder, or the files that are selected, as one zip. */
export function ZipButton({ what, disabled = false, plain = false }: ZipButtonProps) {
  const { zipLink } = useDataProvider<ConsoleDataProvider>();
  const notify = useNotify();
  const [asking, setAsking] = useState(false);

  const download = () => {
    setAsking(true);
    zipLink(what)
      .then(({ url, name, leftOut }) => {
        followLink(url, name);
        if (leftOut > 0) notify(leftOutText(leftOut), { type: "warning" });
      })
      .catch((error: unknown) => notify(messageOf(error), { type: "error" }))
      .finally(() => setAsking(false));
  };

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

function leftOutText(count: number): string {
  const files = count === 1 ? "One file is" : `${count} files are`;
  return `${files} not in the zip: the bytes are not here yet, or not any more.`;
}
