import { Box, Stack } from "@mui/material";
import type { ReactNode } from "react";
import { useListContext } from "react-admin";
import { SelectBox } from "./selection.js";

const TILE = 168;

/** A grid of tiles; read by assistive technology as a list. */
export function Tiles({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Box
      component="ul"
      aria-label={label}
      sx={{
        listStyle: "none",
        ...{ m: 0, p: 1.5 },
        display: "grid",
        gap: 1.5,
        gridTemplateColumns: { xs: "repeat(2, 1fr)", sm: `repeat(auto-fill, minmax(${TILE}px, 1fr))` },
      }}
    >
      {children}
    </Box>
  );
}

interface TileProps {
  id: string;
  name: string;
  /** What fills the upper half. */
  picture: ReactNode;
  /** At the bottom. */
  actions: ReactNode;
  children: ReactNode;
}

/** One thing of the list around it, which can be selected. */
export function Tile({ id, name, picture, actions, children }: TileProps) {
  const selected = useListContext().selectedIds.includes(id);
  return (
    <Stack
      component="li"
      sx={{
        position: "relative",
        minWidth: 0,
        border: 1,
        borderColor: selected ? "primary.main" : "divider",
        borderRadius: 1,
        overflow: "hidden",
      }}
    >
      {picture}
      <SelectBox
        id={id}
        name={name}
        sx={{ position: "absolute", top: 4, left: 4, p: 0.25, bgcolor: "background.paper", borderRadius: 1 }}
      />
      <Stack sx={{ p: 1, gap: 0.5, flex: 1 }}>
        {children}
        <Stack direction="row" sx={{ mt: "auto", justifyContent: "flex-end", flexWrap: "wrap" }}>
          {actions}
        </Stack>
      </Stack>
    </Stack>
  );
}
