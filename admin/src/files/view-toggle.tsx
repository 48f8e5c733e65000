import GridViewIcon from "@mui/icons-material/GridView";
import ViewListIcon from "@mui/icons-material/ViewList";
import { ToggleButton, ToggleButtonGroup } from "@mui/material";
import { useStore } from "react-admin";

export type FilesView = "list" | "grid";

/** How files are shown everywhere; the browser remembers it. */
export function useFilesView() {
  return useStore<FilesView>("files.view", "list");
}

export function ViewToggle() {
  const [view, setView] = useFilesView();
  return (
    <ToggleButtonGroup
      exclusive
      size="small"
      aria-label="View"
      value={view}
      onChange={(_, chosen: FilesView | null) => setView(chosen ?? view)}
    >
      <ToggleButton value="list" aria-label="List">
        <ViewListIcon fontSize="small" />
      </ToggleButton>
      <ToggleButton value="grid" aria-label="Grid">
        <GridViewIcon fontSize="small" />
      </ToggleButton>
    </ToggleButtonGroup>
  );
}
