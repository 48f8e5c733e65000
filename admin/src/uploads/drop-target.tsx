import UploadFileIcon from "@mui/icons-material/UploadFile";
import { Backdrop, Stack, Typography } from "@mui/material";
import { useNotify } from "react-admin";
import { useEffect, useState } from "react";
import { useMatch } from "react-router-dom";
import { messageOf } from "../providers/errors.js";
import { readDrop } from "./dropped.js";
import { useUploadQueue } from "./uploads-provider.js";

/** The whole window takes drops, on every page. On the page of a folder, files go into that folder. */
export function DropTarget() {
  const queue = useUploadQueue();
  const notify = useNotify();
  const [over, setOver] = useState(false);
  const folderId = useMatch("/folders/:id/show")?.params.id;

  useEffect(() => {
    const enter = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setOver(false);
      readDrop(event.dataTransfer).then(
        ({ files, folders }) => {
          queue.addFiles(files, folderId);
          for (const folder of folders) queue.addFolder(folder.name, folder.files, folderId);
        },
        (error: unknown) =>
          notify(`What was dropped could not be read: ${messageOf(error)}`, { type: "error" }),
      );
    };
    window.addEventListener("dragenter", enter);
    window.addEventListener("dragover", enter);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragenter", enter);
      window.removeEventListener("dragover", enter);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
    };
  }, [queue, notify, folderId]);

  return (
    <Backdrop
      open={over}
      sx={(theme) => ({ zIndex: theme.zIndex.modal + 1, color: "#fff", pointerEvents: "none" })}
    >
      <Stack sx={{ alignItems: "center", gap: 1 }}>
        <UploadFileIcon sx={{ fontSize: 56 }} />
        <Typography variant="h5">
          {folderId ? "Drop to upload into this folder" : "Drop to upload"}
        </Typography>
      </Stack>
    </Backdrop>
  );
}
