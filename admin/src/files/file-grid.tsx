import { Typography } from "@mui/material";
import { useListContext } from "react-admin";
import { formatBytes } from "../display/format.js";
import { ResourceLink } from "../display/resource-link.js";
import { SelectionBar } from "../display/selection.js";
import { Tile, Tiles } from "../display/tiles.js";
import { FileActions } from "./file-actions.js";
import { FileBulkActions } from "./file-bulk-actions.js";
import type { FileRow } from "./file.queries.js";
import { FileStateView } from "./live-file-state.js";
import { Thumbnail } from "./preview/thumbnail.js";

/** Files of the list or reference around it as tiles, with their pictures. */
export function FileGrid() {
  const { data = [] } = useListContext<FileRow>();
  return (
    <>
      <SelectionBar thing="file">
        <FileBulkActions />
      </SelectionBar>
      <Tiles label="Files">
        {data.map((file) => (
          <Tile
            key={file.id}
            id={file.id}
            name={file.name}
            picture={<Thumbnail file={file} large />}
            actions={<FileActions file={file} />}
          >
            <ResourceLink resource="files" id={file.id}>
              {file.name}
            </ResourceLink>
            <Typography variant="body2" sx={{ color: "text.secondary" }}>
              {formatBytes(file.size)}
            </Typography>
            {file.state !== "STORED" && <FileStateView file={file} />}
          </Tile>
        ))}
      </Tiles>
    </>
  );
}
