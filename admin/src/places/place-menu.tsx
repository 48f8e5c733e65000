import MoreVertIcon from "@mui/icons-material/MoreVert";
import { IconButton, Menu, MenuItem, Tooltip } from "@mui/material";
import { useGetIdentity } from "react-admin";
import { useState } from "react";
import type { PlacedKind } from "./place.calls.js";
import { RelocateDialog } from "./relocate-dialog.js";
import { RenameDialog } from "./rename-dialog.js";

interface PlaceMenuProps {
  kind: PlacedKind;
  thing: { id: string; name: string; owner?: { id: string } | null };
}

type Choice = "rename" | "move" | "copy";

/** What can be done about a thing's name and place. Only the owner has folders to move it to. */
export function PlaceMenu({ kind, thing }: PlaceMenuProps) {
  const { id, name, owner } = thing;
  const { identity } = useGetIdentity();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [chosen, setChosen] = useState<Choice>();
  const isOwn = owner?.id === identity?.id;
  const choose = (choice: Choice) => {
    setAnchor(null);
    setChosen(choice);
  };
  const done = () => setChosen(undefined);
  return (
    <span onClick={(event) => event.stopPropagation()}>
      <Tooltip title="More">
        <IconButton
          size="small"
          aria-label={`More for ${name}`}
          aria-haspopup="menu"
          aria-expanded={anchor !== null}
          onClick={({ currentTarget }) => setAnchor(currentTarget)}
        >
          <MoreVertIcon fontSize="small" />
        </IconButton>
      </Tooltip>
      <Menu anchorEl={anchor} open={anchor !== null} onClose={() => setAnchor(null)}>
        <MenuItem onClick={() => choose("rename")}>Rename</MenuItem>
        {isOwn && <MenuItem onClick={() => choose("move")}>Move to…</MenuItem>}
        {isOwn && <MenuItem onClick={() => choose("copy")}>Copy to…</MenuItem>}
      </Menu>
      {chosen === "rename" && <RenameDialog {...{ kind, id, name }} onClose={done} />}
      {(chosen === "move" || chosen === "copy") && (
        <RelocateDialog deed={chosen} things={{ kind, ids: [id], what: `“${name}”` }} onClose={done} />
      )}
    </span>
  );
}
