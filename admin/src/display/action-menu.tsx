import MoreVertIcon from "@mui/icons-material/MoreVert";
import { IconButton, ListItemIcon, ListItemText, Menu, MenuItem, Tooltip } from "@mui/material";
import { useId, useRef, useState } from "react";
import type { ReactNode } from "react";

export interface MenuEntry {
  label: string;
  icon: ReactNode;
  act: () => void;
  /** Why it cannot be done now. */
  whyNot?: string | undefined;
}

/** Everything that can be done with one thing, behind one button. */
export function ActionMenu({ name, entries }: { name: string; entries: readonly MenuEntry[] }) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const chosen = useRef<MenuEntry>(undefined);
  const id = useId();
  const choose = (entry: MenuEntry) => {
    chosen.current = entry;
    setAnchor(null);
  };
  // Not before the menu is away: what it opens has to give the focus back to the button, not to an entry that is gone.
  const act = () => {
    chosen.current?.act();
    chosen.current = undefined;
  };
  return (
    <>
      <Tooltip title="More">
        <IconButton
          size="small"
          id={id}
          aria-label={`More for ${name}`}
          aria-haspopup="menu"
          aria-expanded={anchor !== null}
          onClick={({ currentTarget }) => setAnchor(currentTarget)}
        >
          <MoreVertIcon fontSize="small" />
        </IconButton>
      </Tooltip>
      <Menu
        anchorEl={anchor}
        open={anchor !== null}
        onClose={() => setAnchor(null)}
        slotProps={{ list: { "aria-labelledby": id }, transition: { onExited: act } }}
      >
        {entries.map((entry) => (
          <Entry key={entry.label} entry={entry} onChoose={() => choose(entry)} />
        ))}
      </Menu>
    </>
  );
}

function Entry({ entry: { label, icon, whyNot }, onChoose }: { entry: MenuEntry; onChoose: () => void }) {
  return (
    <MenuItem disabled={whyNot !== undefined} onClick={onChoose}>
      <ListItemIcon sx={{ "& svg": { fontSize: "1.25rem" } }}>{icon}</ListItemIcon>
      <ListItemText secondary={whyNot} slotProps={{ secondary: { sx: { whiteSpace: "normal" } } }}>
        {label}
      </ListItemText>
    </MenuItem>
  );
}
