import DownloadIcon from "@mui/icons-material/Download";
import { Alert, AlertTitle, Box, Button, Typography } from "@mui/material";
import { useState } from "react";
import { useDataProvider } from "react-admin";
import type { ConsoleDataProvider } from "../../providers/data-provider.js";
import type { FileRow } from "../file.queries.js";
import { onThisHost } from "../follow-link.js";
import { useDownload } from "../use-download.js";
import { PdfPreview } from "./pdf-preview.js";
import { TextPreview } from "./text-preview.js";
import { useLoaded } from "./use-loaded.js";
import { Waiting } from "./waiting.js";

/** A file to be looked at, in whichever way its kind allows. */
export function FilePreview({ file }: { file: FileRow }) {
  const { previewOf } = useDataProvider<ConsoleDataProvider>();
  const loaded = useLoaded(`${file.id} ${file.state}`, () => previewOf(file.id));
  if (loaded.state === "loading") return <Waiting />;
  if (loaded.state === "failed") return <Alert severity="error">{loaded.reason}</Alert>;
  const { kind, url } = loaded.value;
  if (!url) {
    return (
      <Typography variant="body2" sx={{ color: "text.secondary" }}>
        {kind === "UNSUPPORTED"
          ? "Files of this type can only be downloaded."
          : "There are no bytes to show now."}
      </Typography>
    );
  }
  return <Shown file={file} kind={kind} url={onThisHost(url)} />;
}

type Kind = FileRow["preview"]["kind"];

const PLAYED: readonly Kind[] = ["VIDEO", "AUDIO"];

/** The browser lacks what it takes, or the bytes are not what they are called. */
function Unreadable({ file, kind }: { file: FileRow; kind: Kind }) {
  const { download, asking, whyNot } = useDownload(file);
  return (
    <Alert severity="info">
      <AlertTitle>
        This browser cannot {PLAYED.includes(kind) ? "play" : "show"} {file.name}
      </AlertTitle>
      Its type is {file.mimeType}
      {PLAYED.includes(kind) && ", which may need a codec that this browser lacks"}. Download it and open it
      with another program.
      <Box sx={{ mt: 1.5 }}>
        <Button
          variant="contained"
          size="small"
          startIcon={<DownloadIcon />}
          loading={asking}
          disabled={whyNot !== undefined}
          onClick={download}
        >
          Download
        </Button>
      </Box>
    </Alert>
  );
}

function Shown({ file, kind, url }: { file: FileRow; kind: Kind; url: string }) {
  const [isUnreadable, setUnreadable] = useState(false);
  const giveUp = () => setUnreadable(true);
  if (isUnreadable) {
    return <Unreadable file={file} kind={kind} />;
  }
  const player = { src: url, controls: true, preload: "metadata", "aria-label": file.name, onError: giveUp };
  const fitting = { maxWidth: "100%", maxHeight: "70vh", display: "block", margin: "0 auto" } as const;
  switch (kind) {
    case "IMAGE":
      return <img src={url} alt={file.name} style={fitting} onError={giveUp} />;
    case "VIDEO":
      return <video {...player} style={fitting} />;
    case "AUDIO":
      return <audio {...player} style={{ width: "100%" }} />;
    case "PDF":
      return <PdfPreview url={url} name={file.name} size={file.size} />;
    case "TEXT":
    case "CODE":
    case "MARKDOWN":
      return <TextPreview url={url} name={file.name} isMarkdown={kind === "MARKDOWN"} />;
    case "UNSUPPORTED":
      return null;
  }
}
