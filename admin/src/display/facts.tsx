import { Box, Typography } from "@mui/material";
import type { ReactNode } from "react";

/** What is known of a thing, name by name; one column on a phone. */
export function Facts({ children }: { children: ReactNode }) {
  return (
    <Box
      component="dl"
      sx={{
        m: 0,
        display: "grid",
        gridTemplateColumns: { xs: "1fr", sm: "9rem 1fr" },
        columnGap: 2,
        rowGap: { xs: 0.25, sm: 1.25 },
        "& dd": { m: 0, mb: { xs: 1.25, sm: 0 }, minWidth: 0, overflowWrap: "anywhere" },
      }}
    >
      {children}
    </Box>
  );
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <Typography component="dt" variant="body2" sx={{ color: "text.secondary" }}>
        {name}
      </Typography>
      <Typography component="dd" variant="body2">
        {children}
      </Typography>
    </>
  );
}
