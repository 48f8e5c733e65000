import CreateNewFolderIcon from "@mui/icons-material/DriveFolderUpload";
import UploadFileIcon from "@mui/icons-material/UploadFile";
import { Button, Stack } from "@mui/material";
import { useRef } from "react";
import type { ChangeEvent } from "react";
import { readFolderInput } from "./dropped.js";
import { useUploadQueue } from "./uploads-provider.js";

interface UploadButtonProps {
  /** Where the files go; without it, to the top. */
  folderId?: string;
  withFolder?: boolean;
}

export function UploadButton({ folderId, withFolder = false }: UploadButtonProps) {
  const queue = useUploadQueue();
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);

  const take = ({ target }: ChangeEvent<HTMLInputElement>) => {
    const chosen = [...(target.files ?? [])];
    // Emptied, so that choosing the same file again is a change again.
    target.value = "";
    if (target === files.current) queue.addFiles(chosen, folderId);
    else
      for (const { name, files: named } of readFolderInput(chosen).folders)
        queue.addFolder(name, named, folderId);
  };

  return (
    <Stack
      direction="row"
      sx={{ gap: 1, flexWrap: { xs: "wrap", sm: "nowrap" }, justifyContent: "center", whiteSpace: "nowrap" }}
    >
      <input ref={files} type="file" multiple hidden aria-label="Files to upload" onChange={take} />
      <Button variant="contained" startIcon={<UploadFileIcon />} onClick={() => files.current?.click()}>
        Upload files
      </Button>
      {withFolder && (
        <>
          <input
            ref={folder}
            type="file"
            hidden
            aria-label="Folder to upload"
            onChange={take}
            {...{ webkitdirectory: "" }}
          />
          <Button
            variant="outlined"
            startIcon={<CreateNewFolderIcon />}
            onClick={() => folder.current?.click()}
          >
            Upload folder
          </Button>
        </>
      )}
    </Stack>
  );
}
