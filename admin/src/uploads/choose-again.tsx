import UploadFileIcon from "@mui/icons-material/UploadFile";
import { IconButton, Tooltip } from "@mui/material";
import { useRef } from "react";
import type { ChangeEvent } from "react";
import { readFolderInput } from "./dropped.js";
import type { Upload } from "./upload-queue.js";
import { useUploadQueue } from "./uploads-provider.js";

/** After a reload the browser no longer has the bytes: they are chosen again, and sent to where they were going. */
export function ChooseAgain({ upload: { id, name, source } }: { upload: Upload }) {
  const queue = useUploadQueue();
  const input = useRef<HTMLInputElement>(null);
  const isFolder = source.kind === "lost" && source.was === "folder";

  const take = ({ target }: ChangeEvent<HTMLInputElement>) => {
    const chosen = [...(target.files ?? [])];
    target.value = "";
    if (isFolder) for (const { files } of readFolderInput(chosen).folders) queue.chooseAgain(id, files);
    else if (chosen[0]) queue.chooseAgain(id, chosen[0]);
  };

  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={`${name}, again`}
        onChange={take}
        {...(isFolder && { webkitdirectory: "" })}
      />
      <Tooltip title={isFolder ? "Choose the folder again" : "Choose the file again"}>
        <IconButton size="small" aria-label={`Choose ${name} again`} onClick={() => input.current?.click()}>
          <UploadFileIcon fontSize="small" />
        </IconButton>
      </Tooltip>
    </>
  );
}
