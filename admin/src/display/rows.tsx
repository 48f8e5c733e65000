import { Box } from "@mui/material";
import type { ReactNode } from "react";

/** A plain list whose rows are ruled off; read by assistive technology as a list. */
export function Rows({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Box component="ul" aria-label={label} sx={{ listStyle: "none", m: 0, p: 0 }}>
      {children}
    </Box>
  );
}

export function Row({ children }: { children: ReactNode }) {
  return (
    <Box
      component="li"
      sx={{ px: 2, py: 1.25, "&:not(:first-of-type)": { borderTop: 1, borderColor: "divider" } }}
    >
      {children}
    </Box>
  );
}
