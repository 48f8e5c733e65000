import { Alert, Typography } from "@mui/material";
import { useState } from "react";
import { useDataProvider } from "react-admin";
import type { ConsoleDataProvider } from "../../providers/data-provider.js";
import type { FileRow } from "../file.queries.js";
import { onThisHost } from "../follow-link.js";
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

function Shown({ file, kind, url }: { file: FileRow; kind: FileRow["preview"]["kind"]; url: string }) {
  const [isUnreadable, setUnreadable] = useState(false);
  const giveUp = () => setUnreadable(true);
  if (isUnreadable) {
    return (
      <Alert severity="info">
        This browser cannot show this file here. Download it to open it elsewhere.
      </Alert>
    );
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
