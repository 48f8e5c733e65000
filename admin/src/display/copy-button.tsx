import ContentCopyIcon from "@mui/icons-material/ContentCopy";
import { IconButton, Tooltip } from "@mui/material";
import { useNotify } from "react-admin";

/** Absent where the browser has no clipboard to write to, as on plain http beyond localhost. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const notify = useNotify();
  const clipboard = "clipboard" in navigator ? navigator.clipboard : undefined;
  if (!clipboard) return null;

  const copy = () => {
    clipboard.writeText(text).then(
      () => notify("Copied", { type: "info", autoHideDuration: 1500 }),
      () => notify("The browser did not allow copying.", { type: "warning" }),
    );
  };
  return (
    <Tooltip title={label}>
      <IconButton size="small" aria-label={label} onClick={copy}>
        <ContentCopyIcon fontSize="inherit" />
      </IconButton>
    </Tooltip>
  );
}
