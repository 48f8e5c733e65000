import FolderIcon from "@mui/icons-material/FolderOutlined";
import { Box, Typography } from "@mui/material";
import { useListContext } from "react-admin";
import { ResourceLink } from "../display/resource-link.js";
import { SelectionBar } from "../display/selection.js";
import { StateChip } from "../display/state-chip.js";
import { Tile, Tiles } from "../display/tiles.js";
import { FOLDER_STATES } from "../display/tones.js";
import { FolderActions } from "./folder-actions.js";
import { FolderBulkActions } from "./folder-bulk-actions.js";
import { FolderPlace } from "./folder-place.js";
import { contentsText } from "./folder-text.js";
import type { FolderRow } from "./folder.queries.js";

const HEIGHT = 88;

/** Folders of the list or reference around it as tiles. */
export function FolderGrid() {
  const { data = [] } = useListContext<FolderRow>();
  return (
    <>
      <SelectionBar thing="folder">
        <FolderBulkActions />
      </SelectionBar>
      <Tiles label="Folders">
        {data.map((folder) => (
          <Tile
            key={folder.id}
            id={folder.id}
            name={folder.name}
            picture={<FolderPicture />}
            actions={<FolderActions folder={folder} />}
          >
            <ResourceLink resource="folders" id={folder.id}>
              {folder.name}
            </ResourceLink>
            <FolderPlace folder={folder} />
            <Typography variant="body2" sx={{ color: "text.secondary" }}>
              {contentsText(folder)}
            </Typography>
            {folder.state !== "STORED" && folder.state !== "EMPTY" && (
              <Box>
                <StateChip {...FOLDER_STATES[folder.state]} />
              </Box>
            )}
          </Tile>
        ))}
      </Tiles>
    </>
  );
}

function FolderPicture() {
  return (
    <Box
      aria-hidden
      sx={{
        height: HEIGHT,
        display: "grid",
        placeItems: "center",
        bgcolor: "action.hover",
        color: "text.secondary",
      }}
    >
      <FolderIcon fontSize="large" />
    </Box>
  );
}
