import { Button, Checkbox, Stack, Typography } from "@mui/material";
import type { SxProps } from "@mui/material";
import { alpha } from "@mui/material/styles";
import { useListContext } from "react-admin";
import type { ReactNode } from "react";

/** In pixels, as high as it is. */
const BELOW_APP_BAR = 48;

interface SelectionBarProps {
  /** One of the things that are selected. */
  thing: string;
  /** What can be done with them. */
  children: ReactNode;
}

/** Above cards and tiles, once some are selected. Tables have one of their own. */
export function SelectionBar({ thing, children }: SelectionBarProps) {
  const { data = [], selectedIds, onSelect, onUnselectItems } = useListContext<{ id: string }>();
  if (selectedIds.length === 0) return null;
  const missing = data.filter(({ id }) => !selectedIds.includes(id));
  return (
    <Stack
      direction="row"
      role="toolbar"
      aria-label={`Selected ${thing}s`}
      sx={(theme) => ({
        // Under the bar of the page: on a phone, what is selected is further down.
        ...{ position: "sticky", top: BELOW_APP_BAR, zIndex: 2 },
        ...{ gap: 0.5, px: 1.5, py: 0.5, alignItems: "center", flexWrap: "wrap" },
        bgcolor: "background.paper",
        backgroundImage: `linear-gradient(${alpha(theme.palette.primary.main, 0.12)} 0 0)`,
        borderBottom: 1,
        borderColor: "divider",
      })}
    >
      <Typography variant="body2" role="status" sx={{ flex: "1 1 auto" }}>
        {selectedIds.length === 1 ? `1 ${thing} selected` : `${selectedIds.length} ${thing}s selected`}
      </Typography>
      {children}
      {missing.length > 0 && (
        <Button size="small" onClick={() => onSelect([...selectedIds, ...missing.map(({ id }) => id)])}>
          Select all here
        </Button>
      )}
      <Button size="small" onClick={() => onUnselectItems()}>
        Unselect
      </Button>
    </Stack>
  );
}

/** Selects one thing of the list around it. */
export function SelectBox({ id, name, sx = {} }: { id: string; name: string; sx?: SxProps }) {
  const { selectedIds, onToggleItem } = useListContext();
  return (
    <Checkbox
      size="small"
      checked={selectedIds.includes(id)}
      onChange={() => onToggleItem(id)}
      slotProps={{ input: { "aria-label": `Select ${name}` } }}
      sx={sx}
    />
  );
}
