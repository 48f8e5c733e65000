import { Alert } from "@mui/material";
import { useEffect } from "react";
import { fetched, useLoaded } from "./use-loaded.js";
import { Waiting } from "./waiting.js";

const LARGEST_BYTES = 50 * 1024 * 1024;

interface PdfPreviewProps {
  url: string;
  name: string;
  size: number;
}

/** The API sandboxes what it shows, and browsers run no PDF viewer in a sandbox: so the page hands it the bytes. */
export function PdfPreview({ url, name, size }: PdfPreviewProps) {
  if (size > LARGEST_BYTES)
    return <Alert severity="info">This document is too large to be shown here.</Alert>;
  return <Document url={url} name={name} />;
}

function Document({ url, name }: Omit<PdfPreviewProps, "size">) {
  const loaded = useLoaded(url, async (signal) => {
    const bytes = await (await fetched(url, signal)).arrayBuffer();
    return URL.createObjectURL(new Blob([bytes], { type: "application/pdf" }));
  });
  const made = loaded.state === "ready" ? loaded.value : undefined;
  useEffect(() => () => URL.revokeObjectURL(made ?? ""), [made]);
  if (loaded.state === "loading") return <Waiting />;
  if (loaded.state === "failed") return <Alert severity="error">{loaded.reason}</Alert>;
  return <iframe src={loaded.value} title={name} style={{ width: "100%", height: "70vh", border: 0 }} />;
}
